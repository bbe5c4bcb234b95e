// What an agent is made of: networks in flat parameter arrays, and the complete
// state of a training. No device code; both back ends and the files use these layouts.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "polyak/config.hpp"
#include "polyak/core/activation.hpp"
#include "polyak/core/observation_statistics.hpp"
#include "polyak/core/replay.hpp"
#include "polyak/environment/environment.hpp"

namespace polyak {

/// Batch normalisation of some features (polyak/core/batch_norm.hpp): each [features], g and h in
/// the flat parameter array, the running statistics in an array of their own.
struct BatchNormLayout {
  int features;
  float momentum;                             // share of the newest batch in the running statistics
  std::int64_t weight_offset, bias_offset;    // g, h
  std::int64_t mean_offset, variance_offset;  // running statistics
};

/// One linear layer inside a flat parameter array: y = activation(W x + b), with layer or batch
/// normalisation y = activation(g * normalised(W x + b) + h) (polyak/core/layer_norm.hpp).
struct LinearLayout {
  int inputs;
  int outputs;
  std::int64_t weight_offset;  // W: [outputs, inputs], row-major, as PyTorch's Linear
  std::int64_t bias_offset;    // b: [outputs]
  Activation activation;
  bool layer_norm = false;
  std::int64_t norm_weight_offset = 0;  // g: [outputs]; not there without layer normalisation
  std::int64_t norm_bias_offset = 0;    // h: [outputs]
  std::optional<BatchNormLayout> batch_norm = {};  // its features are the outputs

  /// What is applied to W x + b before any normalisation.
  Activation product_activation() const {
    return layer_norm || batch_norm ? Activation::identity : activation;
  }
};

/// A recurrent cell in front of a network's layers (polyak/core/recurrent_cell.hpp). It sees the
/// first inputs of the network, [observation | action before | reward before]; layer 0 sees
/// [hidden | observation].
struct CellLayout {
  PolicyKind kind;
  int units;
  int observation_size;
  LinearLayout input;      // W, b: [gates * units, observation_size + action_size + 1]
  LinearLayout recurrent;  // U, b': [gates * units, units]

  int state_floats() const { return state_values(kind) * units; }  // of one row of a batch
};

/// An agent's networks of one kind, all of one shape, inside a flat parameter array: one actor, one
/// critic, or two critics. Each is a multilayer perceptron, perhaps behind a recurrent cell.
/// Tensors start at multiples of parameter_alignment floats; the gaps hold zeros and stay zero
/// through every update.
struct NetworkLayout {
  std::optional<CellLayout> cell;
  std::vector<LinearLayout> layers;
  std::int64_t network_floats;  // from one network of an agent to the next
  int networks;                 // of one agent
  std::int64_t stride;          // floats from one agent to the next, a multiple of the alignment
  // With batch normalisation the first inputs, the observation, are normalised before layer 0.
  std::optional<BatchNormLayout> input_norm;
  std::int64_t network_statistics;  // floats of running statistics, as network_floats
  std::int64_t statistics_stride;   // and as stride; 0 without batch normalisation
  // A critic's last inputs are the action. They are the last inputs of layer `action_layer`, behind
  // the observation or the outputs of the layer before.
  int action_inputs = 0;
  std::size_t action_layer = 0;

