// The products of a linear layer over columns of its matrices.
#pragma once

#include "agent/agent.hpp"
#include "backend/cpu/matrix_product.hpp"

namespace polyak::cpu {

/// outputs = W inputs + b, over `width` columns from `column` on, which lie in one panel or begin
/// one; without an activation. `parameters` are the network's.
inline ProductArguments forward_product(const LinearLayout& layer, const float* parameters,
                                        const PanelMatrix& inputs, PanelMatrix& outputs,
                                        std::ptrdiff_t column, std::ptrdiff_t width) {
  return {.rows = layer.outputs,
          .columns = width,
          .depth = layer.inputs,
          .order = product_order(layer.outputs),
          .group_depth = layer.inputs,
          .a = parameters + layer.weight_offset,
          .a_row = layer.inputs,
          .a_column = 1,
          .a_segment = layer.inputs,
          .a_segment_stride = 0,
          .b = &inputs(0, column),
          .b_panel = inputs.panel_floats(),
          .bias = parameters + layer.bias_offset,
          .c = &outputs(0, column),
          .c_row = panel_columns,
          .c_panel = outputs.panel_floats(),
          .activation = Activation::identity,
          .outputs = nullptr};
}

/// Columns of a matrix from `column` on.
struct ColumnsFrom {
  const PanelMatrix& matrix;
  std::ptrdiff_t column;
};

/// dLoss/dInputs = W^T dLoss/dOutputs for `rows` inputs from `first_row` on: A(k, o) = W(o, k). The
/// gradient goes to `width` columns from `column` on.
inline ProductArguments backward_product(const LinearLayout& layer, const float* parameters,
                                         int first_row, std::ptrdiff_t rows,
                                         const ColumnsFrom& deltas, PanelMatrix& gradient,
                                         std::ptrdiff_t column, std::ptrdiff_t width) {
  return {.rows = rows,
          .columns = width,
          .depth = layer.outputs,
          .order = product_order(rows),
          .group_depth = layer.outputs,
          .a = parameters + layer.weight_offset + first_row,
          .a_row = 1,
          .a_column = layer.inputs,
          .a_segment = layer.outputs,
          .a_segment_stride = 0,
          .b = &deltas.matrix(0, deltas.column),
          .b_panel = deltas.matrix.panel_floats(),
          .bias = nullptr,
          .c = &gradient(0, column),
          .c_row = panel_columns,
          .c_panel = gradient.panel_floats(),
          .activation = Activation::identity,
          .outputs = nullptr};
}

}  // namespace polyak::cpu
