#include "backend/cuda/layered/norm_passes.hpp"

#include <utility>

namespace polyak::cuda {
namespace {

/// A matrix of one row, or of one packed column.
kernels::VectorBatch as_vectors(const BatchMatrix& matrix) {
  const kernels::StridedBatch view = matrix.view();
  return {view.data, view.agent_stride};
}

}  // namespace

LayerNormBuffers::LayerNormBuffers(int agents, int rows, int outputs, Direction direction,
                                   std::string_view purpose, MemoryBudget& budget) {
  if (direction == Direction::forward_only) return;
  normalised = BatchMatrix(agents, rows, outputs, purpose, budget);
  inverse_deviation = BatchMatrix(agents, rows, 1, purpose, budget);
}

LayerNormPass::LayerNormPass(const NetworkLayout& network, const LinearLayout& layer, int agents,
                             const StepShape& shape, LayerNormBuffers buffers)
    : layer_(layer),
      agents_(agents),
      shape_(shape),
      parameter_stride_(network.stride),
      buffers_(std::move(buffers)) {}

kernels::LayerNorm LayerNormPass::layer(const float* parameters, int rows) const {
  return {.agents = agents_,
          .rows = rows,
          .columns = layer_.outputs,
          .activation = layer_.activation,
          .weight = {parameters + layer_.norm_weight_offset, parameter_stride_},
          .bias = {parameters + layer_.norm_bias_offset, parameter_stride_}};
}

kernels::LayerNormForward LayerNormPass::forward(const float* parameters,
                                                 kernels::StridedBatch values) const {
  return {.layer = layer(parameters, shape_.rows()),
          .value = values,
          .normalised = buffers_.normalised.view(),
          .inverse_deviation = as_vectors(buffers_.inverse_deviation)};
}

kernels::LayerNormBackward LayerNormPass::backward(const float* parameters,
                                                   kernels::StridedBatch gradient,
                                                   float* parameter_gradient) const {
  kernels::LayerNormBackward norm{.layer = layer(parameters, shape_.learned_rows()),
                                  .gradient = gradient,
                                  .normalised = buffers_.normalised.view(),
                                  .inverse_deviation = as_vectors(buffers_.inverse_deviation),
                                  .weight_gradient = {},
                                  .bias_gradient = {}};
  if (parameter_gradient == nullptr) return norm;
  norm.weight_gradient = {parameter_gradient + layer_.norm_weight_offset, parameter_stride_};
  norm.bias_gradient = {parameter_gradient + layer_.norm_bias_offset, parameter_stride_};
  norm.steps = shape_.learned_steps;
  return norm;
}

BatchNormBuffers::BatchNormBuffers(int agents, int rows, int features, Direction direction,
                                   std::string_view purpose, MemoryBudget& budget) {
  if (direction == Direction::forward_only) return;
  normalised = BatchMatrix(agents, rows, features, purpose, budget);
  inverse_deviation = BatchMatrix(agents, 1, features, purpose, budget);
  discarded_bias_gradient = BatchMatrix(agents, 1, features, purpose, budget);
}

BatchNormPass::BatchNormPass(const NetworkLayout& network, const BatchNormLayout& norm,
                             Activation activation, int agents, int rows, BatchNormBuffers buffers)
    : norm_(norm),
      activation_(activation),
      agents_(agents),
      rows_(rows),
      parameter_stride_(network.stride),
      statistics_stride_(network.statistics_stride),
      buffers_(std::move(buffers)) {}

kernels::BatchNorm BatchNormPass::layer(const float* parameters) const {
  return {.agents = agents_,
          .rows = rows_,
          .columns = norm_.features,
          .activation = activation_,
          .weight = {parameters + norm_.weight_offset, parameter_stride_},
          .bias = {parameters + norm_.bias_offset, parameter_stride_}};
}

kernels::BatchNormForward BatchNormPass::forward(const float* parameters,
                                                 const NormStatistics& statistics,
                                                 kernels::ConstStridedBatch input,
                                                 kernels::StridedBatch output) const {
  return {.layer = layer(parameters),
          .mode = statistics.mode,
          .momentum = norm_.momentum,
          .input = input,
          .output = output,
          .running_mean = {statistics.running + norm_.mean_offset, statistics_stride_},
          .running_variance = {statistics.running + norm_.variance_offset, statistics_stride_},
          .normalised = buffers_.normalised.view(),
          .inverse_deviation = as_vectors(buffers_.inverse_deviation)};
}

kernels::BatchNormBackward BatchNormPass::backward(const float* parameters,
                                                   kernels::StridedBatch gradient,
                                                   float* parameter_gradient) const {
  return {.layer = layer(parameters),
          .gradient = gradient,
          .normalised = buffers_.normalised.view(),
          .inverse_deviation = as_vectors(buffers_.inverse_deviation),
          .weight_gradient = {parameter_gradient + norm_.weight_offset, parameter_stride_},
          .bias_gradient = {parameter_gradient + norm_.bias_offset, parameter_stride_}};
}

kernels::VectorBatch BatchNormPass::discarded_bias_gradient() const {
  return as_vectors(buffers_.discarded_bias_gradient);
}

}  // namespace polyak::cuda