  int inputs() const {
    const int into_layers = layers.front().inputs + (action_layer > 0 ? action_inputs : 0);
    if (!cell) return into_layers;
    return into_layers - cell->units - cell->observation_size + cell->input.inputs;
  }
  int outputs() const { return layers.back().outputs; }
  /// Everything with weights and biases: the layers, then the cell's two products.
  std::size_t linear_count() const { return layers.size() + (cell ? 2 : 0); }
  const LinearLayout& linear(std::size_t index) const {
    if (index < layers.size()) return layers[index];
    return index == layers.size() ? cell->input : cell->recurrent;
  }
};

/// A network's parameters of one kind: a matrix of weights, or a vector as a matrix of one column.
struct ParameterMatrix {
  std::int64_t offset;  // in the network's parameters
  std::int64_t rows, columns;
  std::int64_t first_tile;  // in the order in which squared gradients are summed (TileOrder)
};

/// All of a network's, in the order in which they lie.
std::vector<ParameterMatrix> parameter_matrices(const NetworkLayout& layout);
std::int64_t tile_count(std::span<const ParameterMatrix> matrices);

inline constexpr std::int64_t parameter_alignment = 32;  // 128 bytes: a GPU cache line

/// What a network may have besides its layers' widths and activations.
struct NetworkOptions {
  int action_inputs = 0;  // behind the others, and the layer that takes them in
  std::size_t action_layer = 0;
  int networks = 1;
  bool layer_norm = false;  // of the hidden layers
  bool batch_norm = false;  // of the first inputs and of the hidden layers before the action
  float batch_norm_momentum = 0.0f;
  PolicyKind cell = PolicyKind::feed_forward;
  int recurrent_units = 0;
  int history_inputs = 0;  // of the cell, behind the observation: action and reward before
};

NetworkLayout make_network_layout(int inputs, std::span<const int> hidden, int outputs,
                                  Activation hidden_activation, Activation output_activation,
                                  const NetworkOptions& options = {});

/// Actor: observation -> normalised action through tanh. Critic: [observation | action] -> Q, the
/// action entering at critic_action_layer; two of them with twin_critics. Of a recurrent policy
/// both see [observation | action before | reward before] instead of the observation, through cells
/// of their own.
NetworkLayout actor_layout(const Config& config);
NetworkLayout critic_layout(const Config& config);

/// Floats of the recurrent states that one environment carries along: the actor's and, where the
/// replay stores states, each critic's behind it. 0 with a feed-forward policy.
int recurrent_state_floats(const Config& config);

/// The rows of the replay.
RowLayout row_layout(const Config& config);

/// Which network, for its initial random numbers.
enum class NetworkRole : std::uint32_t { actor = 0, critic = 1, second_critic = 2 };

/// Fills the parameters [layout.network_floats] of one network: weights and biases
/// U(-1/sqrt(inputs), 1/sqrt(inputs)) (Lillicrap et al. 2015, section 7; Spinning Up), the last
/// layer U(-final_layer_range, final_layer_range) if that is above zero, a cell's products
/// U(-1/sqrt(units), 1/sqrt(units)) as PyTorch's.
void initialise_parameters(const NetworkLayout& layout, std::uint64_t seed, NetworkRole role,
                           float final_layer_range, std::span<float> parameters);

/// The running statistics of new networks [layout.network_statistics]: means 0, variances 1.
void initialise_statistics(const NetworkLayout& layout, std::span<float> statistics);

/// One kind of network of every agent with targets and Adam moments: each [agents, layout.stride].
struct NetworkState {
  std::vector<float> parameters, target, first_moment, second_moment;
  // Running statistics of batch normalisation: each [agents, layout.statistics_stride].
  std::vector<float> statistics = {}, target_statistics = {};
};

/// Everything that a training is, between two iterations: importing it continues with the bits that
/// the exporting training would have had. E = environments per agent.
struct TrainingState {
  std::int64_t vector_steps = 0;  // made by every agent
  std::int64_t updates = 0;       // made by every agent
  NetworkState actor, critic;
  std::vector<float> environment_states;    // [agents, E, state_size]
  std::vector<float> exploration_noise;     // [agents, E, action_size]
  std::vector<std::int32_t> episode_steps;  // [agents, E]
  std::vector<double> episode_returns;      // [agents, E]
  std::vector<std::int64_t> rows_written;   // [agents, E]
  std::vector<float> replay_rows;           // [agents, E, rows_per_environment, row floats]
  // [agents, observation_size], of the vector_steps * E observations acted on so far; empty unless
  // observations are normalised.
  std::vector<Moments> observation_moments;
  // [agents, E, recurrent_state_floats()]: after the observations acted on so far; empty with a
  // feed-forward policy. An episode's first step does not look at it.
  std::vector<float> recurrent_states;
};

/// What normalises the observations of all agents: each [agents, observation_size], or empty where
/// they stay as they are.
struct ObservationNormalisers {
  std::vector<float> mean, scale;

  ObservationNormaliser of_agent(int agent, int observation_size) const {
    if (mean.empty()) return {nullptr, nullptr};
    const auto first = static_cast<std::size_t>(agent) * static_cast<std::size_t>(observation_size);
    return {&mean[first], &scale[first]};
  }
};

/// The normalisers that belong to a state.
ObservationNormalisers observation_normalisers(const Config& config, const TrainingState& state);

/// The state before the first iteration: parameters drawn, targets equal to them, every environment
/// reset, and its first observation in row 0 of the replay.
TrainingState initial_state(const Config& config);

/// The same, but replay_rows holds only what initial_state writes of the replay, row 0 of every
/// environment: [agents, E, row floats]. All other rows are zero. A replay may be too large for the
/// host's memory.
TrainingState initial_state_with_first_rows(const Config& config);

/// The memory that a configuration needs, in bytes, before it is allocated.
struct MemoryNeed {
  std::string_view what;
  std::int64_t bytes;
};

}  // namespace polyak
