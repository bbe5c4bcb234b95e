#include "emulator/runtime/memory.hpp"

#include <cuda_runtime.h>

#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <set>

#include "emulator/options.hpp"
#include "emulator/runtime/capture.hpp"
#include "emulator/runtime/errors.hpp"
#include "emulator/runtime/host_call.hpp"
#include "emulator/runtime/stream.hpp"
#include "emulator/unwritten.hpp"

namespace polyak::emulator {
namespace {

constexpr std::size_t kAlignment = 256;

/// Allocations of one kind, by address. Each comes from the C library's heap, so that
/// AddressSanitizer puts red zones around it.
class AllocationTable {
 public:
  /// Null if there is no memory. The contents are those of memory that nobody has written.
  void* allocate(std::size_t bytes) {
    void* start = nullptr;
    if (posix_memalign(&start, kAlignment, bytes) != 0) return nullptr;
    fill_as_unwritten(start, bytes);
    sizes_[static_cast<std::byte*>(start)] = bytes;
    bytes_in_use_ += bytes;
    return start;
  }

  /// Returns false if nothing begins at this address.
  bool free(void* start) {
    const auto found = sizes_.find(static_cast<std::byte*>(start));
    if (found == sizes_.end()) return false;
    bytes_in_use_ -= found->second;
    libraries_.erase(found->first);
    sizes_.erase(found);
    std::free(start);
    return true;
  }

  /// The allocation that holds these bytes, or one of no bytes.
  Allocation find(const void* start, std::size_t bytes) const {
    const auto* const first = static_cast<const std::byte*>(start);
    auto found = sizes_.upper_bound(first);
    if (found == sizes_.begin()) return {};
    --found;
    const auto offset = static_cast<std::size_t>(first - found->first);
    if (offset > found->second || bytes > found->second - offset) return {};
    return {found->first, found->second};
  }

  bool contains(const void* start, std::size_t bytes) const {
    return find(start, bytes).start != nullptr;
  }

  /// find(), but only of those that kernels can use.
  Allocation find_for_kernels(const void* start, std::size_t bytes) const {
    const Allocation found = find(start, bytes);
    return libraries_.contains(found.start) ? Allocation{} : found;
  }

  /// All that kernels can use.
  void append_to(std::vector<Allocation>& list) const {
    for (const auto& [start, bytes] : sizes_) {
      if (!libraries_.contains(start)) list.push_back({start, bytes});
    }
  }

  void give_to_library(const Allocation& one) {
    const Allocation found = find(one.start, one.bytes);
    const bool is_whole = found.start == one.start && found.bytes == one.bytes;
    if (is_whole && found.bytes > 0) libraries_.insert(found.start);
  }

  std::size_t bytes_in_use() const { return bytes_in_use_; }

 private:
  std::map<std::byte*, std::size_t, std::less<>> sizes_;
  std::set<std::byte*> libraries_;  // where those begin that kernels cannot use
  std::size_t bytes_in_use_ = 0;
};

AllocationTable& device_memory() {
  static AllocationTable table;
  return table;
}

AllocationTable& pinned_memory() {
  static AllocationTable table;
  return table;
}

/// Pageable host memory, which no transfer can use without the host's help.
bool is_pageable(const void* start, std::size_t bytes) {
  return !device_memory().contains(start, bytes) && !pinned_memory().contains(start, bytes);
}

/// Whether there is device memory at this address, if perhaps too little of it.
bool starts_in_device_memory(const void* start) { return device_memory().contains(start, 1); }

/// Checks one side of a copy against the side that its kind names.
bool is_on_its_side(const void* start, std::size_t bytes, bool expect_device) {
  if (expect_device) return device_memory().contains(start, bytes);
  return !starts_in_device_memory(start);
}

cudaError_t check_copy(const void* destination, const void* source, std::size_t bytes,
                       cudaMemcpyKind kind) {
  if (kind > cudaMemcpyDefault) return cudaErrorInvalidMemcpyDirection;
  if (destination == nullptr || source == nullptr) return cudaErrorInvalidValue;
  const bool infer = kind == cudaMemcpyDefault;
  const bool to_device = infer ? starts_in_device_memory(destination)
                               : kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
  const bool from_device = infer
                               ? starts_in_device_memory(source)
                               : kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
  const bool valid =
      is_on_its_side(destination, bytes, to_device) && is_on_its_side(source, bytes, from_device);
  return valid ? cudaSuccess : cudaErrorInvalidValue;
}

cudaError_t enqueue_copy(void* destination, const void* source, std::size_t bytes,
                         cudaStream_t stream) {
  return enqueue(stream, cudaGraphNodeTypeMemcpy, [=] { std::memcpy(destination, source, bytes); });
}

/// The source is copied before the call returns, as CUDA does with pageable memory.
cudaError_t enqueue_staged_copy(void* destination, const void* source, std::size_t bytes,
                                cudaStream_t stream) {
  const auto* first = static_cast<const unsigned char*>(source);
  return enqueue(stream, cudaGraphNodeTypeMemcpy,
                 [destination, staged = std::vector<unsigned char>(first, first + bytes)] {
                   std::memcpy(destination, staged.data(), staged.size());
                 });
}

cudaError_t allocate_pinned(void** start, std::size_t bytes) {
  if (start == nullptr) return report(cudaErrorInvalidValue);
  if (const cudaError_t status = refuse_unsafe_call()) return status;
  *start = bytes == 0 ? nullptr : pinned_memory().allocate(bytes);
  const bool failed = bytes > 0 && *start == nullptr;
  return report(failed ? cudaErrorMemoryAllocation : cudaSuccess);
}

/// Freeing waits for the device, which may still use the memory.
cudaError_t release(AllocationTable& table, void* start) {
  if (start == nullptr) return cudaSuccess;
  if (const cudaError_t status = refuse_unsafe_call()) return status;
  const cudaError_t status = finish_all_quietly();
  if (!table.free(start)) return report(cudaErrorInvalidValue);
  return status;
}

}  // namespace

std::size_t device_bytes_in_use() { return device_memory().bytes_in_use(); }

bool is_device_memory(const void* start, std::size_t bytes) {
  return device_memory().contains(start, bytes);
}

std::vector<Allocation> allocations() {
  std::vector<Allocation> all;
  device_memory().append_to(all);
  pinned_memory().append_to(all);
  return all;
}

Allocation find_allocation(const void* start, std::size_t bytes) {
  const Allocation found = device_memory().find_for_kernels(start, bytes);
  return found.start != nullptr ? found : pinned_memory().find_for_kernels(start, bytes);
}

void give_to_library(void* start, std::size_t bytes) {
  device_memory().give_to_library({static_cast<std::byte*>(start), bytes});
}

}  // namespace polyak::emulator

