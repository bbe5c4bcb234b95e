// What the normalisations of a network do in a pass.
#include "backend/cuda/layered/network_pass.hpp"

namespace polyak::cuda {

kernels::LayerNorm NetworkPass::layer_norm(std::size_t index, const float* parameters) const {
  const LinearLayout& layer = layout_.layers[index];
  return {.agents = agents_,
          .rows = rows_,
          .columns = layer.outputs,
          .activation = layer.activation,
          .weight = {parameters + layer.norm_weight_offset, layout_.stride},
          .bias = {parameters + layer.norm_bias_offset, layout_.stride}};
}

kernels::LayerNormForward NetworkPass::forward_norm(std::size_t index,
                                                    const ForwardPass& pass) const {
  kernels::LayerNormForward norm{};
  norm.layer = layer_norm(index, pass.parameters);
  norm.value = hidden_.outputs[index].view();
  if (hidden_.normalised.empty()) return norm;
  const kernels::Matrices deviations = hidden_.inverse_deviations[index].view();
  norm.normalised = hidden_.normalised[index].view();
  norm.inverse_deviation = {deviations.data, deviations.agent_stride};
  return norm;
}

kernels::LayerNormBackward NetworkPass::backward_norm(std::size_t index,
                                                      const BackwardPass& pass) const {
  const LinearLayout& layer = layout_.layers[index];
  const kernels::Matrices deviations = hidden_.inverse_deviations[index].view();
  kernels::LayerNormBackward norm{};
  norm.layer = layer_norm(index, pass.parameters);
  norm.layer.rows = learned_rows_;
  norm.gradient = hidden_.gradients[index].view();
  norm.normalised = hidden_.normalised[index].view();
  norm.inverse_deviation = {deviations.data, deviations.agent_stride};
  if (pass.gradient == nullptr) return norm;
  norm.weight_gradient = {pass.gradient + layer.norm_weight_offset, layout_.stride};
  norm.bias_gradient = {pass.gradient + layer.norm_bias_offset, layout_.stride};
  return norm;
}

kernels::BatchNormForward NetworkPass::forward_input_norm(const ForwardPass& pass) const {
  return input_norm_->forward(pass.parameters, pass.statistics, pass.input, hidden_.input.view());
}

kernels::BatchNormForward NetworkPass::forward_batch_norm(std::size_t index,
                                                          const ForwardPass& pass) const {
  const kernels::Matrices values = hidden_.outputs[index].view();
  return batch_norms_[index]->forward(pass.parameters, pass.statistics, values, values);
}

}  // namespace polyak::cuda
