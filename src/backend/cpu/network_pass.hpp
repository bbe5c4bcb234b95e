// Forward and backward passes of one network on the CPU: a multilayer perceptron, perhaps behind a
// recurrent cell.
//
// A column of a matrix is one row of the batch, and the columns lie along the vector registers
// (panel_matrix.hpp). They come in chunks of fixed width that can be worked on independently; every
// element's bits are the same whoever works on which chunk.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "agent/agent.hpp"
#include "backend/cpu/batch_norm_pass.hpp"
#include "backend/cpu/batch_shape.hpp"
#include "backend/cpu/cell_pass.hpp"
#include "backend/cpu/layer_norm_pass.hpp"
#include "backend/cpu/panel_matrix.hpp"

namespace polyak::cpu {

/// Rows [row_begin, row_end) of the weights of NetworkLayout::linear(index): a piece of the work of
/// a weight gradient.
struct WeightTile {
  std::size_t index;
  int row_begin, row_end;
};
std::vector<WeightTile> weight_tiles(const NetworkLayout& layout);

/// The activations and gradients of one network over a batch, and the passes over them.
class NetworkPass {
 public:
  /// Padding columns of the deltas must stay zero.
  NetworkPass(const NetworkLayout& layout, const BatchShape& shape);

  /// Runs the network on input [inputs, columns] for one chunk. `parameters` and `statistics` are
  /// those of one network; by the batch's own statistics only if the chunk is the whole batch.
  void forward(const float* parameters, const NormStatistics& statistics, const PanelMatrix& input,
               Chunk chunk);

  PanelMatrix& output() { return outputs_.back(); }       // [outputs, columns]
  PanelMatrix& output_delta() { return deltas_.back(); }  // [outputs, columns]

  /// Turns output_delta() from dLoss/dOutput into the gradient before the last activation and
  /// carries it back to the gradient before the activation of layer `first_layer`, for one chunk
  /// after forward().
  void backward(const float* parameters, std::size_t first_layer, Chunk chunk);

  /// After backward() to layer 0 of the whole batch: through the input's normalisation, if there is
  /// one, to its parameters.
  void backward_input_norm(const float* parameters, Chunk chunk);

  /// After backward() to layer 0: through the cell, if there is one, and back in time over the
  /// columns whose weight is not zero.
  void backward_cell(const float* parameters, const float* weights, Chunk chunk);

  /// The recurrent states of single rows; only with a cell.
  CellPass& cell() { return *cell_; }

  /// The rows of dLoss/dInput of the last `rows` inputs, which enter at layer `layer`, to gradient
  /// [rows, columns]; after backward() to that layer.
  void input_gradient(const float* parameters, std::size_t layer, int rows, PanelMatrix& gradient,
                      Chunk chunk);

  /// Transposes what the weight gradients need (the input and the hidden outputs), for one chunk.
  void transpose_inputs(const PanelMatrix& input, Chunk chunk);

  /// dLoss/dW of a tile to weight_gradient(tile), dLoss/db to bias_gradient(tile), and those of the
  /// layer's normalisation, over the whole batch in rising order; after backward(),
  /// backward_cell() and transpose_inputs() of every chunk.
  void weight_tile_gradient(const WeightTile& tile);

  /// What weight_tile_gradient() computed for its tile, as the parameters lie: [rows, inputs] and
  /// [rows].
  float* weight_gradient(const WeightTile& tile);
  float* bias_gradient(const WeightTile& tile);
  LayerNormPass& norm(std::size_t layer) { return norms_[layer]; }
  BatchNormPass& batch_norm(std::size_t layer) { return *batch_norms_[layer]; }
  BatchNormPass& input_norm() { return input_norm_->pass; }

 private:
  /// Batch normalisation of the first inputs, and what layer 0 sees with it.
  struct InputNorm {
    BatchNormPass pass;
    PanelMatrix values;  // [layer 0's inputs, columns]
    PanelMatrix deltas;  // [the first inputs, columns]
  };
  void normalise_input(const float* parameters, const NormStatistics& statistics,
                       const PanelMatrix& input, Chunk chunk);
  /// What layer 0 sees of the network's input.
  const PanelMatrix& first_input(const PanelMatrix& input) const;
  void copy_late_inputs(const PanelMatrix& input, Chunk chunk);
  void input_rows_gradient(const float* parameters, std::size_t layer, int first_row,
                           PanelMatrix& gradient, std::ptrdiff_t rows, Chunk chunk);
  const PanelMatrix& delta(std::size_t index) const;

  NetworkLayout layout_;
  std::ptrdiff_t columns_, used_columns_;
  std::optional<CellPass> cell_;
  // Where the next layer takes late inputs in, they are rows behind a layer's own.
  std::vector<PanelMatrix> outputs_;                       // per layer [outputs, columns]
  std::vector<PanelMatrix> deltas_;                        // per layer [outputs, columns]
  std::vector<PanelMatrix> transposed_inputs_;             // per linear() [columns, inputs]
  std::vector<AlignedArray> weight_gradients_;             // per linear() [outputs, padded inputs]
  std::vector<AlignedArray> bias_gradients_;               // per linear() [outputs]
  std::vector<LayerNormPass> norms_;                       // per layer; empty where it has none
  std::vector<std::optional<BatchNormPass>> batch_norms_;  // per layer
  std::optional<InputNorm> input_norm_;
};

}  // namespace polyak::cpu
