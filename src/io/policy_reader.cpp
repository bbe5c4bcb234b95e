// Policy::load: a policy from a safetensors file.
#include "io/policy_reader.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "config/derived.hpp"
#include "io/policy_format.hpp"
#include "io/read_file.hpp"
#include "io/safetensors.hpp"
#include "io/text_value.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak {
namespace {

constexpr std::size_t max_layers = 5;
constexpr std::int64_t largest_width = 1024, largest_cell = 256;
constexpr std::size_t cell_tensors = 4;

/// Builds a policy from a file's content, checking everything against everything.
class PolicyReader {
 public:
  PolicyReader(std::string_view bytes, const std::string& name)
      : name_(name), file_(parse_safetensors(bytes, name)) {}

  Policy read() const {
    if (metadata_or("format", "") != policy_format::name) {
      refuse("a safetensors file, but not a policy: its metadata lacks format = '" +
             std::string(policy_format::name) + "'");
    }
    const std::string version = metadata("format_version");
    check_version(version);
    const bool recurrent = version == policy_format::recurrent_version;
    Policy policy;
    policy.environment = metadata("environment");
    const EnvironmentInfo environment = registered_environment(policy.environment);
    policy.environment_parameters = environment_parameters(policy.environment);
    if (recurrent) {
      policy.cell = cell();
      policy.reward_scale = number("reward_scale", metadata("reward_scale"));
    }
    policy.layers = layers(recurrent ? cell_tensors : 0);
    check_sizes(policy, environment);
    policy.action_scale = numbers("action_scale", "action", policy.action_size());
    policy.action_offset = numbers("action_offset", "action", policy.action_size());
    if (version == policy_format::normalising_version || (recurrent && has_normaliser())) {
      const int size = policy.observation_size();
      policy.observation_mean = numbers("observation_mean", "observation", size);
      policy.observation_scale = numbers("observation_scale", "observation", size);
    }
    for (const auto& [key, value] : file_.metadata) {
      if (key.starts_with(policy_format::training_prefix)) {
        policy.training.emplace(key.substr(policy_format::training_prefix.size()), value);
      }
    }
    return policy;
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const { throw UsageError(name_ + ": " + why); }

  std::string metadata_or(const std::string& key, const std::string& otherwise) const {
    const auto entry = file_.metadata.find(key);
    return entry == file_.metadata.end() ? otherwise : entry->second;
  }
  std::string metadata(const std::string& key) const {
    if (!file_.metadata.contains(key)) refuse("corrupted: its metadata lacks '" + key + "'");
    return file_.metadata.at(key);
  }

  void check_version(const std::string& version) const {
    using namespace policy_format;
    constexpr std::array known = {plain_version, normalising_version, recurrent_version};
    if (std::find(known.begin(), known.end(), version) != known.end()) return;
    refuse("has policy format version '" + version + "'; this program reads versions " +
           std::string(plain_version) + ", " + std::string(normalising_version) + " and " +
           std::string(recurrent_version));
  }

  /// Half of one is not none: it is refused where it is read.
  bool has_normaliser() const {
    return file_.metadata.contains("observation_mean") ||
           file_.metadata.contains("observation_scale");
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

  float number(const std::string& key, const std::string& text) const {
    const std::optional<float> value = parse_number<float>(text);
    if (!value || !std::isfinite(*value)) {
      refuse("corrupted: metadata '" + key + "' has '" + text + "', which is no number");
    }
    return *value;
  }

  std::vector<float> numbers(const std::string& key, const std::string& what, int count) const {
    std::vector<float> values;
    for (const std::string& text : split_text(metadata(key), ',')) {
      values.push_back(number(key, text));
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

  const Tensor& tensor(const std::string& name, std::size_t dimensions,
                       std::int64_t largest = largest_width) const {
    const auto entry = find_tensor(name);
    if (entry == file_.tensors.end()) refuse("corrupted: tensor '" + name + "' is missing");
    const std::vector<std::int64_t>& shape = entry->second.shape;
    if (shape.size() != dimensions) {
      refuse("corrupted: tensor '" + name + "' has " + std::to_string(shape.size()) +
             " dimensions instead of " + std::to_string(dimensions));
    }
    for (const std::int64_t size : shape) {
      if (size < 1 || size > largest) {
        refuse("tensor '" + name + "' has a side of " + std::to_string(size) + "; 1 to " +
               std::to_string(largest) + " are possible");
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

  PolicyKind cell_kind() const {
    const std::string name = metadata("cell");
    for (const PolicyKind kind : {PolicyKind::lstm, PolicyKind::gru}) {
      if (name == to_string(kind)) return kind;
    }
    refuse("corrupted: metadata 'cell' is '" + name + "'; lstm and gru are possible");
  }

  /// The cell, whose tensors fit each other; check_cell_inputs holds them against the rest.
  PolicyCell cell() const {
    const PolicyKind kind = cell_kind();
    // A cell that is too wide is to be refused as such, not for the side of one of its tensors.
    constexpr std::int64_t largest_side = max_gates * largest_width;
    const Tensor& input = tensor("cell.input.weight", 2, largest_side);
    const Tensor& input_bias = tensor("cell.input.bias", 1, largest_side);
    const Tensor& recurrent = tensor("cell.recurrent.weight", 2, largest_side);
    const Tensor& recurrent_bias = tensor("cell.recurrent.bias", 1, largest_side);
    const std::int64_t units = recurrent.shape[1];
    if (units > largest_cell) {
      refuse("its cell is " + std::to_string(units) + " units wide; 1 to " +
             std::to_string(largest_cell) + " are possible");
    }
    for (const Tensor* const each : {&input, &input_bias, &recurrent, &recurrent_bias}) {
      if (each->shape[0] != gate_count(kind) * units) {
        refuse("corrupted: the shapes of the tensors 'cell.*' do not fit each other and a cell '" +
               std::string(to_string(kind)) + "'");
      }
    }
    return {kind,
            static_cast<int>(input.shape[1]),
            static_cast<int>(units),
            input.values,
            input_bias.values,
            recurrent.values,
            recurrent_bias.values};
  }

  void check_cell_inputs(const Policy& policy) const {
    const int expected = policy.observation_size() + policy.action_size() + 1;
    if (policy.cell->inputs != expected) {
      refuse("corrupted: its cell has " + std::to_string(policy.cell->inputs) +
             " inputs instead of " + std::to_string(expected) +
             ": the observation, the previous action and the previous reward");
    }
  }

  std::vector<PolicyLayer> layers(std::size_t other_tensors) const {
    const std::vector<std::string> activations = split_text(metadata("activations"), ',');
    if (activations.size() > max_layers) {
      refuse("has " + std::to_string(activations.size()) + " layers; 1 to " +
             std::to_string(max_layers) + " are possible");
    }
    // Either every hidden layer is normalised or none; files from before there was a choice have no
    // such tensors.
    const bool layer_norm = has_tensor("actor.0.norm.weight");
    const std::size_t norms = layer_norm ? activations.size() - 1 : 0;
    if (file_.tensors.size() != other_tensors + 2 * (activations.size() + norms)) {
      refuse("corrupted: " + std::to_string(file_.tensors.size()) + " tensors for " +
             std::to_string(activations.size()) + " layers" +
             (layer_norm ? " with normalised hidden layers" : "") +
             (other_tensors > 0 ? " and a cell's " + std::to_string(other_tensors) : "") +
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
    if (policy.cell) check_cell_inputs(policy);
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

  const std::string& name_;
  Safetensors file_;
};

}  // namespace

Policy parse_policy(std::string_view bytes, const std::string& name) {
  return PolicyReader(bytes, name).read();
}

Policy Policy::load(const std::filesystem::path& path) {
  return parse_policy(read_whole_file(path, largest_safetensors), path.string());
}

}  // namespace polyak
