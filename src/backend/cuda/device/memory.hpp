// Memory that owns itself: on the device, and on the host where the device can reach it.
#pragma once

#include <cuda_runtime_api.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>

#include "backend/cuda/device/stream.hpp"
#include "polyak/core/memory_size.hpp"

namespace polyak::cuda {

/// cudaMalloc and cudaMallocHost with a message that says how much was asked for and what for.
void* allocate_device_bytes(std::int64_t bytes, std::string_view what);
void* allocate_pinned_bytes(std::int64_t bytes, std::string_view what);

/// An array of T on the device, its contents undefined until written. Move-only.
template <class T>
class DeviceBuffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  DeviceBuffer() = default;
  /// `what` names the contents in the message of the RunError when there is no memory for them.
  DeviceBuffer(std::int64_t count, std::string_view what)
      : data_(
            static_cast<T*>(allocate_device_bytes((MemorySize(count) * sizeof(T)).count(), what))),
        size_(count) {}

  T* data() const { return data_.get(); }
  std::int64_t size() const { return data_ ? size_ : 0; }
  std::int64_t bytes() const { return size() * static_cast<std::int64_t>(sizeof(T)); }

  /// Has only its first `count` elements from now on; the memory stays allocated.
  void shorten(std::int64_t count) { size_ = std::min(size_, count); }

 private:
  struct Free {
    // The device is unusable when this fails, and a destructor must not throw.
    void operator()(T* data) const noexcept { (void)cudaFree(data); }
  };
  std::unique_ptr<T, Free> data_;
  std::int64_t size_ = 0;
};

/// An array of T on the host that the device copies to and from without a detour. Move-only.
template <class T>
class PinnedBuffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  PinnedBuffer() = default;
  PinnedBuffer(std::int64_t count, std::string_view what)
      : data_(
            static_cast<T*>(allocate_pinned_bytes((MemorySize(count) * sizeof(T)).count(), what))),
        size_(count) {}

  T* data() const { return data_.get(); }
  std::int64_t size() const { return data_ ? size_ : 0; }
  T& operator[](std::int64_t index) const { return data_.get()[index]; }

 private:
  struct Free {
    void operator()(T* data) const noexcept { (void)cudaFreeHost(data); }
  };
  std::unique_ptr<T, Free> data_;
  std::int64_t size_ = 0;
};

/// The untyped copies below; `bytes` may be zero.
void copy_bytes(void* to, const void* from, std::int64_t bytes, cudaMemcpyKind kind,
                const Stream& stream);

/// Fills a buffer with zero bytes, in stream order.
void zero_bytes(void* data, std::int64_t bytes, const Stream& stream);

template <class T>
void zero(const DeviceBuffer<T>& buffer, const Stream& stream) {
  zero_bytes(buffer.data(), buffer.bytes(), stream);
}

/// Queues a copy of all of `values` to the start of `buffer`. `values` must live, unchanged, until
/// the stream is synchronised.
template <class T>
void upload(const DeviceBuffer<T>& buffer, std::span<const std::type_identity_t<T>> values,
            const Stream& stream) {
  copy_bytes(buffer.data(), values.data(), static_cast<std::int64_t>(values.size_bytes()),
             cudaMemcpyHostToDevice, stream);
}

/// Queues a copy of the first values.size() elements of `buffer`; they are there once the stream is
/// synchronised.
template <class T>
void download(std::span<std::type_identity_t<T>> values, const DeviceBuffer<T>& buffer,
              const Stream& stream) {
  copy_bytes(values.data(), buffer.data(), static_cast<std::int64_t>(values.size_bytes()),
             cudaMemcpyDeviceToHost, stream);
}

}  // namespace polyak::cuda
