// A policy's inference: one observation in, one action out.
#include "polyak/policy.hpp"

#include "polyak/core/error.hpp"

namespace polyak {

std::vector<float> Policy::act(std::span<const float> observation) const {
  if (observation.size() != static_cast<std::size_t>(observation_size())) {
    throw UsageError("the policy takes observations of " + std::to_string(observation_size()) +
                     " values, not " + std::to_string(observation.size()));
  }
  std::vector<float> input(observation.begin(), observation.end());
  for (const PolicyLayer& layer : layers) {
    const auto inputs = static_cast<std::size_t>(layer.inputs);
    std::vector<float> output(layer.bias);
    for (std::size_t o = 0; o < output.size(); ++o) {
      for (std::size_t i = 0; i < inputs; ++i) output[o] += layer.weight[o * inputs + i] * input[i];
      output[o] = activate(layer.activation, output[o]);
    }
    input = std::move(output);
  }
  for (std::size_t i = 0; i < input.size(); ++i) {
    input[i] = action_offset[i] + action_scale[i] * input[i];
  }
  return input;
}

}  // namespace polyak
