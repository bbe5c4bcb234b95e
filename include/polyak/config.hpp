// Everything that a training can be told, with every default, once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "polyak/core/activation.hpp"
#include "polyak/core/exploration.hpp"
#include "polyak/core/n_step.hpp"
#include "polyak/core/precision.hpp"
#include "polyak/core/recurrent_cell.hpp"
#include "polyak/core/sequence.hpp"

namespace polyak {

/// A hyper-parameter that may differ between agents: agent i has values[i mod values.size()].
template <class T>
struct PerAgent {
  std::vector<T> values;

  PerAgent(T value) : values{value} {}  // NOLINT: a plain value is a value for all agents
  PerAgent(std::vector<T> list) : values(std::move(list)) {}
  T operator[](int agent) const { return values[static_cast<std::size_t>(agent) % values.size()]; }
  bool operator==(const PerAgent&) const = default;
};

template <class T>
inline constexpr bool is_per_agent = false;
template <class T>
inline constexpr bool is_per_agent<PerAgent<T>> = true;

/// Whether the field switches something on for any agent.
bool any_above_zero(const PerAgent<float>& field);

/// A named configuration (polyak/config_presets.hpp).
enum class Preset {
  fast,
  paper,
  higgsfield,
  spinningup,
  cleanrl,
  rlzoo,
  massive,
  rltools,
  recurrent
};
/// A named set of the parts of an update (apply_algorithm): DDPG (Lillicrap et al. 2015), or TD3
/// (Fujimoto et al. 2018).
enum class Algorithm { ddpg, td3 };
/// How learning rates change over a training.
enum class LearningRateDecay { constant, linear };

/// What exploration's sigma is measured in: half the action range, or the environment's own units.
enum class NoiseUnits { normalised, environment };
/// Whether a transition may be in a batch more than once.
enum class Sampling { with_replacement, without_replacement };
/// Which recurrent state a sequence starts from: zero, or that of the networks when they saw its
/// first row.
enum class SequenceStart { zero, stored };
enum class DeviceKind { automatic, cuda, cpu };
/// How the GPU runs an iteration: a rule by size and device, one kernel per operation, or one
/// kernel for many whole iterations.
enum class Engine { automatic, layered, fused };
/// Who multiplies matrices on the GPU: a rule by shape (predicted, not measured), our kernels, or
/// cuBLAS.
enum class MatrixProduct { automatic, own, cublas };

/// A training. The fields' units, ranges, meanings and sources are in visit_fields (below), from
/// which the command line, the files and the checks are made. Actions and, unless noise_units says
/// otherwise, noise are in normalised units: half the action range is 1.
struct Config {
  Preset preset = Preset::fast;  // a name; what counts are the fields that it sets

  // Task
  std::string environment = "Pendulum-v1";
  std::vector<std::string> environment_parameters = {};  // "name=value"
  int time_limit = 0;                                    // 0: the environment's own

  // Population
  int agents = 1;
  PerAgent<std::uint64_t> seed = std::uint64_t{1};

  // Interaction
  int environments = 8;
  std::int64_t total_steps = 10000;
  int steps_per_iteration = 0;  // 0: the fewest that make whole updates
  double update_to_data = 0.25;
  std::int64_t warmup_steps = 1000;
  std::int64_t learning_starts = 1000;

  // Exploration
  Exploration exploration = Exploration::gaussian;
  PerAgent<float> noise_scale = 0.1f;
  PerAgent<float> noise_theta = 0.15f;
  PerAgent<float> noise_dt = 1.0f;
  NoiseUnits noise_units = NoiseUnits::normalised;
  bool noise_reset = true;
  PerAgent<float> noise_scale_final = -1.0f;                   // below 0: noise_scale all along
  PerAgent<std::int64_t> noise_decay_steps = std::int64_t{0};  // 0: the whole training
  std::vector<float> noise_ladder = {};  // sigma of first and last environment

  // Networks
  std::vector<int> actor_hidden = {64, 64};
  std::vector<int> critic_hidden = {64, 64};
  Activation activation = Activation::tanh;
  float final_layer_range = 0.0f;  // 0: as every other layer
  int critic_action_layer = 0;     // 0: beside the observation
  bool layer_norm = false;
  bool batch_norm = false;
  float batch_norm_momentum = 0.1f;           // share of the newest batch
  bool batch_norm_policy_evaluation = false;  // of the critic in the actor's update
  PolicyKind policy = PolicyKind::feed_forward;
  int recurrent_units = 64;

