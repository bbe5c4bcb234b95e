// The networks of all agents, forwards and backwards over a batch: multilayer perceptrons, perhaps
// behind recurrent cells.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "agent/agent.hpp"
#include "backend/cuda/device/memory_budget.hpp"
#include "backend/cuda/layered/batch_matrix.hpp"
#include "backend/cuda/layered/batch_norm_pass.hpp"
#include "backend/cuda/layered/cell_pass.hpp"
#include "backend/cuda/layered/linear_operations.hpp"
#include "kernels/arrays.hpp"
#include "kernels/copy_columns.hpp"
#include "kernels/layer_norm.hpp"

namespace polyak::cuda {

/// Scratch memory for a network's hidden layers over a batch: their outputs (and behind them the
/// late inputs of the layer that follows) and, to go backwards, the gradients before their
/// activations.
struct HiddenLayers {
  HiddenLayers(const NetworkLayout& layout, int agents, const StepShape& shape, Direction direction,
               std::string_view purpose, MemoryBudget& budget);
  CellBuffers cell;
  std::vector<BatchMatrix> outputs;    // [hidden layers]
  std::vector<BatchMatrix> gradients;  // [hidden layers], or empty
  // With layer normalisation, to go backwards:
  std::vector<BatchMatrix> normalised;          // [hidden layers], or empty
  std::vector<BatchMatrix> inverse_deviations;  // [hidden layers], one column; or empty
  // With batch normalisation:
  std::vector<BatchNormBuffers> batch_norms;  // [hidden layers]
  BatchNormBuffers input_norm;
  BatchMatrix input;           // [layer 0's inputs], the network's first ones normalised
  BatchMatrix input_gradient;  // [the normalised inputs], or empty
};

class NetworkPass;

/// One pass forwards: output = network(input), input [rows, inputs], output [rows, outputs].
struct ForwardPass {
  const NetworkPass& network;
  const float* parameters;
  kernels::ConstMatrices input;
  kernels::Matrices output;
  NormStatistics statistics = {};
};

/// Runs passes that do not need each other's outputs, layer by layer side by side: where they are
/// of like size they cost as many launches as one of them. The networks must differ, because each
/// keeps its hidden layers.
void forward_together(std::span<const ForwardPass> passes);

/// The pass backwards that follows one forwards with the same parameters and input.
struct BackwardPass {
  const NetworkPass& network;
  const float* parameters;
  kernels::ConstMatrices input;
  kernels::ConstMatrices output_gradient;  // [rows, outputs], before the output's activation
  float* gradient;  // as the parameters lie; nullptr: the network does not learn
};

/// The gradients of the hidden layers' sums from `first_layer` on, of networks of one shape side by
/// side, and those of the parameters of their normalisations.
void backward_together(std::span<const BackwardPass> passes, std::size_t first_layer = 0);

/// After backward_together() to layer 0, of networks that learn: through the normalisations of
/// their inputs, if there are any, to the parameters of these.
void backward_input_norms(std::span<const BackwardPass> passes);

/// After backward_together() to layer 0: through the cells, if there are any, and back in time.
///   weights  [agents, rows]: rows with weight zero pass nothing back
void backward_cells_together(std::span<const BackwardPass> passes, const float* weights);

/// After these: the gradients of all other parameters.
void parameter_gradients_together(std::span<const BackwardPass> passes);

/// Runs the networks of all agents over the rows of `shape` each, one network of each agent.
/// Parameters are passed to each call: those of the first agent's network. forward() forgets the
/// pass before it.
class NetworkPass {
 public:
  NetworkPass(const NetworkLayout& layout, int agents, const StepShape& shape, HiddenLayers hidden,
              const LinearOperations& operations);

  /// Of a network that has one.
  CellPass& cell() { return *cell_; }
  const CellPass& cell() const { return *cell_; }

  /// output = network(input). input [rows, inputs], output [rows, outputs].
  void forward(const float* parameters, const NormStatistics& statistics,
               kernels::ConstMatrices input, kernels::Matrices output) const;

  /// After backward_together() to the layer where they enter: the gradient with respect to the last
  /// `columns` inputs, before the activation that made them. `input` [rows, columns] holds just
  /// these.
  void input_gradient(const float* parameters, kernels::ConstMatrices output_gradient, int columns,
                      Activation activation, kernels::ConstMatrices input,
                      kernels::Matrices gradient) const;

 private:
  friend void forward_together(std::span<const ForwardPass> passes);
  friend void backward_together(std::span<const BackwardPass> passes, std::size_t first_layer);
  friend void backward_input_norms(std::span<const BackwardPass> passes);
  friend void backward_cells_together(std::span<const BackwardPass> passes, const float* weights);
  friend void parameter_gradients_together(std::span<const BackwardPass> passes);

  /// What layer `index` does in a pass.
  kernels::LinearForward forward_layer(std::size_t index, const ForwardPass& pass) const;
  kernels::LinearBackwardInput backward_layer(std::size_t index, const BackwardPass& pass) const;
  kernels::LinearBackwardWeight weight_gradient(std::size_t index, const BackwardPass& pass) const;
  /// From layer 0 to the first of its inputs.
  kernels::LinearBackwardInput backward_to_first(const BackwardPass& pass, int inputs,
                                                 kernels::Matrices gradient) const;
  /// And what its normalisation does.
  kernels::LayerNorm layer_norm(std::size_t index, const float* parameters) const;
  kernels::LayerNormForward forward_norm(std::size_t index, const ForwardPass& pass) const;
  kernels::LayerNormBackward backward_norm(std::size_t index, const BackwardPass& pass) const;
  /// Those of the input's batch normalisation, and of a hidden layer's.
  kernels::BatchNormForward forward_input_norm(const ForwardPass& pass) const;
  kernels::BatchNormForward forward_batch_norm(std::size_t index, const ForwardPass& pass) const;
  /// The late inputs to where their layer reads them; and those of layer 0 that come beside the
  /// normalised ones.
  bool copies_inputs() const;
  kernels::CopyColumns copied_inputs(const ForwardPass& pass) const;

  kernels::ConstMatrices layer_input(std::size_t index, kernels::ConstMatrices input) const {
    if (index > 0) return hidden_.outputs[index - 1].view();
    if (input_norm_) return hidden_.input.view();
    return cell_ ? cell_->output() : input;
  }

  kernels::ConstMatrices weight(const LinearLayout& layer, const float* parameters) const {
    return {parameters + layer.weight_offset, layer.inputs, layout_.stride};
  }

  /// The gradient before the activation of layer `index`: the output's, or a hidden layer's.
  kernels::ConstMatrices gradient_of(std::size_t index,
                                     kernels::ConstMatrices output_gradient) const {
    return index + 1 == layout_.layers.size() ? output_gradient : hidden_.gradients[index].view();
  }

  NetworkLayout layout_;
  int agents_, rows_, learned_rows_;
  HiddenLayers hidden_;
  std::optional<CellPass> cell_;
  std::optional<BatchNormPass> input_norm_;
  std::vector<std::optional<BatchNormPass>> batch_norms_;  // [layers]
  const LinearOperations& operations_;
};

}  // namespace polyak::cuda
