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

}  // namespace polyak::cpu
