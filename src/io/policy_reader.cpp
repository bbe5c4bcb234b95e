// Policy::load: a policy from a safetensors file.
#include "io/policy_reader.hpp"

#include <algorithm>

#include "io/policy_format.hpp"
#include "io/policy_metadata.hpp"
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
      : bytes_(bytes), file_(parse_safetensors(bytes, name)), metadata_(file_, name) {}

  Policy read() const {
    const std::string version = metadata_.checked_version(bytes_);
    const bool recurrent = version == policy_format::recurrent_version;
    Policy policy;
    metadata_.read_environment(policy);
    if (recurrent) {
      policy.cell = cell();
      policy.reward_scale = metadata_.number("reward_scale");
    }
    policy.layers = layers(recurrent ? cell_tensors : 0);
    check_sizes(policy);
    policy.action_scale = metadata_.numbers("action_scale", "action", policy.action_size());
    policy.action_offset = metadata_.numbers("action_offset", "action", policy.action_size());
    if (version == policy_format::normalising_version || (recurrent && has_normaliser())) {
      const int size = policy.observation_size();
      policy.observation_mean = metadata_.numbers("observation_mean", "observation", size);
      policy.observation_scale = metadata_.numbers("observation_scale", "observation", size);
    }
    metadata_.read_training(policy);
    return policy;
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const { metadata_.refuse(why); }

  /// Half of one is not none: it is refused where it is read.
  bool has_normaliser() const {
    return metadata_.has("observation_mean") || metadata_.has("observation_scale");
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
    const std::string name = metadata_.text("cell");
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
    const std::vector<std::string> activations = split_text(metadata_.text("activations"), ',');
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

  void check_sizes(const Policy& policy) const {
    check_size("observation", "observation_size", policy.observation_size());
    check_size("action", "action_size", policy.action_size());
    if (policy_format::is_registered(policy.environment)) {
      const EnvironmentInfo environment = find_environment(policy.environment);
      check_environment("observation", policy.observation_size(), environment.observation_size,
                        policy.environment);
      check_environment("action", policy.action_size(), environment.action_size,
                        policy.environment);
    }
    if (policy.cell) check_cell_inputs(policy);
  }
  void check_size(const std::string& what, const std::string& key, int in_network) const {
    if (metadata_.text(key) == std::to_string(in_network)) return;
    refuse("corrupted: metadata '" + key + "' is '" + metadata_.text(key) +
           "', but the network's " + what + " has " + std::to_string(in_network) + " values");
  }
  void check_environment(const std::string& what, int in_network, int in_environment,
                         const std::string& environment) const {
    if (in_network == in_environment) return;
    refuse("its network has " + std::to_string(in_network) + " " + what + " values, but " +
           environment + " has " + std::to_string(in_environment));
  }

  std::string_view bytes_;
  Safetensors file_;
  PolicyMetadata metadata_;
};

}  // namespace

Policy parse_policy(std::string_view bytes, const std::string& name) {
  return PolicyReader(bytes, name).read();
}

Policy Policy::load(const std::filesystem::path& path) {
  return parse_policy(read_whole_file(path, largest_safetensors), path.string());
}

}  // namespace polyak
