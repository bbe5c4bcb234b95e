#include "agent/policy_parameters.hpp"

#include <algorithm>

#include "polyak/environment/registry.hpp"

namespace polyak {

PolicyNetwork pack_policy(const Policy& policy) {
  std::vector<int> hidden;
  for (std::size_t i = 0; i + 1 < policy.layers.size(); ++i) {
    hidden.push_back(policy.layers[i].outputs);
  }
  PolicyNetwork network;
  network.layout = make_network_layout(
      policy.observation_size(), hidden, policy.action_size(), policy.layers.front().activation,
      policy.layers.back().activation, {.layer_norm = !policy.layers.front().norm_weight.empty()});
  network.normaliser = {policy.observation_mean, policy.observation_scale};
  network.parameters.assign(static_cast<std::size_t>(network.layout.stride), 0.0f);
  for (std::size_t i = 0; i < policy.layers.size(); ++i) {
    LinearLayout& layer = network.layout.layers[i];
    layer.activation = policy.layers[i].activation;
    const auto copy_to = [&](const std::vector<float>& values, std::int64_t offset) {
      std::copy(values.begin(), values.end(), network.parameters.begin() + offset);
    };
    copy_to(policy.layers[i].weight, layer.weight_offset);
    copy_to(policy.layers[i].bias, layer.bias_offset);
    copy_to(policy.layers[i].norm_weight, layer.norm_weight_offset);
    copy_to(policy.layers[i].norm_bias, layer.norm_bias_offset);
  }
  return network;
}

Policy unpack_policy(const Config& config, std::span<const float> parameters,
                     const ObservationNormaliser& normaliser) {
  const EnvironmentInfo environment = find_environment(config.environment);
  Policy policy;
  policy.environment = config.environment;
  policy.environment_parameters = environment_parameter_values(config);
  for (const LinearLayout& layer : actor_layout(config).layers) {
    const auto values = [&](std::int64_t offset, std::int64_t count) {
      const auto begin = parameters.begin() + offset;
      return std::vector<float>(begin, begin + count);
    };
    const auto weights = static_cast<std::int64_t>(layer.inputs) * layer.outputs;
    policy.layers.push_back({layer.inputs, layer.outputs, layer.activation,
                             values(layer.weight_offset, weights),
                             values(layer.bias_offset, layer.outputs)});
    if (!layer.layer_norm) continue;
    policy.layers.back().norm_weight = values(layer.norm_weight_offset, layer.outputs);
    policy.layers.back().norm_bias = values(layer.norm_bias_offset, layer.outputs);
  }
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
