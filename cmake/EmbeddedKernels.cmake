# Kernels that are compiled when the program runs, by NVRTC: their source, with all that it includes, is
# a part of the program. polyak_runtime_compilation has what needs no GPU. Included by src/.
if(NOT POLYAK_HAVE_CUDA_HEADERS)
  return()
endif()
set(kernels_folder ${CMAKE_CURRENT_BINARY_DIR}/embedded_kernels)

# NVRTC has neither a standard library nor, because it knows what is in them, CUDA's headers.
foreach(header array bit cfloat cmath concepts cstddef cstdint cstring optional span string
               string_view type_traits utility vector)
  file(CONFIGURE OUTPUT ${kernels_folder}/include/${header}
       CONTENT "#include \"kernels/runtime_compilation/standard_library.hpp\"\n")
endforeach()
foreach(header cuda_runtime.h cuda_runtime_api.h)
  file(CONFIGURE OUTPUT ${kernels_folder}/include/${header} CONTENT "#pragma once\n")
endforeach()

list(TRANSFORM CUDAToolkit_INCLUDE_DIRS PREPEND -isystem OUTPUT_VARIABLE toolkit_includes)
# By the C++ compiler, as NVRTC would: __CUDA_ARCH__ is that of the oldest device with clusters, which
# the source does not tell from later ones.
add_custom_command(
  OUTPUT ${kernels_folder}/fused_training.txt
  COMMAND ${CMAKE_CXX_COMPILER} -std=c++20 -x c++ -E -P -nostdinc++
          -D__CUDACC__ -D__CUDACC_RTC__ -D__CUDA_ARCH__=900
          -MD -MF ${kernels_folder}/fused_training.d -MT ${kernels_folder}/fused_training.txt
          -I${kernels_folder}/include -I${PROJECT_SOURCE_DIR} -I${PROJECT_SOURCE_DIR}/include
          -I${PROJECT_SOURCE_DIR}/src ${toolkit_includes}
          -o ${kernels_folder}/fused_training.txt
          ${PROJECT_SOURCE_DIR}/kernels/runtime_compilation/fused_training.cuh
  DEPFILE ${kernels_folder}/fused_training.d
  COMMENT "Preprocessing the fused engine's kernel for NVRTC"
  VERBATIM COMMAND_EXPAND_LISTS)
add_custom_command(
  OUTPUT ${kernels_folder}/embedded_source.cpp
  COMMAND ${CMAKE_COMMAND} -DTEXT=${kernels_folder}/fused_training.txt
          -DTEMPLATE=${runtime_compilation}/embedded_source.cpp.in
          -DOUTPUT=${kernels_folder}/embedded_source.cpp -P ${PROJECT_SOURCE_DIR}/cmake/EmbedText.cmake
  DEPENDS ${kernels_folder}/fused_training.txt ${runtime_compilation}/embedded_source.cpp.in
          ${PROJECT_SOURCE_DIR}/cmake/EmbedText.cmake
  VERBATIM)

# clang-tidy reads groups without building anything.
set_source_files_properties(${kernels_folder}/embedded_source.cpp
  PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
add_library(polyak_runtime_compilation OBJECT
  ${runtime_compilation_sources} ${kernels_folder}/embedded_source.cpp)
polyak_configure_library(polyak_runtime_compilation)
target_include_directories(polyak_runtime_compilation SYSTEM PRIVATE ${CUDAToolkit_INCLUDE_DIRS})
polyak_compile_together(polyak_runtime_compilation)
polyak_optimise_little(polyak_runtime_compilation)

# The runtime API loads what NVRTC made from CUDA 12.8 on.
set(POLYAK_OWN_KERNELS own_kernel)
if(CUDAToolkit_VERSION VERSION_LESS 12.8)
  set(POLYAK_OWN_KERNELS without_nvrtc)
endif()
