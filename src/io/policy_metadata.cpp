#include "io/policy_metadata.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "config/derived.hpp"
#include "io/policy_format.hpp"
#include "io/safetensors_checksum.hpp"
#include "io/text_value.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak {

void PolicyMetadata::refuse(const std::string& why) const { throw UsageError(name_ + ": " + why); }

std::string PolicyMetadata::text(const std::string& key) const {
  if (!has(key)) refuse("corrupted: its metadata lacks '" + key + "'");
  return file_.metadata.at(key);
}

float PolicyMetadata::number_in(const std::string& key, const std::string& text) const {
  const std::optional<float> value = parse_number<float>(text);
  if (!value || !std::isfinite(*value)) {
    refuse("corrupted: metadata '" + key + "' has '" + text + "', which is no number");
  }
  return *value;
}

std::vector<float> PolicyMetadata::numbers(const std::string& key, const std::string& what,
                                           int count) const {
  std::vector<float> values;
  for (const std::string& part : split_text(text(key), ',')) {
    values.push_back(number_in(key, part));
  }
  if (values.size() != static_cast<std::size_t>(count)) {
    refuse("corrupted: metadata '" + key + "' has " + std::to_string(values.size()) +
           " values for " + std::to_string(count) + " " + what + " dimensions");
  }
  return values;
}

std::string PolicyMetadata::checked_version(std::string_view bytes) const {
  using namespace policy_format;
  if (!has("format") || text("format") != format_name) {
    refuse("a safetensors file, but not a policy: its metadata lacks format = '" +
           std::string(format_name) + "'");
  }
  const std::string checksum(checksum_key);
  if (has(checksum)) {
    verify_checksum(bytes, text(checksum), name_);
  } else {
    refuse_unknown_keys();
  }
  std::string version = text("format_version");
  constexpr std::array known = {plain_version, normalising_version, recurrent_version};
  if (std::find(known.begin(), known.end(), version) == known.end()) {
    refuse("has policy format version '" + version + "'; this program reads versions " +
           std::string(plain_version) + ", " + std::string(normalising_version) + " and " +
           std::string(recurrent_version));
  }
  return version;
}

/// In a file without a checksum, as earlier programs wrote them. The unknown key may be what damage
/// made of the checksum's.
void PolicyMetadata::refuse_unknown_keys() const {
  constexpr std::array<std::string_view, 13> known = {
      "format",           "format_version",   "environment", "environment_parameters",
      "observation_size", "action_size",      "activations", "action_scale",
      "action_offset",    "observation_mean", "cell",        "reward_scale",
      "observation_scale"};
  for (const auto& [key, value] : file_.metadata) {
    if (key.starts_with(policy_format::training_prefix)) continue;
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    refuse("corrupted: its metadata has '" + key + "', which policies without a checksum have not");
  }
}

void PolicyMetadata::read_environment(Policy& policy) const {
  policy.environment = text("environment");
  if (policy.environment.empty()) refuse("corrupted: metadata 'environment' is empty");
  const std::string key = "environment_parameters", parameters = text(key);
  const std::vector<std::string> assignments =
      parameters.empty() ? std::vector<std::string>() : split_text(parameters, ',');
  if (policy_format::is_registered(policy.environment)) {
    Config config;
    config.environment = policy.environment;
    config.environment_parameters = assignments;
    try {
      policy.environment_parameters = environment_parameter_values(config);
    } catch (const UsageError& error) {
      refuse("corrupted: metadata '" + key + "': " + std::string(error.what()));
    }
    return;
  }
  for (const std::string& assignment : assignments) {
    const std::size_t equals = assignment.find('=');
    if (equals == 0 || equals == std::string::npos) {
      refuse("corrupted: metadata '" + key + "' has '" + assignment + "', which is not name=value");
    }
    policy.parameter_names.push_back(assignment.substr(0, equals));
    policy.environment_parameters.push_back(number_in(key, assignment.substr(equals + 1)));
  }
}

void PolicyMetadata::read_training(Policy& policy) const {
  for (const auto& [key, value] : file_.metadata) {
    if (!key.starts_with(policy_format::training_prefix)) continue;
    policy.training.emplace(key.substr(policy_format::training_prefix.size()), value);
  }
}

}  // namespace polyak
