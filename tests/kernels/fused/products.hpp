// The fused engine's products by themselves, for tests: one block, all arrays in global memory.
// With four warps they run as in a kernel of a known shape.
#pragma once

#include <cuda_runtime_api.h>

#include <ostream>

#include "polyak/core/precision.hpp"

namespace polyak::test {

/// Which index of an operand is contiguous.
enum class Order { depth, extent };
inline void PrintTo(Order order, std::ostream* out) {
  *out << (order == Order::depth ? "depth" : "extent");
}

/// C[rows, columns] = A B^T by block_product. A [rows, depth] or [depth, rows] with its pitch, B
/// likewise with `columns`; the depth a multiple of the precision's, the columns of 8.
struct BlockProductCase {
  Precision precision;
  Order order_a, order_b;
  int rows, columns, depth;
  const float* a;
  int pitch_a;
  const float* b;
  int pitch_b;
  float* c;  // [rows, columns]
  int warps;
};
cudaError_t launch_block_product(const BlockProductCase& product);

/// C[outputs, rows] = W X by thin_product: W [outputs, depth], X [depth, rows], rows a multiple
/// of 8.
struct ThinProductCase {
  int outputs, rows, depth;
  const float* weights;
  const float* input;
  float* c;
  int warps;
};
cudaError_t launch_thin_product(const ThinProductCase& product);

}  // namespace polyak::test
