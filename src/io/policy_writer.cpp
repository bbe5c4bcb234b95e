// Policy::save: a policy as a safetensors file.
#include <algorithm>

#include "io/atomic_file.hpp"
#include "io/policy_format.hpp"
#include "io/safetensors_checksum.hpp"
#include "io/text_value.hpp"
#include "polyak/environment/registry.hpp"
#include "polyak/policy.hpp"

namespace polyak {
namespace {

std::string numbers_text(std::span<const float> values) {
  std::vector<std::string> texts;
  for (const float value : values) texts.push_back(format_number(value));
  return join_text(texts, ",");
}

std::string_view version_of(const Policy& policy) {
  if (policy.cell) return policy_format::recurrent_version;
  return policy.observation_mean.empty() ? policy_format::plain_version
                                         : policy_format::normalising_version;
}

/// name=value of each of the environment's parameters.
std::string parameters_text(const Policy& policy) {
  std::vector<std::string> names = policy.parameter_names;
  if (policy_format::is_registered(policy.environment)) {
    names.clear();
    for (const EnvironmentParameter& parameter : find_environment(policy.environment).parameters) {
      names.emplace_back(parameter.name);
    }
  }
  if (names.size() != policy.environment_parameters.size()) {
    throw UsageError("the policy's environment " + policy.environment + " has " +
                     std::to_string(policy.environment_parameters.size()) + " parameters, but " +
                     std::to_string(names.size()) + " names for them");
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    names[i] += "=" + format_number(policy.environment_parameters[i]);
  }
  return join_text(names, ",");
}

std::map<std::string, std::string> make_metadata(const Policy& policy) {
  std::vector<std::string> activations;
  for (const PolicyLayer& layer : policy.layers) {
    activations.emplace_back(to_string(layer.activation));
  }
  std::map<std::string, std::string> metadata = {
      {"format", std::string(policy_format::format_name)},
      {"format_version", std::string(version_of(policy))},
      {"environment", policy.environment},
      {"environment_parameters", parameters_text(policy)},
      {"observation_size", std::to_string(policy.observation_size())},
      {"action_size", std::to_string(policy.action_size())},
      {"activations", join_text(activations, ",")},
      {"action_scale", numbers_text(policy.action_scale)},
      {"action_offset", numbers_text(policy.action_offset)},
  };
  if (!policy.observation_mean.empty()) {
    metadata.emplace("observation_mean", numbers_text(policy.observation_mean));
    metadata.emplace("observation_scale", numbers_text(policy.observation_scale));
  }
  if (policy.cell) {
    metadata.emplace("cell", to_string(policy.cell->kind));
    metadata.emplace("reward_scale", format_number(policy.reward_scale));
  }
  for (const auto& [key, value] : policy.training) {
    metadata.emplace(std::string(policy_format::training_prefix) + key, value);
  }
  return metadata;
}

}  // namespace

bool policy_format::is_registered(std::string_view environment) {
  const std::vector<EnvironmentInfo> known = all_environments();
  return std::any_of(known.begin(), known.end(),
                     [&](const EnvironmentInfo& info) { return info.name == environment; });
}

std::string policy_format::serialise(const Policy& policy) {
  const std::optional<PolicyCell>& cell = policy.cell;
  Safetensors file{make_metadata(policy), {}};
  if (cell) {
    const int outputs = gate_count(cell->kind) * cell->units;
    file.tensors.push_back({"cell.input.weight", {{outputs, cell->inputs}, cell->input_weight}});
    file.tensors.push_back({"cell.input.bias", {{outputs}, cell->input_bias}});
    file.tensors.push_back(
        {"cell.recurrent.weight", {{outputs, cell->units}, cell->recurrent_weight}});
    file.tensors.push_back({"cell.recurrent.bias", {{outputs}, cell->recurrent_bias}});
  }
  for (std::size_t i = 0; i < policy.layers.size(); ++i) {
    const PolicyLayer& layer = policy.layers[i];
    const std::string name = "actor." + std::to_string(i);
    file.tensors.push_back({name + ".weight", {{layer.outputs, layer.inputs}, layer.weight}});
    file.tensors.push_back({name + ".bias", {{layer.outputs}, layer.bias}});
    if (layer.norm_weight.empty()) continue;
    file.tensors.push_back({name + ".norm.weight", {{layer.outputs}, layer.norm_weight}});
    file.tensors.push_back({name + ".norm.bias", {{layer.outputs}, layer.norm_bias}});
  }
  return serialise_with_checksum(std::move(file));
}

void Policy::save(const std::filesystem::path& path) const {
  write_file_atomically(path, policy_format::serialise(*this));
}

}  // namespace polyak
