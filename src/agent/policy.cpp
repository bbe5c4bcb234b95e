// A policy's inference: one observation in, one action out.
#include "polyak/policy.hpp"

#include <algorithm>

#include "agent/dense_layer.hpp"
#include "agent/policy_cell.hpp"
#include "polyak/config.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

void require_size(std::size_t given, int expected, const char* what) {
  if (given == static_cast<std::size_t>(expected)) return;
  throw UsageError(std::string("the policy ") + what + " of " + std::to_string(expected) +
                   " values, not " + std::to_string(given));
}

void require_no_cell(const Policy& policy) {
  if (!policy.cell) return;
  throw UsageError("the policy has a recurrent cell (" + std::string(to_string(policy.cell->kind)) +
                   "): call act(observation, memory), with a new PolicyMemory for every episode");
}

/// Files and trainings keep to these sizes; policies made by hand may not.
void require_room(const Policy& policy) {
  const auto fits = [](int size, std::size_t largest) {
    return static_cast<std::size_t>(size) <= largest;
  };
  bool all_fit = fits(policy.layers.front().inputs, PolicyWorkspace::largest_width) &&
                 (!policy.cell || (fits(policy.cell->units, PolicyWorkspace::largest_cell) &&
                                   fits(policy.cell->inputs, PolicyWorkspace::largest_input)));
  for (const PolicyLayer& layer : policy.layers) {
    all_fit = all_fit && fits(layer.outputs, PolicyWorkspace::largest_width);
  }
  if (!all_fit) {
    throw UsageError("the policy is too large: layers may have up to " +
                     std::to_string(PolicyWorkspace::largest_width) +
                     " inputs and outputs, and a recurrent cell " +
                     std::to_string(PolicyWorkspace::largest_cell) + " units");
  }
}

/// x = (observation - mean) * scale, or the observation itself.
void normalise_observation(const Policy& policy, std::span<const float> observation, float* x) {
  std::copy(observation.begin(), observation.end(), x);
  for (std::size_t i = 0; i < policy.observation_mean.size(); ++i) {
    x[i] = (x[i] - policy.observation_mean[i]) * policy.observation_scale[i];
  }
}

/// What the layers make of values[0]: the normalised action, somewhere in `workspace`.
std::span<const float> run_layers(const std::vector<PolicyLayer>& layers,
                                  PolicyWorkspace& workspace) {
  std::span<float> input(workspace.values[0], static_cast<std::size_t>(layers.front().inputs));
  int other = 1;
  for (const PolicyLayer& layer : layers) {
    const std::span<float> output(workspace.values[other], static_cast<std::size_t>(layer.outputs));
    affine_map(layer.weight, layer.bias, input, output);
    if (!layer.norm_weight.empty()) {
      normalise_features(layer.norm_weight, layer.norm_bias, output);
    }
    activate_all(layer.activation, output);
    input = output;
    other = 1 - other;
  }
  return input;
}

/// memory: null for a policy without a cell, of which nothing is to be kept.
void run_policy(const Policy& policy, std::span<const float> observation, PolicyMemory* memory,
                std::span<float> action) {
  require_size(observation.size(), policy.observation_size(), "takes observations");
  require_size(action.size(), policy.action_size(), "gives actions");
  require_room(policy);
  PolicyWorkspace workspace;
  float* const x =
      workspace.values[0] + (policy.cell ? static_cast<std::size_t>(policy.cell->units) : 0);
  normalise_observation(policy, observation, x);
  if (policy.cell) {
    step_policy_cell(policy, {x, observation.size()}, *memory, workspace);
    std::copy(memory->hidden.begin(), memory->hidden.end(), workspace.values[0]);
  }
  const std::span<const float> normalised = run_layers(policy.layers, workspace);
  if (memory != nullptr) memory->previous_action.assign(normalised.begin(), normalised.end());
  for (std::size_t i = 0; i < action.size(); ++i) {
    action[i] = policy.action_offset[i] + policy.action_scale[i] * normalised[i];
  }
}

}  // namespace

void Policy::act(std::span<const float> observation, std::span<float> action) const {
  require_no_cell(*this);
  run_policy(*this, observation, nullptr, action);
}

void Policy::act(std::span<const float> observation, PolicyMemory& memory,
                 std::span<float> action) const {
  run_policy(*this, observation, &memory, action);
}

std::vector<float> Policy::act(std::span<const float> observation) const {
  std::vector<float> action(static_cast<std::size_t>(action_size()));
  act(observation, std::span(action));
  return action;
}

std::vector<float> Policy::act(std::span<const float> observation, PolicyMemory& memory) const {
  std::vector<float> action(static_cast<std::size_t>(action_size()));
  act(observation, memory, action);
  return action;
}

std::vector<float> Policy::act_batch(std::span<const float> observations) const {
  const auto size = static_cast<std::size_t>(observation_size());
  const auto actions_of_each = static_cast<std::size_t>(action_size());
  std::vector<float> actions((observations.size() + size - 1) / size * actions_of_each);
  for (std::span<float> rest(actions); !rest.empty(); rest = rest.subspan(actions_of_each)) {
    const auto one = observations.first(std::min(size, observations.size()));
    act(one, rest.first(actions_of_each));
    observations = observations.subspan(one.size());
  }
  return actions;
}

}  // namespace polyak