  // Algorithm
  Algorithm algorithm = Algorithm::ddpg;  // a name; what counts are the fields that it sets
  bool twin_critics = false;
  PerAgent<float> target_noise = 0.0f;
  PerAgent<float> target_noise_clip = 0.5f;
  int actor_delay = 1;   // updates of the critic for each of the actor
  int target_delay = 1;  // updates of the critic for each step of the targets
  bool actor_first = false;

  // Replay and returns
  Sampling sampling = Sampling::with_replacement;
  PerAgent<int> n_step = 1;
  PerAgent<float> reward_scale = 1.0f;
  bool time_limit_terminal = false;
  bool normalise_observations = false;
  int sequence_length = 32;  // 0: whole episodes
  int burn_in = 0;
  SequenceStart sequence_start = SequenceStart::zero;
  int sequence_lookahead = 0;  // 0: the longest n-step of any agent

  // Learning
  int batch_size = 128;
  std::int64_t replay_capacity = 1'000'000;
  PerAgent<float> learning_rate_actor = 2e-3f;
  PerAgent<float> learning_rate_critic = 3e-3f;
  PerAgent<float> discount = 0.98f;
  PerAgent<float> tau = 0.02f;
  float adam_beta1 = 0.9f;
  float adam_beta2 = 0.999f;
  float adam_epsilon = 1e-8f;
  LearningRateDecay learning_rate_decay = LearningRateDecay::constant;
  PerAgent<float> actor_weight_decay = 0.0f;
  PerAgent<float> critic_weight_decay = 0.0f;
  bool decoupled_weight_decay = false;
  PerAgent<float> gradient_clip = 0.0f;  // 0: none

  // Execution
  DeviceKind device = DeviceKind::automatic;
  Engine engine = Engine::automatic;
  MatrixProduct matrix_product = MatrixProduct::automatic;
  Precision precision = Precision::fp32;
  int threads = 0;  // CPU: 0 means all cores

  bool operator==(const Config&) const = default;
};

/// Who does what a field asks for: a set of the CPU and the GPU's two engines. Every row of the
/// table names its own. Who is not in it trains only while the field has its value in Config{}, and
/// refuses any other by name.
struct Engines {
  bool cpu, layered, fused;
  bool operator==(const Engines&) const = default;
};
inline constexpr Engines every_engine{true, true, true};
inline constexpr Engines not_fused{true, true, false};
inline constexpr Engines gpu_engines{false, true, true};
inline constexpr Engines layered_alone{false, true, false};
/// Of a field that by itself changes no training: a name for the values of others, or who trains.
inline constexpr Engines outside_training{false, false, false};

/// A field's engines in a configuration, and why no value of it would change anything there.
struct FieldSupport {
  FieldSupport(const Engines& all) : engines(all) {}  // NOLINT: most fields always have an effect
  /// Of a field that acts through others: where it has no effect, everyone has it.
  FieldSupport(bool has_effect, const Engines& then, std::string_view why_not)
      : engines(has_effect ? then : every_engine), no_effect(has_effect ? "" : why_not) {}

