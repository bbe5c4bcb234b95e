// A trained policy: load it from its file and ask it for actions. Needs nothing but the file.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "polyak/core/activation.hpp"
#include "polyak/core/recurrent_cell.hpp"

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

/// A recurrent cell in front of the layers (polyak/core/recurrent_cell.hpp): products W x + b and
/// U h + b', their rows in PyTorch's order of the gates.
struct PolicyCell {
  PolicyKind kind;                      // lstm or gru
  int inputs;                           // of x: observation_size + action_size + 1
  int units;                            // of h
  std::vector<float> input_weight;      // W: [gates * units, inputs], row-major
  std::vector<float> input_bias;        // b: [gates * units]
  std::vector<float> recurrent_weight;  // U: [gates * units, units], row-major
  std::vector<float> recurrent_bias;    // b': [gates * units]
};

/// What a policy remembers of an episode between two of its steps; empty vectors and zero at the
/// episode's start. Policy::act keeps all of it but the reward.
struct PolicyMemory {
  std::vector<float> hidden, cell;     // [units]; cell: of an LSTM
  std::vector<float> previous_action;  // [action_size], normalised: before offset and scale
  float previous_reward = 0.0f;        // as the environment gave it; the caller writes it down

  /// As a new memory is, but with the storage that this one has.
  void begin_episode() {
    for (std::vector<float>* const values : {&hidden, &cell, &previous_action}) values->clear();
    previous_reward = 0.0f;
  }
};

/// A deterministic policy: action = action_offset + action_scale * actor(x), element by element,
/// with x = (observation - observation_mean) * observation_scale, or the observation itself where
/// these two are empty. A recurrent one's cell sees [x | previous action | reward_scale * previous
/// reward], and its layers [h | x]. Its environment need not be one that this program knows.
struct Policy {
  std::string environment;                    // its name
  std::vector<float> environment_parameters;  // values in the environment's order
  std::vector<std::string> parameter_names;   // theirs, of an environment that is not registered
  std::optional<PolicyCell> cell;             // of a recurrent policy
  float reward_scale = 1.0f;                  // what its cell sees of a reward
  std::vector<PolicyLayer> layers;
  std::vector<float> observation_mean;          // [observation_size], or empty
  std::vector<float> observation_scale;         // [observation_size], or empty
  std::vector<float> action_scale;              // [action_size], environment units
  std::vector<float> action_offset;             // [action_size]
  std::map<std::string, std::string> training;  // summary: seed, steps, updates, version, ...

  int observation_size() const { return layers.front().inputs - (cell ? cell->units : 0); }
  int action_size() const { return layers.back().outputs; }

  /// The action in environment units; observation [observation_size], result [action_size].
  /// UsageError if the policy is recurrent: it needs a memory.
  std::vector<float> act(std::span<const float> observation) const;

  /// The actions [count, action_size] for observations [count, observation_size] at once.
  std::vector<float> act_batch(std::span<const float> observations) const;

  /// The same for every policy, one step of an episode after the other: begin each episode with a
  /// new memory, and set its previous_reward after each step.
  std::vector<float> act(std::span<const float> observation, PolicyMemory& memory) const;

  /// Both into `action` [action_size], without allocating: a memory allocates at its first step,
  /// and not again if begin_episode() takes the place of a new one. UsageError for more than 1024
  /// units, observations or actions.
  void act(std::span<const float> observation, std::span<float> action) const;
  void act(std::span<const float> observation, PolicyMemory& memory, std::span<float> action) const;

  /// Reads policy.safetensors; UsageError that names the file and what is wrong with it, such as a
  /// checksum that does not hold.
  static Policy load(const std::filesystem::path& path);

  /// Writes policy.safetensors completely or not at all (a temporary file, then a rename), with a
  /// checksum; RunError if it cannot.
  void save(const std::filesystem::path& path) const;
};

}  // namespace polyak
