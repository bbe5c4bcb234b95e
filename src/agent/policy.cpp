// A policy's inference: one observation in, one action out.
#include "polyak/policy.hpp"

#include <algorithm>

#include "agent/policy_cell.hpp"
#include "polyak/config.hpp"
#include "polyak/core/error.hpp"
#include "polyak/core/layer_norm.hpp"
#include "polyak/core/summation.hpp"

namespace polyak {
namespace {

void normalise(const PolicyLayer& layer, std::vector<float>& values) {
  const int count = static_cast<int>(values.size());
  const float scale = 1.0f / static_cast<float>(count);
  const auto value = [&](int i) { return values[static_cast<std::size_t>(i)]; };
  const float mean = scale * sum_over_features<float>(count, value);
  const float variance = scale * sum_over_features<float>(count, [&](int i) {
                           const float centred = value(i) - mean;
                           return centred * centred;
                         });
  const float inverse = inverse_deviation(variance);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = layer.norm_weight[i] * ((values[i] - mean) * inverse) + layer.norm_bias[i];
  }
}

std::vector<float> normalised_observation(const Policy& policy,
                                          std::span<const float> observation) {
  if (observation.size() != static_cast<std::size_t>(policy.observation_size())) {
    throw UsageError("the policy takes observations of " +
                     std::to_string(policy.observation_size()) + " values, not " +
                     std::to_string(observation.size()));
  }
  std::vector<float> result(observation.begin(), observation.end());
  for (std::size_t i = 0; i < policy.observation_mean.size(); ++i) {
    result[i] = (result[i] - policy.observation_mean[i]) * policy.observation_scale[i];
  }
  return result;
}

/// What the layers make of their input: the normalised action.
std::vector<float> run_layers(const std::vector<PolicyLayer>& layers, std::vector<float> input) {
  for (const PolicyLayer& layer : layers) {
    std::vector<float> output = affine_map(layer.weight, layer.bias, input);
    if (!layer.norm_weight.empty()) normalise(layer, output);
    for (float& value : output) value = activate(layer.activation, value);
    input = std::move(output);
  }
  return input;
}

}  // namespace

std::vector<float> Policy::act(std::span<const float> observation) const {
  if (cell) {
    throw UsageError("the policy has a recurrent cell (" + std::string(to_string(cell->kind)) +
                     "): call act(observation, memory), with a new PolicyMemory for every episode");
  }
  PolicyMemory memory;
  return act(observation, memory);
}

std::vector<float> Policy::act_batch(std::span<const float> observations) const {
  const auto size = static_cast<std::size_t>(observation_size());
  std::vector<float> actions;
  while (!observations.empty()) {
    const auto one = observations.first(std::min(size, observations.size()));
    const std::vector<float> action = act(one);
    actions.insert(actions.end(), action.begin(), action.end());
    observations = observations.subspan(one.size());
  }
  return actions;
}

std::vector<float> Policy::act(std::span<const float> observation, PolicyMemory& memory) const {
  std::vector<float> input = normalised_observation(*this, observation);
  if (cell) {
    step_policy_cell(*this, input, memory);
    input.insert(input.begin(), memory.hidden.begin(), memory.hidden.end());
  }
  memory.previous_action = run_layers(layers, std::move(input));
  std::vector<float> action(memory.previous_action);
  for (std::size_t i = 0; i < action.size(); ++i) {
    action[i] = action_offset[i] + action_scale[i] * action[i];
  }
  return action;
}

}  // namespace polyak
