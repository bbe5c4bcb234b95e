// A trained policy: load it from its file and ask it for actions. Needs nothing but the file.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "polyak/core/activation.hpp"

namespace polyak {

/// One linear layer of a policy: activation(W x + b), with layer normalisation
/// activation(g * normalised(W x + b) + h).
struct PolicyLayer {
  int inputs;
  int outputs;
  Activation activation;
  std::vector<float> weight;                            // [outputs, inputs], row-major
  std::vector<float> bias;                              // [outputs]
  std::vector<float> norm_weight = {}, norm_bias = {};  // g, h: [outputs]; empty: none
};

/// A deterministic policy: action = action_offset + action_scale * actor(x), element by element,
/// with x = (observation - observation_mean) * observation_scale, or the observation itself where
/// these two are empty.
struct Policy {
  std::string environment;                    // registered name
  std::vector<float> environment_parameters;  // values in the environment's order
  std::vector<PolicyLayer> layers;
  std::vector<float> observation_mean;          // [observation_size], or empty
  std::vector<float> observation_scale;         // [observation_size], or empty
  std::vector<float> action_scale;              // [action_size], environment units
  std::vector<float> action_offset;             // [action_size]
  std::map<std::string, std::string> training;  // summary: seed, steps, updates, version, ...

  int observation_size() const { return layers.front().inputs; }
  int action_size() const { return layers.back().outputs; }

  /// The action in environment units; observation [observation_size], result [action_size].
  std::vector<float> act(std::span<const float> observation) const;

  /// Reads policy.safetensors; UsageError that names the file and what is wrong with it.
  static Policy load(const std::filesystem::path& path);

  /// Writes policy.safetensors completely or not at all (a temporary file, then a rename);
  /// RunError if it cannot.
  void save(const std::filesystem::path& path) const;
};

}  // namespace polyak
