# Flags for every target of the project, gathered in the interface target polyak_flags. It is linked
# PRIVATE, so users of the installed library do not inherit it. Warnings are errors only where
# CMAKE_COMPILE_WARNING_AS_ERROR says so, as CI does: a newer compiler must not stop a user's build.
# POLYAK_MAY_SHADOW is a property of targets that -Wshadow would hinder.
set(polyak_warnings -Wall -Wextra -Wconversion
  $<$<NOT:$<BOOL:$<TARGET_PROPERTY:POLYAK_MAY_SHADOW>>>:-Wshadow>)
add_library(polyak_flags INTERFACE)
target_compile_options(polyak_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:${polyak_warnings}>)

# The same bits everywhere: each operation is rounded by itself, as IEEE 754 has it, and fused only
# where the source says fmaf. Without -fmad=false ptxas fuses a multiplication and an addition even
# where the PTX has them apart.
target_compile_options(polyak_flags INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-ffp-contract=off>
  $<$<COMPILE_LANGUAGE:CUDA>:-fmad=false;-prec-div=true;-prec-sqrt=true;-ftz=false>
  $<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-ffp-contract=off>)

target_compile_options(polyak_flags INTERFACE
  # No code here reads errno after a square root, and with it the loops of Adam would not vectorise.
  $<$<COMPILE_LANGUAGE:CXX>:-fno-math-errno>
  # GCC 12 reports overlaps inside std::string's operator+ that are not there (GCC PR 105651).
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:-Wno-restrict>
  # GCC looks for memory that it can use again from some 100 MB on, in an eighth of the time that it
  # compiles tests for; now from 1 GB on (in KiB).
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:--param=ggc-min-heapsize=1000000>
  # GCC clears the upper halves of vector registers, before it calls what does not know of them, from
  # -O2 on or with this. A program for this machine would otherwise run SSE's instructions, as those
  # for SHA-256 are, up to two hundred times slower.
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:-fexpensive-optimizations>
  # Clang, used for the sanitizers, calls a parameter with the name of a static member shadowing,
  # counts signs among conversions, and does not know GCC's pragmas.
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:Clang>>:-Wno-shadow;-Wno-sign-conversion;-Wno-unknown-pragmas>)

# polyak_optimise_little(target) : for what is not hot, only takes longer to compile if optimised and
# calls the library, which is optimised: reading and writing files, the command line, the tests.
function(polyak_optimise_little target)
  target_compile_options(${target} PRIVATE
    $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CONFIG:Release>>:-O1>
    $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CONFIG:RelWithDebInfo>>:-O0>)
endfunction()

# polyak_compile_together(target) : several files in one go, where most of the time goes into the
# same headers. No two of the target's files may then have the same name in an anonymous namespace.
# Files with definitions or options of their own are still compiled alone.
function(polyak_compile_together target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${POLYAK_COMPILE_TOGETHER}
    UNITY_BUILD_BATCH_SIZE ${POLYAK_FILES_TOGETHER})
endfunction()

# polyak_sort_by_large_headers(target) : puts files next to each other that read the same large headers,
# so that as few groups as possible read them and compile what they define.
function(polyak_sort_by_large_headers target)
  get_target_property(sources ${target} SOURCES)
  set(sorted)
  foreach(source IN LISTS sources)
    file(STRINGS "${source}" headers REGEX "^#include <(CLI|nlohmann|toml[+][+]|regex)[/>]")
    list(JOIN headers "" headers)
    list(APPEND sorted "${headers}|${source}")
  endforeach()
  list(SORT sorted)
  list(TRANSFORM sorted REPLACE "^.*[|]" "")
  set_property(TARGET ${target} PROPERTY SOURCES ${sorted})
endfunction()

if(POLYAK_SANITIZER)
  # GCC's own documentation says that sanitizers make it see uninitialised variables where there are
  # none; GCC 12 does so inside std::regex.
  target_compile_options(polyak_flags INTERFACE
    $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:-Wno-maybe-uninitialized>)
endif()

if(POLYAK_NATIVE)
  target_compile_options(polyak_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-march=native>)
endif()

if(POLYAK_SANITIZER STREQUAL "address")
  # AddressSanitizer finds what UndefinedBehaviorSanitizer's checks of null pointers and of objects'
  # sizes would find, which take a fifth to a half of the time to compile.
  set(sanitizer_flags -fsanitize=address,undefined -fno-sanitize=null,object-size
                      -fno-sanitize-recover=all -fno-omit-frame-pointer)
  # Clang would look for uses of locals after their function has returned, by a second stack that
  # each of the emulator's fibers would have to allocate: tests took up to twenty times as long.
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    list(APPEND sanitizer_flags -fsanitize-address-use-after-return=never)
  endif()
elseif(POLYAK_SANITIZER STREQUAL "thread")
  set(sanitizer_flags -fsanitize=thread)
elseif(POLYAK_SANITIZER)
  message(FATAL_ERROR "POLYAK_SANITIZER=${POLYAK_SANITIZER}: use address or thread, or leave it empty")
endif()
if(sanitizer_flags)
  target_compile_options(polyak_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:${sanitizer_flags}>)
  target_link_options(polyak_flags INTERFACE ${sanitizer_flags})
endif()
