#include "agent/policy_parameters.hpp"

#include <algorithm>
#include <utility>

#include "agent/batch_norm.hpp"
#include "config/derived.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak {

namespace {

NetworkLayout layout_of(const Policy& policy) {
  std::vector<int> hidden;
  for (std::size_t i = 0; i + 1 < policy.layers.size(); ++i) {
    hidden.push_back(policy.layers[i].outputs);
  }
  NetworkOptions options{.layer_norm = !policy.layers.front().norm_weight.empty()};
  if (policy.cell) {
    options.cell = policy.cell->kind;
    options.recurrent_units = policy.cell->units;
    options.history_inputs = policy.cell->inputs - policy.observation_size();
  }
  NetworkLayout layout = make_network_layout(policy.observation_size(), hidden,
                                             policy.action_size(), policy.layers.front().activation,
                                             policy.layers.back().activation, options);
  for (std::size_t i = 0; i < policy.layers.size(); ++i) {
    layout.layers[i].activation = policy.layers[i].activation;
  }
  return layout;
}

std::int64_t weight_count(const LinearLayout& linear) {
  return static_cast<std::int64_t>(linear.inputs) * linear.outputs;
}

/// Parts of a flat parameter array.
struct ParameterReader {
  std::span<const float> parameters;

  std::vector<float> values(std::int64_t offset, std::int64_t count) const {
    const auto begin = parameters.begin() + offset;
    return {begin, begin + count};
  }
  PolicyLayer layer(const LinearLayout& layout) const {
    PolicyLayer layer{layout.inputs, layout.outputs, layout.activation,
                      values(layout.weight_offset, weight_count(layout)),
                      values(layout.bias_offset, layout.outputs)};
    if (layout.layer_norm) {
      layer.norm_weight = values(layout.norm_weight_offset, layout.outputs);
      layer.norm_bias = values(layout.norm_bias_offset, layout.outputs);
    }
    return layer;
  }
  PolicyCell cell(const CellLayout& layout) const {
    return {layout.kind,
            layout.input.inputs,
            layout.units,
            values(layout.input.weight_offset, weight_count(layout.input)),
            values(layout.input.bias_offset, layout.input.outputs),
            values(layout.recurrent.weight_offset, weight_count(layout.recurrent)),
            values(layout.recurrent.bias_offset, layout.recurrent.outputs)};
  }
};

}  // namespace

PolicyNetwork pack_policy(const Policy& policy) {
  PolicyNetwork network;
  network.layout = layout_of(policy);
  network.normaliser = {policy.observation_mean, policy.observation_scale};
  network.reward_scale = policy.reward_scale;
  network.parameters.assign(static_cast<std::size_t>(network.layout.stride), 0.0f);
  const auto copy_to = [&](const std::vector<float>& values, std::int64_t offset) {
    std::copy(values.begin(), values.end(), network.parameters.begin() + offset);
  };
  if (policy.cell) {
    const CellLayout& cell = *network.layout.cell;
    copy_to(policy.cell->input_weight, cell.input.weight_offset);
    copy_to(policy.cell->input_bias, cell.input.bias_offset);
    copy_to(policy.cell->recurrent_weight, cell.recurrent.weight_offset);
    copy_to(policy.cell->recurrent_bias, cell.recurrent.bias_offset);
  }
  for (std::size_t i = 0; i < policy.layers.size(); ++i) {
    const LinearLayout& layer = network.layout.layers[i];
    copy_to(policy.layers[i].weight, layer.weight_offset);
    copy_to(policy.layers[i].bias, layer.bias_offset);
    copy_to(policy.layers[i].norm_weight, layer.norm_weight_offset);
    copy_to(policy.layers[i].norm_bias, layer.norm_bias_offset);
  }
  return network;
}

Policy unpack_policy(const Config& config, int agent, std::span<const float> parameters,
                     const ObservationNormaliser& normaliser, std::span<const float> statistics) {
  const EnvironmentInfo environment = find_environment(config.environment);
  NetworkLayout layout = actor_layout(config);
  std::vector<float> folded;
  if (config.batch_norm) {
    PlainNetworks plain = fold_batch_norm(layout, parameters, statistics);
    layout = std::move(plain.layout);
    folded = std::move(plain.parameters);
    parameters = folded;
  }
  const ParameterReader reader{parameters};
  Policy policy;
  policy.environment = config.environment;
  policy.environment_parameters = environment_parameter_values(config);
  if (layout.cell) {
    policy.cell = reader.cell(*layout.cell);
    policy.reward_scale = config.reward_scale[agent];
  }
  for (const LinearLayout& layer : layout.layers) policy.layers.push_back(reader.layer(layer));
  if (normaliser.mean != nullptr) {
    const int size = environment.observation_size;
    policy.observation_mean.assign(normaliser.mean, normaliser.mean + size);
    policy.observation_scale.assign(normaliser.scale, normaliser.scale + size);
  }
  for (int i = 0; i < environment.action_size; ++i) {
    const float low = environment.action_low(i), high = environment.action_high(i);
    policy.action_scale.push_back(0.5f * (high - low));
    policy.action_offset.push_back(0.5f * (high + low));
  }
  return policy;
}

}  // namespace polyak
