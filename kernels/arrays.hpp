// Arrays that hold one matrix or vector per agent. Plain C++: no CUDA syntax.
#pragma once

#include <cstdint>

namespace polyak::kernels {

/// One row-major matrix per agent, to read. Element (row, column) of agent `a` is
/// data[a * agent_stride + row * leading_dimension + column]; all counted in floats. A leading
/// dimension above the width addresses a block of columns of a wider matrix.
struct ConstMatrices {
  const float* data;
  std::int64_t leading_dimension;
  std::int64_t agent_stride;
};

/// One row-major matrix per agent, to write.
struct Matrices {
  float* data;
  std::int64_t leading_dimension;
  std::int64_t agent_stride;

  operator ConstMatrices() const { return {data, leading_dimension, agent_stride}; }
};

/// One vector per agent, to read: element i of agent `a` is data[a * agent_stride + i].
struct ConstVectors {
  const float* data;
  std::int64_t agent_stride;
};

/// One vector per agent, to write.
struct Vectors {
  float* data;
  std::int64_t agent_stride;

  operator ConstVectors() const { return {data, agent_stride}; }
};

}  // namespace polyak::kernels
