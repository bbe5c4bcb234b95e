// Arrays that hold one matrix or vector per agent. Plain C++: no CUDA syntax.
#pragma once

#include <cstdint>

namespace polyak::kernels {

/// A strided batch of row-major matrices, one per agent, to read. Element (row, column) of agent
/// `a` is data[a * agent_stride + row * leading_dimension + column]; all counted in floats. A
/// leading dimension above the width addresses a block of columns of a wider matrix.
struct ConstStridedBatch {
  const float* data;
  std::int64_t leading_dimension;
  std::int64_t agent_stride;
};

/// A strided batch of row-major matrices, one per agent, to write.
struct StridedBatch {
  float* data;
  std::int64_t leading_dimension;
  std::int64_t agent_stride;

  operator ConstStridedBatch() const { return {data, leading_dimension, agent_stride}; }
};

/// One vector per agent, to read: element i of agent `a` is data[a * agent_stride + i].
struct ConstVectorBatch {
  const float* data;
  std::int64_t agent_stride;
};

/// One vector per agent, to write.
struct VectorBatch {
  float* data;
  std::int64_t agent_stride;

  operator ConstVectorBatch() const { return {data, agent_stride}; }
};

}  // namespace polyak::kernels
