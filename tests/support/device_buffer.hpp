// Device memory for tests, with sentinels around it that show a write out of bounds.
#pragma once

#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "support/emulation.hpp"

namespace polyak::test {

/// Throws with CUDA's own words unless `status` is cudaSuccess.
inline void require_success(cudaError_t status) {
  if (status != cudaSuccess) {
    throw std::runtime_error(std::string("CUDA: ") + cudaGetErrorString(status));
  }
}

/// Launches are asynchronous: a launcher's status and, after waiting, the kernel's.
inline void finish(cudaError_t launch_status) {
  require_success(launch_status);
  require_success(cudaDeviceSynchronize());
}

/// `count` elements of T on the device. Until written they are unwritten_word(), over and over,
/// which a float reads as NaN; the destructor checks that the 256 bytes before and after are still
/// so.
template <class T>
class DeviceBuffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  explicit DeviceBuffer(std::size_t count) : count_(count) {
    require_success(cudaMalloc(&memory_, bytes() + 2 * guard_bytes));
    const std::vector<std::uint16_t> unwritten((bytes() + 2 * guard_bytes + 1) / 2, word_);
    require_success(
        cudaMemcpy(memory_, unwritten.data(), bytes() + 2 * guard_bytes, cudaMemcpyHostToDevice));
  }
  explicit DeviceBuffer(const std::vector<T>& values) : DeviceBuffer(values.size()) {
    upload(values);
  }
  DeviceBuffer(const DeviceBuffer&) = delete;
  DeviceBuffer& operator=(const DeviceBuffer&) = delete;
  ~DeviceBuffer() {
    expect_sentinels(0, "before");
    expect_sentinels(guard_bytes + bytes(), "after");
    EXPECT_EQ(cudaFree(memory_), cudaSuccess);
  }

  T* data() const { return reinterpret_cast<T*>(static_cast<char*>(memory_) + guard_bytes); }
  std::size_t size() const { return count_; }

  void upload(const std::vector<T>& values) {
    if (values.size() != count_) throw std::logic_error("DeviceBuffer: another size");
    require_success(cudaMemcpy(data(), values.data(), bytes(), cudaMemcpyHostToDevice));
  }
  std::vector<T> download() const {
    std::vector<T> values(count_);
    require_success(cudaMemcpy(values.data(), data(), bytes(), cudaMemcpyDeviceToHost));
    return values;
  }

 private:
  static constexpr std::size_t guard_bytes = 256;  // keeps cudaMalloc's alignment

  std::size_t bytes() const { return count_ * sizeof(T); }

  void expect_sentinels(std::size_t offset, const char* where) const {
    unsigned char guard[guard_bytes] = {};
    EXPECT_EQ(cudaMemcpy(guard, static_cast<char*>(memory_) + offset, guard_bytes,
                         cudaMemcpyDeviceToHost),
              cudaSuccess);
    const auto of_the_word = [this](std::size_t at) {
      return static_cast<unsigned char>(word_ >> (8 * (at % 2)));
    };
    for (std::size_t i = 0; i < guard_bytes; ++i) {
      if (guard[i] == of_the_word(offset + i)) continue;
      ADD_FAILURE() << "a kernel wrote " << where << " its buffer of " << bytes() << " bytes";
      return;
    }
  }

  std::size_t count_;
  std::uint16_t word_ = unwritten_word();
  void* memory_ = nullptr;
};

/// Whether two arrays have the same bits, NaN included. Of numbers: between the members of a struct
/// there may be bytes that nobody wrote.
template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  static_assert(std::is_arithmetic_v<T> || std::has_unique_object_representations_v<T>);
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

}  // namespace polyak::test
