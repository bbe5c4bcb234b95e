// Every call of the CUDA runtime goes through check(): nothing fails silently.
#pragma once

#include <cuda_runtime_api.h>

#include <string_view>

namespace polyak::cuda {

/// What a failed check() throws: "cudaMalloc failed at src/...:12: out of memory
/// (cudaErrorMemoryAllocation): reduce ...". `call` is the function's name, with what it was for.
[[noreturn]] void throw_cuda_error(cudaError_t status, std::string_view call, const char* file,
                                   int line);

/// Throws RunError unless `status` is cudaSuccess. The message names the call, the place in the
/// source, CUDA's own words, and what the user can do.
inline void check(cudaError_t status, std::string_view call, const char* file = __builtin_FILE(),
                  int line = __builtin_LINE()) {
  if (status != cudaSuccess) [[unlikely]] {
    throw_cuda_error(status, call, file, line);
  }
}

/// `file` from the project's own folders on, without the folder that it was built in.
std::string_view source_path(std::string_view file);

}  // namespace polyak::cuda
