// Operands on the device with reproducible contents.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <string_view>
#include <vector>

#include "backend/cuda/device/memory.hpp"
#include "kernels/arrays.hpp"

namespace polyak::bench {

/// `count` values U(-1, 1). Not zeros: a device's power, and so its clock, depends on the bits.
inline cuda::DeviceBuffer<float> random_floats(std::int64_t count, std::string_view what) {
  constexpr std::int64_t drawn = 1 << 20;  // repeated beyond that
  std::minstd_rand generator(1);
  std::uniform_real_distribution<float> uniform(-1.0f, 1.0f);
  std::vector<float> values(static_cast<std::size_t>(std::min(count, drawn)));
  for (float& value : values) value = uniform(generator);
  cuda::DeviceBuffer<float> buffer(count, what);
  const cuda::Stream stream;
  for (std::int64_t at = 0; at < count; at += drawn) {
    const auto length = static_cast<std::size_t>(std::min(drawn, count - at));
    cuda::copy_bytes(buffer.data() + at, values.data(),
                     static_cast<std::int64_t>(length * sizeof(float)), cudaMemcpyHostToDevice,
                     stream);
  }
  stream.synchronize();
  return buffer;
}

/// `count` times `value`.
template <class T>
cuda::DeviceBuffer<T> filled(std::int64_t count, T value, std::string_view what) {
  const std::vector<T> values(static_cast<std::size_t>(count), value);
  cuda::DeviceBuffer<T> buffer(count, what);
  const cuda::Stream stream;
  cuda::upload(buffer, std::span<const T>(values), stream);
  stream.synchronize();
  return buffer;
}

/// One matrix [rows, columns] per agent, dense.
class RandomMatrices {
 public:
  RandomMatrices(int agents, std::int64_t rows, std::int64_t columns)
      : columns_(columns),
        agent_stride_(rows * columns),
        buffer_(random_floats(agents * agent_stride_, "operands")) {}

  kernels::StridedBatch view() const { return {buffer_.data(), columns_, agent_stride_}; }
  float* data() const { return buffer_.data(); }

 private:
  std::int64_t columns_, agent_stride_;
  cuda::DeviceBuffer<float> buffer_;
};

}  // namespace polyak::bench
