// Policy::load and Policy::save: a policy as a safetensors file.
#include <algorithm>
#include <cmath>
#include <optional>

#include "io/atomic_file.hpp"
#include "io/safetensors.hpp"
#include "io/text_value.hpp"
#include "polyak/environment/registry.hpp"
#include "polyak/policy.hpp"

namespace polyak {
namespace {

constexpr std::string_view format_name = "polyak policy";
// Version 2 has observation_mean and observation_scale, which a reader of version 1 would not heed.
constexpr std::string_view plain_version = "1", normalising_version = "2";
constexpr std::string_view training_prefix = "training.";
constexpr std::size_t most_layers = 5;
constexpr std::int64_t largest_width = 1024;

std::string numbers_text(std::span<const float> values) {
  std::vector<std::string> texts;
  for (const float value : values) texts.push_back(format_number(value));
  return join_text(texts, ",");
}

std::map<std::string, std::string> make_metadata(const Policy& policy) {
  const EnvironmentInfo environment = find_environment(policy.environment);
  std::vector<std::string> parameters, activations;
  for (std::size_t i = 0; i < environment.parameters.size(); ++i) {
    parameters.push_back(std::string(environment.parameters[i].name) + "=" +
                         format_number(policy.environment_parameters[i]));
  }
  for (const PolicyLayer& layer : policy.layers) {
    activations.emplace_back(to_string(layer.activation));
  }
  std::map<std::string, std::string> metadata = {
      {"format", std::string(format_name)},
      {"format_version",
       std::string(policy.observation_mean.empty() ? plain_version : normalising_version)},
      {"environment", policy.environment},
      {"environment_parameters", join_text(parameters, ",")},
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
  for (const auto& [key, value] : policy.training) {
    metadata.emplace(std::string(training_prefix) + key, value);
  }
  return metadata;
}

/// Builds a policy from a file's content, checking everything against everything.
class PolicyReader {
 public:
  explicit PolicyReader(const std::filesystem::path& path)
      : path_(path), file_(read_safetensors(path)) {}

  Policy read() const {
    if (metadata_or("format", "") != format_name) {
      refuse("a safetensors file, but not a policy: its metadata lacks format = '" +
             std::string(format_name) + "'");
    }
    const std::string version = metadata("format_version");
    if (version != plain_version && version != normalising_version) {
      refuse("has policy format version '" + version + "'; this program reads versions " +
             std::string(plain_version) + " and " + std::string(normalising_version));
    }
    Policy policy;
    policy.environment = metadata("environment");
    const EnvironmentInfo environment = registered_environment(policy.environment);
    policy.environment_parameters = environment_parameters(policy.environment);
    policy.layers = layers();
    check_sizes(policy, environment);
    policy.action_scale = numbers("action_scale", "action", policy.action_size());
    policy.action_offset = numbers("action_offset", "action", policy.action_size());
    if (version == normalising_version) {
      const int size = policy.observation_size();
      policy.observation_mean = numbers("observation_mean", "observation", size);
      policy.observation_scale = numbers("observation_scale", "observation", size);
    }
    for (const auto& [key, value] : file_.metadata) {
      if (key.starts_with(training_prefix)) {
        policy.training.emplace(key.substr(training_prefix.size()), value);
      }
    }
    return policy;
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw UsageError(path_.string() + ": " + why);
  }

  std::string metadata_or(const std::string& key, const std::string& otherwise) const {
    const auto entry = file_.metadata.find(key);
    return entry == file_.metadata.end() ? otherwise : entry->second;
  }
  std::string metadata(const std::string& key) const {
    if (!file_.metadata.contains(key)) refuse("corrupted: its metadata lacks '" + key + "'");
    return file_.metadata.at(key);
  }

  EnvironmentInfo registered_environment(const std::string& name) const {
    try {
      return find_environment(name);
    } catch (const UsageError& error) {
      refuse(error.what());
    }
  }

  std::vector<float> environment_parameters(const std::string& environment) const {
    Config config;
    config.environment = environment;
    const std::string text = metadata("environment_parameters");
    if (!text.empty()) config.environment_parameters = split_text(text, ',');
    try {
      return environment_parameter_values(config);
    } catch (const UsageError& error) {
      refuse("corrupted: metadata 'environment_parameters': " + std::string(error.what()));
    }
  }

  std::vector<float> numbers(const std::string& key, const std::string& what, int count) const {
    std::vector<float> values;
    for (const std::string& text : split_text(metadata(key), ',')) {
      const std::optional<float> value = parse_number<float>(text);
      if (!value || !std::isfinite(*value)) {
        refuse("corrupted: metadata '" + key + "' has '" + text + "', which is no number");
      }
      values.push_back(*value);
    }
    if (values.size() != static_cast<std::size_t>(count)) {
      refuse("corrupted: metadata '" + key + "' has " + std::to_string(values.size()) +
             " values for " + std::to_string(count) + " " + what + " dimensions");
    }
    return values;
  }

  auto find_tensor(const std::string& name) const {
    return std::find_if(file_.tensors.begin(), file_.tensors.end(),
                        [&](const auto& candidate) { return candidate.first == name; });
  }
  bool has_tensor(const std::string& name) const {
    return find_tensor(name) != file_.tensors.end();
  }

  const Tensor& tensor(const std::string& name, std::size_t dimensions) const {
    const auto entry = find_tensor(name);
    if (entry == file_.tensors.end()) refuse("corrupted: tensor '" + name + "' is missing");
    const std::vector<std::int64_t>& shape = entry->second.shape;
    if (shape.size() != dimensions) {
      refuse("corrupted: tensor '" + name + "' has " + std::to_string(shape.size()) +
             " dimensions instead of " + std::to_string(dimensions));
    }
    for (const std::int64_t size : shape) {
      if (size < 1 || size > largest_width) {
        refuse("tensor '" + name + "' has a side of " + std::to_string(size) +
               "; layers are 1 to " + std::to_string(largest_width) + " wide");
      }
    }
    return entry->second;
  }

  Activation activation(const std::string& name) const {
    if (name == to_string(Activation::identity)) return Activation::identity;
    try {
      return parse_enum<Activation>(name);
    } catch (const UsageError& error) {
      refuse("corrupted: metadata 'activations': " + std::string(error.what()));
    }
  }

  std::vector<PolicyLayer> layers() const {
    const std::vector<std::string> activations = split_text(metadata("activations"), ',');
    if (activations.size() > most_layers) {
      refuse("has " + std::to_string(activations.size()) + " layers; 1 to " +
             std::to_string(most_layers) + " are possible");
    }
    // Either every hidden layer is normalised or none; files from before there was a choice have no
    // such tensors.
    const bool layer_norm = has_tensor("actor.0.norm.weight");
    const std::size_t norms = layer_norm ? activations.size() - 1 : 0;
    if (file_.tensors.size() != 2 * (activations.size() + norms)) {
      refuse("corrupted: " + std::to_string(file_.tensors.size()) + " tensors for " +
             std::to_string(activations.size()) + " layers" +
             (layer_norm ? " with normalised hidden layers" : "") +
             "; each has a weight and a bias");
    }
    std::vector<PolicyLayer> result;
    for (std::size_t i = 0; i < activations.size(); ++i) {
      const std::string name = "actor." + std::to_string(i);
      const Tensor& weight = tensor(name + ".weight", 2);
      const Tensor& bias = tensor(name + ".bias", 1);
      const bool fits_previous = result.empty() || result.back().outputs == weight.shape[1];
      if (!fits_previous || bias.shape[0] != weight.shape[0]) {
        refuse("corrupted: the shapes of layer '" + name + "' do not fit their neighbours");
      }
      result.push_back({static_cast<int>(weight.shape[1]), static_cast<int>(weight.shape[0]),
                        activation(activations[i]), weight.values, bias.values});
      if (i < norms) read_norm(name + ".norm", result.back());
    }
    return result;
  }

  void read_norm(const std::string& name, PolicyLayer& layer) const {
    const Tensor& weight = tensor(name + ".weight", 1);
    const Tensor& bias = tensor(name + ".bias", 1);
    if (weight.shape[0] != layer.outputs || bias.shape[0] != layer.outputs) {
      refuse("corrupted: the shapes of '" + name + "' do not fit its layer");
    }
    layer.norm_weight = weight.values;
    layer.norm_bias = bias.values;
  }

  void check_sizes(const Policy& policy, const EnvironmentInfo& environment) const {
    check_size("observation", "observation_size", policy.observation_size(),
               environment.observation_size, policy.environment);
    check_size("action", "action_size", policy.action_size(), environment.action_size,
               policy.environment);
  }
  void check_size(const std::string& what, const std::string& key, int in_network,
                  int in_environment, const std::string& environment) const {
    if (metadata(key) != std::to_string(in_network)) {
      refuse("corrupted: metadata '" + key + "' is '" + metadata(key) + "', but the network's " +
             what + " has " + std::to_string(in_network) + " values");
    }
    if (in_network != in_environment) {
      refuse("its network has " + std::to_string(in_network) + " " + what + " values, but " +
             environment + " has " + std::to_string(in_environment));
    }
  }

  const std::filesystem::path& path_;
  Safetensors file_;
};

}  // namespace

Policy Policy::load(const std::filesystem::path& path) { return PolicyReader(path).read(); }

void Policy::save(const std::filesystem::path& path) const {
  Safetensors file{make_metadata(*this), {}};
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const PolicyLayer& layer = layers[i];
    const std::string name = "actor." + std::to_string(i);
    file.tensors.push_back({name + ".weight", {{layer.outputs, layer.inputs}, layer.weight}});
    file.tensors.push_back({name + ".bias", {{layer.outputs}, layer.bias}});
    if (layer.norm_weight.empty()) continue;
    file.tensors.push_back({name + ".norm.weight", {{layer.outputs}, layer.norm_weight}});
    file.tensors.push_back({name + ".norm.bias", {{layer.outputs}, layer.norm_bias}});
  }
  write_file_atomically(path, serialise_safetensors(file));
}

}  // namespace polyak
