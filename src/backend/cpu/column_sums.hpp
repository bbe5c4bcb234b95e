// Sums of a matrix's rows over the columns of a batch.
#pragma once

#include <cstddef>

#include "backend/cpu/batch_shape.hpp"
#include "backend/cpu/panel_matrix.hpp"

namespace polyak::cpu {

/// sums[row] = the sum over the batch of row `row` of `values`, for rows [row_begin, row_end), in
/// the order of sums over a batch (polyak/core/summation.hpp). Padding columns are zero.
void sum_columns(const PanelMatrix& values, const BatchShape& shape, std::ptrdiff_t row_begin,
                 std::ptrdiff_t row_end, float* sums);

/// The same of the products with the elements of `factors`.
void sum_products(const PanelMatrix& values, const PanelMatrix& factors, const BatchShape& shape,
                  std::ptrdiff_t row_begin, std::ptrdiff_t row_end, float* sums);

/// Rows [begin, end) of a matrix.
struct RowsOf {
  const PanelMatrix& matrix;
  std::ptrdiff_t begin, end;
};

/// Where sums for row i of many and row j of few go: sums[i * many_stride + j * few_stride]; and
/// those of row i by itself: alone[i], or nowhere if that is null.
struct ProductSums {
  float* sums;
  std::ptrdiff_t many_stride, few_stride;
  float* alone;
};

/// The sum over the batch of the products of every row of `many` with each of up to thin_outputs
/// rows of `few`, in the order of sums over a batch and fused: the weight gradient of a layer with
/// few inputs or few outputs. A product's tiles would leave most lanes of a register without work,
/// and need one of the matrices transposed.
void sum_thin_products(const RowsOf& many, const RowsOf& few, const BatchShape& shape,
                       const ProductSums& to);

}  // namespace polyak::cpu
