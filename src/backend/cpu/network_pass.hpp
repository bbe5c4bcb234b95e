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

/// The gradients of some rows of a matrix of parameters, or of a vector, whose rows have one
/// column.
struct GradientPiece {
  std::int64_t offset;  // of the first one in the network's parameters
  float* gradient;      // [rows, columns]
  std::int64_t rows, columns;

  std::int64_t count() const { return rows * columns; }
};

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

  /// Of one chunk after forward() on the same input: from output_delta(), which is dLoss/dOutput,
  /// to all that tile_gradient() makes the gradients of parameters from.
  ///   weights  [columns]: a recurrent cell passes nothing back in time where they are zero
  void backward_to_parameters(const float* parameters, const PanelMatrix& input,
                              const float* weights, Chunk chunk);

  /// The same to dLoss/dInput of a critic's action: gradient [action size, columns].
  void backward_to_action(const float* parameters, PanelMatrix& gradient, Chunk chunk);

  /// After backward_to_parameters() of every chunk, with the same input: the gradients of a tile's
  /// weights and biases and of what is normalised behind them, summed over the batch.
  void tile_gradient(const PanelMatrix& input, const WeightTile& tile);

  /// Where tile_gradient() puts them. The normalisation of the input goes with the first tile.
  std::vector<GradientPiece> gradient_pieces(const WeightTile& tile);

  /// The recurrent states of single rows; only with a cell.
  CellPass& cell() { return *cell_; }

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
  std::ptrdiff_t product_columns(Chunk chunk) const;
  void copy_action(const PanelMatrix& input, Chunk chunk);
  void backward_to_layer(const float* parameters, std::size_t first_layer, Chunk chunk);
  void input_gradient(const float* parameters, std::size_t layer, int first_row,
                      PanelMatrix& gradient, Chunk chunk);
  void transpose_inputs(const PanelMatrix& input, Chunk chunk);
  const PanelMatrix& product_input(const PanelMatrix& input, std::size_t index) const;
  void tile_weight_gradient(const PanelMatrix& input, const WeightTile& tile, float* weights);
  const PanelMatrix& delta(std::size_t index) const;

  NetworkLayout layout_;
  BatchShape shape_;
  std::ptrdiff_t columns_;
  std::optional<CellPass> cell_;
  // Before the layer that takes the action in, the action is rows behind a layer's own outputs.
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
