#include "backend/cuda/layered/batch_norm_pass.hpp"

#include <utility>

namespace polyak::cuda {
namespace {

kernels::Vectors only_row(const BatchMatrix& matrix) {
  const kernels::Matrices view = matrix.view();
  return {view.data, view.agent_stride};
}

}  // namespace

BatchNormBuffers::BatchNormBuffers(int agents, int rows, int features, Direction direction,
                                   std::string_view purpose, MemoryBudget& budget) {
  if (direction == Direction::forward_only) return;
  normalised = BatchMatrix(agents, rows, features, purpose, budget);
  inverse_deviation = BatchMatrix(agents, 1, features, purpose, budget);
  taken_out = BatchMatrix(agents, 1, features, purpose, budget);
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
                                                 kernels::ConstMatrices input,
                                                 kernels::Matrices output) const {
  return {.layer = layer(parameters),
          .mode = statistics.mode,
          .momentum = norm_.momentum,
          .input = input,
          .output = output,
          .running_mean = {statistics.running + norm_.mean_offset, statistics_stride_},
          .running_variance = {statistics.running + norm_.variance_offset, statistics_stride_},
          .normalised = buffers_.normalised.view(),
          .inverse_deviation = only_row(buffers_.inverse_deviation)};
}

kernels::BatchNormBackward BatchNormPass::backward(const float* parameters,
                                                   kernels::Matrices gradient,
                                                   float* parameter_gradient) const {
  return {.layer = layer(parameters),
          .gradient = gradient,
          .normalised = buffers_.normalised.view(),
          .inverse_deviation = only_row(buffers_.inverse_deviation),
          .weight_gradient = {parameter_gradient + norm_.weight_offset, parameter_stride_},
          .bias_gradient = {parameter_gradient + norm_.bias_offset, parameter_stride_}};
}

kernels::Vectors BatchNormPass::taken_out() const { return only_row(buffers_.taken_out); }

}  // namespace polyak::cuda
