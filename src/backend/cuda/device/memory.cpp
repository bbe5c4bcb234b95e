#include "backend/cuda/device/memory.hpp"

#include <string>

#include "backend/cuda/device/check.hpp"

namespace polyak::cuda {
namespace {

std::string allocation_call(std::string_view call, std::int64_t bytes, std::string_view what) {
  return std::string(call) + " of " + std::to_string(bytes) + " bytes for " + std::string(what);
}

}  // namespace

void* allocate_device_bytes(std::int64_t bytes, std::string_view what) {
  void* data = nullptr;
  check(cudaMalloc(&data, static_cast<std::size_t>(bytes)),
        allocation_call("cudaMalloc", bytes, what));
  return data;
}

void* allocate_pinned_bytes(std::int64_t bytes, std::string_view what) {
  void* data = nullptr;
  check(cudaMallocHost(&data, static_cast<std::size_t>(bytes)),
        allocation_call("cudaMallocHost", bytes, what));
  return data;
}

void copy_bytes(void* to, const void* from, std::int64_t bytes, cudaMemcpyKind kind,
                const Stream& stream) {
  if (bytes == 0) return;
  check(cudaMemcpyAsync(to, from, static_cast<std::size_t>(bytes), kind, stream.get()),
        "cudaMemcpyAsync");
}

void zero_bytes(void* data, std::int64_t bytes, const Stream& stream) {
  if (bytes == 0) return;
  check(cudaMemsetAsync(data, 0, static_cast<std::size_t>(bytes), stream.get()), "cudaMemsetAsync");
}

}  // namespace polyak::cuda
