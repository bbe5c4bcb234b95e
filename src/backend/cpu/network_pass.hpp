// Forward and backward passes of one multilayer perceptron on the CPU.
//
// A column of a matrix is one row of the batch, and the columns lie along the vector registers
// (panel_matrix.hpp). They come in chunks of fixed width that can be worked on independently; every
// element's bits are the same whoever works on which chunk.
#pragma once

#include <cstdint>
#include <vector>

#include "backend/cpu/layer_norm_pass.hpp"
#include "backend/cpu/panel_matrix.hpp"
#include "polyak/agent.hpp"

namespace polyak::cpu {

/// Rows [row_begin, row_end) of a layer's weights: a piece of the work of a weight gradient.
struct WeightTile {
  std::size_t layer;
  int row_begin, row_end;
};
std::vector<WeightTile> weight_tiles(const NetworkLayout& layout);

/// The activations and gradients of one network over a batch, and the passes over them.
class NetworkPass {
 public:
  NetworkPass(const NetworkLayout& layout, std::ptrdiff_t batch);

  /// Columns of every matrix: the batch, padded to vectors. Padding columns of the deltas must stay
  /// zero. The chunks of the passes are chunk_at(index, columns()).
  std::ptrdiff_t columns() const { return columns_; }

  /// Runs the network on input [inputs, columns] for one chunk. `parameters` are those of one
  /// network.
  void forward(const float* parameters, const PanelMatrix& input, Chunk chunk);

  PanelMatrix& output() { return outputs_.back(); }       // [outputs, columns]
  PanelMatrix& output_delta() { return deltas_.back(); }  // [outputs, columns]

  /// Turns output_delta() from dLoss/dOutput into the gradient before the last activation and
  /// carries it back to the gradient before the activation of layer `first_layer`, for one chunk
  /// after forward().
  void backward(const float* parameters, std::size_t first_layer, Chunk chunk);

  /// The rows of dLoss/dInput of the last `rows` inputs, which enter at layer `layer`, to gradient
  /// [rows, columns]; after backward() to that layer.
  void input_gradient(const float* parameters, std::size_t layer, int rows, PanelMatrix& gradient,
                      Chunk chunk);

  /// Transposes what the weight gradients need (the input and the hidden outputs), for one chunk.
  void transpose_inputs(const PanelMatrix& input, Chunk chunk);

  /// dLoss/dW of a tile to weight_gradient(tile), dLoss/db to bias_gradient(tile), and those of the
  /// layer's normalisation, over the whole batch in rising order; after backward() and
  /// transpose_inputs() of every chunk.
  void weight_tile_gradient(const WeightTile& tile);

  /// What weight_tile_gradient() computed for its tile, as the parameters lie: [rows, inputs] and
  /// [rows].
  float* weight_gradient(const WeightTile& tile);
  float* bias_gradient(const WeightTile& tile);
  LayerNormPass& norm(std::size_t layer) { return norms_[layer]; }

 private:
  void copy_late_inputs(const PanelMatrix& input, Chunk chunk);

  NetworkLayout layout_;
  std::ptrdiff_t batch_, columns_;
  // Where the next layer takes late inputs in, they are rows behind a layer's own.
  std::vector<PanelMatrix> outputs_;            // per layer [outputs, columns]
  std::vector<PanelMatrix> deltas_;             // per layer [outputs, columns]
  std::vector<PanelMatrix> transposed_inputs_;  // per layer [columns, inputs]
  std::vector<AlignedArray> weight_gradients_;  // per layer [outputs, padded inputs]
  std::vector<AlignedArray> bias_gradients_;    // per layer [outputs]
  std::vector<LayerNormPass> norms_;            // per layer; empty where it has none
};

}  // namespace polyak::cpu