using namespace polyak::emulator;

extern "C" {

cudaError_t cudaMalloc(void** start, size_t bytes) {
  const HostCall call;
  if (start == nullptr) return report(cudaErrorInvalidValue);
  if (const cudaError_t status = refuse_unsafe_call()) return status;
  *start = nullptr;
  if (bytes == 0) return cudaSuccess;
  const std::size_t total = options().device_memory_bytes;
  const std::size_t used = device_bytes_in_use();
  if (used > total || bytes > total - used) return report(cudaErrorMemoryAllocation);
  *start = device_memory().allocate(bytes);
  return report(*start == nullptr ? cudaErrorMemoryAllocation : cudaSuccess);
}

cudaError_t cudaFree(void* start) {
  const HostCall call;
  return release(device_memory(), start);
}

cudaError_t cudaMallocHost(void** start, size_t bytes) {
  const HostCall call;
  return allocate_pinned(start, bytes);
}

cudaError_t cudaHostAlloc(void** start, size_t bytes, unsigned) {
  const HostCall call;
  return allocate_pinned(start, bytes);
}

cudaError_t cudaFreeHost(void* start) {
  const HostCall call;
  return release(pinned_memory(), start);
}

cudaError_t cudaMemGetInfo(size_t* free_bytes, size_t* total_bytes) {
  const HostCall call;
  if (free_bytes == nullptr || total_bytes == nullptr) return report(cudaErrorInvalidValue);
  const std::size_t used = device_bytes_in_use();
  *total_bytes = options().device_memory_bytes;
  *free_bytes = *total_bytes > used ? *total_bytes - used : 0;
  return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void* destination, const void* source, size_t bytes,
                            cudaMemcpyKind kind, cudaStream_t handle) {
  const HostCall call;
  if (bytes == 0) return cudaSuccess;
  if (const cudaError_t status = check_copy(destination, source, bytes, kind)) {
    return report(status);
  }
  CUstream_st* stream = find_stream(handle);
  if (stream == nullptr) return report(cudaErrorInvalidResourceHandle);
  if (stream->capture) return enqueue_copy(destination, source, bytes, stream);
  if (is_pageable(source, bytes)) return enqueue_staged_copy(destination, source, bytes, stream);
  const cudaError_t status = enqueue_copy(destination, source, bytes, stream);
  if (status == cudaSuccess && is_pageable(destination, bytes)) finish(*stream);
  return status;
}

cudaError_t cudaMemcpy(void* destination, const void* source, size_t bytes, cudaMemcpyKind kind) {
  const HostCall call;
  if (const cudaError_t status = refuse_unsafe_call()) return status;
  const cudaError_t status = cudaMemcpyAsync(destination, source, bytes, kind, nullptr);
  if (status == cudaSuccess) finish(*find_stream(nullptr));
  return status;
}

cudaError_t cudaMemsetAsync(void* destination, int value, size_t bytes, cudaStream_t stream) {
  const HostCall call;
  if (bytes == 0) return cudaSuccess;
  if (!is_device_memory(destination, bytes)) return report(cudaErrorInvalidValue);
  return enqueue(stream, cudaGraphNodeTypeMemset, [=] { std::memset(destination, value, bytes); });
}

cudaError_t cudaMemset(void* destination, int value, size_t bytes) {
  const HostCall call;
  if (const cudaError_t status = refuse_unsafe_call()) return status;
  return cudaMemsetAsync(destination, value, bytes, nullptr);
}

}  // extern "C"
