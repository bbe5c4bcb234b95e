# The CPU back end, compiled once for this machine, or several times for a program that chooses when it
# runs. See "Any x86-64" in docs/architecture.md.
set(POLYAK_CHOOSES_INSTRUCTION_SET OFF)
if(NOT POLYAK_NATIVE AND CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  set(POLYAK_CHOOSES_INSTRUCTION_SET ON)
  find_program(POLYAK_GNU_LINKER NAMES ld.bfd ld REQUIRED)  # for Clang, CMake would take LLVM's
  mark_as_advanced(POLYAK_GNU_LINKER)
endif()

# polyak_compile_for_every_instruction_set(objects source...) : sets the variable `objects` to one
# object file per instruction set, made of all the sources. Its only global symbol is its
# CpuEntryPoints. All others are made local: were an inline function that uses AVX-512 still a weak
# symbol, the linker might take it for the whole program's. For that ld puts the members of COMDAT
# groups among the ordinary sections; GNU_UNIQUE symbols, which only GCC makes, could not be made
# local.
function(polyak_compile_for_every_instruction_set objects)
  foreach(level x86-64 x86-64-v3 x86-64-v4)
    string(MAKE_C_IDENTIFIER polyak_cpu_${level} name)
    add_library(${name} OBJECT ${ARGN})
    polyak_configure_library(${name})
    polyak_compile_together(${name})
    target_compile_options(${name} PRIVATE -march=${level} $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>)
    target_compile_definitions(${name} PRIVATE POLYAK_CPU_ENTRY_POINTS=${name})
    set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.o)
    add_custom_command(OUTPUT ${object}
      COMMAND ${POLYAK_GNU_LINKER} -r --force-group-allocation -o ${object} $<TARGET_OBJECTS:${name}>
      COMMAND ${CMAKE_OBJCOPY} --keep-global-symbol=${name} ${object}
      DEPENDS ${name} $<TARGET_OBJECTS:${name}> COMMAND_EXPAND_LISTS VERBATIM
      COMMENT "CPU back end for ${level}")
    set_source_files_properties(${object} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
    list(APPEND made ${object})
  endforeach()
  set(${objects} ${made} PARENT_SCOPE)
endfunction()
