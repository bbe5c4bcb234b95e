// A policy's inference: one observation in, one action out.
#include "polyak/policy.hpp"

#include "polyak/core/error.hpp"
#include "polyak/core/layer_norm.hpp"

namespace polyak {
namespace {

void normalise(const PolicyLayer& layer, std::vector<float>& values) {
  const float scale = 1.0f / static_cast<float>(values.size());
  float mean = 0.0f, variance = 0.0f;
  for (const float value : values) mean += scale * value;
  for (const float value : values) variance += scale * (value - mean) * (value - mean);
  const float inverse = inverse_deviation(variance);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = layer.norm_weight[i] * ((values[i] - mean) * inverse) + layer.norm_bias[i];
  }
}

}  // namespace

std::vector<float> Policy::act(std::span<const float> observation) const {
  if (observation.size() != static_cast<std::size_t>(observation_size())) {
    throw UsageError("the policy takes observations of " + std::to_string(observation_size()) +
                     " values, not " + std::to_string(observation.size()));
  }
  std::vector<float> input(observation.begin(), observation.end());
  for (std::size_t i = 0; i < observation_mean.size(); ++i) {
    input[i] = (input[i] - observation_mean[i]) * observation_scale[i];
  }
  for (const PolicyLayer& layer : layers) {
    const auto inputs = static_cast<std::size_t>(layer.inputs);
    std::vector<float> output(layer.bias);
    for (std::size_t o = 0; o < output.size(); ++o) {
      for (std::size_t i = 0; i < inputs; ++i) output[o] += layer.weight[o * inputs + i] * input[i];
    }
    if (!layer.norm_weight.empty()) normalise(layer, output);
    for (float& value : output) value = activate(layer.activation, value);
    input = std::move(output);
  }
  for (std::size_t i = 0; i < input.size(); ++i) {
    input[i] = action_offset[i] + action_scale[i] * input[i];
  }
  return input;
}

}  // namespace polyak