  Engines engines;
  std::string_view no_effect;  // empty: it has one
};

/// What is known of a field besides its value.
struct FieldInfo {
  std::string_view name;   // as on the command line, without the dashes
  std::string_view group;  // heading in --help and in configuration files
  std::string_view help;   // one line: meaning, unit, source
  double lowest = 0.0;     // inclusive range of numbers (per value, for lists)
  double highest = 0.0;
  Engines engines;  // who has it, the other values of the configuration being what they are
  bool per_agent;   // a list of values over agents
  std::string_view no_effect;  // why it has none beside the other values; empty: it has one
};

/// Calls visitor(info, member) for every field, in order: config.*member is its value. The one
/// place where names, ranges, help and engines stand (polyak/config_fields.hpp).
template <class Visitor>
void visit_field_members(const Config& config, Visitor&& visitor);

/// Calls visitor(info, field) for every field of a Config (const or not), in the same order.
template <class AnyConfig, class Visitor>
void visit_fields(AnyConfig& config, Visitor&& visitor);

/// Who is compiled for the configuration's environment.
Engines engines_for_environment(const Config& config);

/// The name of the first field whose value asks for something that an engine does not have, for
/// example beyond_engine(config, &Engines::fused); empty if the engine has all of it.
std::string_view beyond_engine(const Config& config, bool Engines::*engine);

/// Throws UsageError, which names the field, unless the device has every field that is in use: the
/// CPU, or the engine of the GPU that the configuration names, or one of them.
void require_fields_on(DeviceKind device, const Config& config);

/// `config` as the CPU trains it: fields that only the GPU has are as in Config{}.
Config without_gpu_fields(const Config& config);

/// Quantities that follow from a configuration.
struct DerivedConfig {
  std::int64_t updates_per_iteration;
  int vector_steps_per_iteration;       // steps_per_iteration, 0 resolved
  std::int64_t steps_per_iteration;     // environment steps per agent and iteration
  std::int64_t iterations;              // to reach total_steps, rounded up
  std::int64_t warmup_iterations;       // iterations whose actions are random
  std::int64_t first_update_iteration;  // iterations before this one make no update
  std::int64_t updates;                 // of the whole training
  std::int64_t rows_per_stream;         // replay rows allocated per environment stream
  int time_limit;
};
DerivedConfig derive(const Config& config);

/// Over how many updates the learning rates fall to zero; 0: they stay as they are.
std::int64_t learning_rate_decay_updates(const Config& config);

/// Sets config.algorithm and every field that makes the difference between the algorithms, as the
/// system of config.preset has it if it has this algorithm.
void apply_algorithm(Config& config, Algorithm algorithm);

/// What is due in an update besides the critic's learning.
struct DueInUpdate {
  bool actor, targets;
};
/// For update `update`, 0 for the first.
DueInUpdate due_in_update(const Config& config, std::int64_t update);

/// How agent `agent` explores.
ExplorationPlan exploration_plan(const Config& config, int agent);

/// How agent `agent` makes returns of rewards.
ReturnSettings return_settings(const Config& config, int agent);

/// How recurrent agents cut sequences out of their replay. All agents look equally far ahead, so
/// that all sequences are of one shape.
SequenceSettings sequence_settings(const Config& config);

/// Whether the policy has a memory, and learns from sequences.
inline bool is_recurrent(const Config& config) { return config.policy != PolicyKind::feed_forward; }

/// Whether the replay keeps recurrent states, those of the critics too.
inline bool stores_states(const Config& config) {
  return is_recurrent(config) && config.sequence_start == SequenceStart::stored;
}

/// Whether `updates` is a positive whole number but for rounding.
bool is_whole_updates(double updates);

/// Throws UsageError with one line (which field, its value, what would be right) unless every value
/// is finite and in range and the fields fit each other.
void validate(const Config& config);

/// The environment's parameters, defaults replaced by those given as "name=value".
std::vector<float> environment_parameter_values(const Config& config);

/// The seed of agent `agent`: its own value if several are given, otherwise the first plus `agent`.
std::uint64_t agent_seed(const Config& config, int agent);

/// A configuration for agent `agent` alone, which gives it the bits it has in the population.
Config single_agent_config(const Config& config, int agent);

// Words for the enumerations, the same everywhere (command line, files, messages).
std::string_view to_string(Activation value);
std::string_view to_string(PolicyKind value);
std::string_view to_string(Exploration value);
std::string_view to_string(Preset value);
std::string_view to_string(Algorithm value);
std::string_view to_string(LearningRateDecay value);
std::string_view to_string(NoiseUnits value);
std::string_view to_string(Sampling value);
std::string_view to_string(SequenceStart value);
std::string_view to_string(DeviceKind value);
std::string_view to_string(Engine value);
std::string_view to_string(MatrixProduct value);
std::string_view to_string(Precision value);

/// The values of an enumeration by name; parse_enum throws UsageError with the list.
template <class Enum>
Enum parse_enum(std::string_view text);

}  // namespace polyak

#include "polyak/config_fields.hpp"
