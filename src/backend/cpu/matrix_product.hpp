// The one matrix product of the CPU back end.
#pragma once

#include <cstddef>

#include "backend/cpu/panel_matrix.hpp"
#include "polyak/core/activation.hpp"
#include "polyak/core/summation.hpp"

namespace polyak::cpu {

/// C = f(A B + bias), or C = (A B + bias) * f'(outputs) if `outputs` is given:
///   A(m, k)  a[m * a_row + k / a_segment * a_segment_stride + k % a_segment * a_column]
///            any strides, so A may be a transpose; a_segment = depth for a matrix in one piece
///   B(k, n)  b[n / panel_columns * b_panel + k * panel_columns + n % panel_columns]
///   C(m, n)  c[n / panel_columns * c_panel + m * c_row + n % panel_columns]
///   bias     [rows], or null for zero
///   outputs  laid out as C, or null: values of f that were the outputs of an earlier product
/// `columns` is a multiple of 4; up to the next multiple of `lanes` B may be read, and C written
/// with what follows from it, but nothing beyond. The sums are in `order`
/// (polyak/core/summation.hpp), grouped ones by `group_depth` of k; the bias comes last. Their bits
/// depend neither on how the work is cut into tiles nor on the width of the machine's registers.
/// Interleaved: up to thin_outputs rows, A in one piece.
struct ProductArguments {
  std::ptrdiff_t rows, columns, depth;
  SumOrder order;
  std::ptrdiff_t group_depth;
  const float* a;
  std::ptrdiff_t a_row, a_column, a_segment, a_segment_stride;
  const float* b;
  std::ptrdiff_t b_panel;
  const float* bias;
  float* c;
  std::ptrdiff_t c_row, c_panel;
  Activation activation;
  const float* outputs;
};
void matrix_product(const ProductArguments& arguments);

/// The instruction set that the product was compiled for, for reports.
const char* instruction_set();

}  // namespace polyak::cpu
