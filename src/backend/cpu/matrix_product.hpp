// The one matrix product of the CPU back end.
#pragma once

#include <cstddef>

namespace polyak::cpu {

/// C = bias + A B, with optional ReLU:
///   A(m, k) = a[m * a_row + k * a_column]   any strides, so A may be a transpose
///   B       b[k * b_row + n]                rows of columns, b_row a multiple of lane_padding
///   C       c[m * c_row + n]                c_row a multiple of lane_padding
///   bias    [rows] or null for zero
/// `columns` is a multiple of lane_padding. Every element is bias, then one fused multiply-add for
/// each k in rising order: its bits depend neither on how the work is cut into tiles nor on the
/// width of the machine's registers.
struct ProductArguments {
  std::ptrdiff_t rows, columns, depth;
  const float* a;
  std::ptrdiff_t a_row, a_column;
  const float* b;
  std::ptrdiff_t b_row;
  const float* bias;
  float* c;
  std::ptrdiff_t c_row;
  bool relu;
};
void matrix_product(const ProductArguments& arguments);

/// The instruction set that the product was compiled for, for reports.
const char* instruction_set();

}  // namespace polyak::cpu
