#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "kernels/portability.cuh"

namespace polyak::emulator_tests {

using emulator::Options;
using emulator::options;
using emulator::Order;
using emulator::ScopedOptions;

/// What unwritten memory may hold; the first are negative integers, the second are huge.
inline constexpr std::uint16_t poisons[] = {0xFFFF, 0x7FF8};

/// Throws if a call of the runtime failed.
inline void check(cudaError_t status) {
  if (status != cudaSuccess) throw std::runtime_error(cudaGetErrorName(status));
}

/// The configuration of a launch, put together call by call.
class LaunchShape {
 public:
  LaunchShape(dim3 grid, dim3 block) {
    config_.gridDim = grid;
    config_.blockDim = block;
  }

  LaunchShape& shared(std::size_t bytes) {
    config_.dynamicSmemBytes = bytes;
    return *this;
  }
  LaunchShape& stream(cudaStream_t stream) {
    config_.stream = stream;
    return *this;
  }
  LaunchShape& cooperative() {
    cudaLaunchAttribute attribute{};
    attribute.id = cudaLaunchAttributeCooperative;
    attribute.val.cooperative = 1;
    attributes_.push_back(attribute);
    return *this;
  }
  LaunchShape& cluster(unsigned blocks) {
    cudaLaunchAttribute attribute{};
    attribute.id = cudaLaunchAttributeClusterDimension;
    attribute.val.clusterDim.x = blocks;
    attribute.val.clusterDim.y = 1;
    attribute.val.clusterDim.z = 1;
    attributes_.push_back(attribute);
    return *this;
  }

  /// Valid until the next call on this object.
  const cudaLaunchConfig_t* config() {
    config_.attrs = attributes_.data();
    config_.numAttrs = static_cast<unsigned>(attributes_.size());
    return &config_;
  }

 private:
  cudaLaunchConfig_t config_{};
  std::vector<cudaLaunchAttribute> attributes_;
};

/// Launches and waits. Throws what the kernel or the runtime has to say.
template <class... Parameters, class... Arguments>
void run(LaunchShape shape, void (*kernel)(Parameters...), Arguments... arguments) {
  check(cudaLaunchKernelEx(shape.config(), kernel, arguments...));
  check(cudaDeviceSynchronize());
}

/// An array in device memory.
template <class T>
class DeviceArray {
 public:
  explicit DeviceArray(std::size_t size) : size_(size) {
    check(cudaMalloc(&data_, size * sizeof(T)));
  }
  explicit DeviceArray(const std::vector<T>& values) : DeviceArray(values.size()) { write(values); }
  ~DeviceArray() { cudaFree(data_); }
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;

  T* data() const { return data_; }
  std::size_t bytes() const { return size_ * sizeof(T); }

  void write(const std::vector<T>& values) {
    check(cudaMemcpy(data_, values.data(), values.size() * sizeof(T), cudaMemcpyHostToDevice));
  }
  std::vector<T> read() const {
    std::vector<T> values(size_);
    check(cudaMemcpy(values.data(), data_, bytes(), cudaMemcpyDeviceToHost));
    return values;
  }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

/// A stream for the length of a scope.
class Stream {
 public:
  explicit Stream(unsigned flags = cudaStreamNonBlocking) {
    check(cudaStreamCreateWithFlags(&handle_, flags));
  }
  ~Stream() { cudaStreamDestroy(handle_); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  operator cudaStream_t() const { return handle_; }

 private:
  cudaStream_t handle_ = nullptr;
};

/// An event for the length of a scope.
class Event {
 public:
  explicit Event(unsigned flags = cudaEventDefault) {
    check(cudaEventCreateWithFlags(&handle_, flags));
  }
  ~Event() { cudaEventDestroy(handle_); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  operator cudaEvent_t() const { return handle_; }

 private:
  cudaEvent_t handle_ = nullptr;
};

/// Expects `action` to throw an emulator's Error whose message contains every fragment.
template <class Action>
void expect_kernel_error(Action action, const std::vector<std::string>& fragments) {
  try {
    action();
  } catch (const emulator::Error& error) {
    const std::string message = error.what();
    for (const std::string& fragment : fragments) {
      EXPECT_NE(message.find(fragment), std::string::npos)
          << "'" << fragment << "' is not in: " << message;
    }
    return;
  }
  ADD_FAILURE() << "no error; expected one with: " << fragments.front();
}

/// How many different results, bit for bit, `action` returns in every order of threads, with
/// several seeds where lots are drawn.
template <class Action>
std::size_t distinct_results(Action action) {
  const ScopedOptions restore;
  std::vector<decltype(action())> seen;
  for (unsigned trial = 0; trial < 8; ++trial) {
    constexpr Order orders[] = {Order::forward, Order::reverse, Order::random, Order::run_ahead};
    options().order = trial < 2 ? orders[trial] : orders[2 + trial % 2];
    options().seed = 100 + trial;
    const auto result = action();
    bool is_new = true;
    for (const auto& other : seen) {
      if (std::memcmp(other.data(), result.data(), result.size() * sizeof(result[0])) == 0) {
        is_new = false;
      }
    }
    if (is_new) seen.push_back(result);
  }
  return seen.size();
}

}  // namespace polyak::emulator_tests
