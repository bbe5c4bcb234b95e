// The networks of all agents, forwards and backwards over a batch: multilayer perceptrons, perhaps
// behind recurrent cells.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "agent/agent.hpp"
#include "backend/cuda/device/memory_budget.hpp"
#include "backend/cuda/layered/batch_matrix.hpp"
#include "backend/cuda/layered/cell_pass.hpp"
#include "backend/cuda/layered/linear_operations.hpp"
#include "backend/cuda/layered/norm_passes.hpp"
#include "kernels/arrays.hpp"
#include "kernels/copy_columns.hpp"

namespace polyak::cuda {

/// Scratch memory for a network's hidden layers over a batch: their outputs (before the layer that
/// takes the action in, the action behind them) and, to go backwards, the gradients before their
/// activations.
struct HiddenLayers {
  HiddenLayers(const NetworkLayout& layout, int agents, const StepShape& shape, Direction direction,
               std::string_view purpose, MemoryBudget& budget);
  CellBuffers cell;
  std::vector<BatchMatrix> outputs;           // [hidden layers]
  std::vector<BatchMatrix> gradients;         // [hidden layers], or empty
  std::vector<LayerNormBuffers> layer_norms;  // [hidden layers]
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
  kernels::ConstStridedBatch input;
  kernels::StridedBatch output;
  NormStatistics statistics = {};
};

/// The pass backwards that follows one forwards with the same parameters and input.
struct BackwardPass {
  const NetworkPass& network;
  const float* parameters;
  kernels::ConstStridedBatch input;
  kernels::ConstStridedBatch output_gradient;  // [rows, outputs], before the output's activation
  float* gradient;  // as the parameters lie; nullptr: the network does not learn
};

/// An action that a network's output is, for the gradient that goes back into it.
struct ActionOperands {
  Activation activation;              // that made it
  kernels::ConstStridedBatch action;  // [rows, action size]
  kernels::StridedBatch gradient;     // [rows, action size], before the activation
};

/// Runs the networks of all agents over the rows of `shape` each, one network of each agent.
/// Parameters are passed to each call: those of the first agent's network. Passes that do not need
/// each other's results go layer by layer side by side: where they are of like size they cost as
/// many launches as one of them. Their networks must differ, because each keeps its hidden layers
/// until its next pass forwards.
class NetworkPass {
 public:
  NetworkPass(const NetworkLayout& layout, int agents, const StepShape& shape, HiddenLayers hidden,
              const LinearOperations& operations);

  /// Of a network that has one.
  CellPass& cell() { return *cell_; }
  const CellPass& cell() const { return *cell_; }

  static void forward(std::span<const ForwardPass> passes);
  static void forward(const ForwardPass& pass) { forward({&pass, 1}); }

  /// The gradients of all parameters, of networks of one shape.
  ///   weights  [agents, rows]: a recurrent cell passes nothing back in time where they are zero
  static void backward_to_parameters(std::span<const BackwardPass> passes, const float* weights);

  /// The gradient of a critic's action, through a network that does not learn.
  static void backward_to_action(const BackwardPass& pass, const ActionOperands& action);

 private:
  static void backward_to_layer(std::span<const BackwardPass> passes, std::size_t first_layer);
  static void backward_input_norms(std::span<const BackwardPass> passes);
  static void backward_cells(std::span<const BackwardPass> passes, const float* weights);

  /// What layer `index` does in a pass.
  kernels::LinearForward forward_layer(std::size_t index, const ForwardPass& pass) const;
  kernels::LinearBackwardInput backward_layer(std::size_t index, const BackwardPass& pass) const;
  kernels::LinearBackwardWeight weight_gradient(std::size_t index, const BackwardPass& pass) const;
  /// From layer 0 to the first of its inputs.
  kernels::LinearBackwardInput backward_to_first(const BackwardPass& pass, int inputs,
                                                 kernels::StridedBatch gradient) const;
  /// Inputs that no normalisation or cell hands on to the layer that reads them: an action that
  /// enters behind layer 0, or beside normalised inputs.
  bool copies_inputs() const;
  kernels::CopyColumns copied_inputs(const ForwardPass& pass) const;

  kernels::ConstStridedBatch layer_input(std::size_t index,
                                         kernels::ConstStridedBatch input) const {
    if (index > 0) return hidden_.outputs[index - 1].view();
    if (input_norm_) return hidden_.input.view();
    return cell_ ? cell_->output() : input;
  }

  kernels::ConstStridedBatch weight(const LinearLayout& layer, const float* parameters) const {
    return {parameters + layer.weight_offset, layer.inputs, layout_.stride};
  }

  /// The gradient before the activation of layer `index`: the output's, or a hidden layer's.
  kernels::ConstStridedBatch gradient_of(std::size_t index, const BackwardPass& pass) const {
    const bool is_last = index + 1 == layout_.layers.size();
    return is_last ? pass.output_gradient : hidden_.gradients[index].view();
  }

  NetworkLayout layout_;
  int agents_, rows_, learned_rows_, learned_steps_;
  HiddenLayers hidden_;
  std::optional<CellPass> cell_;
  std::optional<BatchNormPass> input_norm_;
  std::vector<std::optional<LayerNormPass>> layer_norms_;  // [layers]
  std::vector<std::optional<BatchNormPass>> batch_norms_;  // [layers]
  const LinearOperations& operations_;
};

}  // namespace polyak::cuda
