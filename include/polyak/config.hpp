// Everything that a training can be told, with every default, once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "polyak/core/activation.hpp"
#include "polyak/core/exploration.hpp"
#include "polyak/core/precision.hpp"
#include "polyak/core/recurrent_cell.hpp"

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

/// A named configuration: the settings of a known system, or of Polyak's own (apply_preset).
enum class Preset {
  fast,
  paper,
  higgsfield,
  spinningup,
  cleanrl,
  rlzoo,
  massive,
  rltools,
  recurrent,
  best
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
/// What runs a training: a kind of device, and of several GPUs one, as CUDA counts those that it is
/// shown, or all, each with a share of the agents. As a word: auto, cpu, cuda (the first GPU),
/// cuda:N or cuda:all.
struct Device {
  static constexpr int all_gpus = -1;

  DeviceKind kind = DeviceKind::automatic;
  int gpu = 0;  // or all_gpus

  constexpr Device() = default;
  constexpr Device(DeviceKind of_kind, int number = 0) : kind(of_kind), gpu(number) {}
  constexpr bool is_every_gpu() const { return kind == DeviceKind::cuda && gpu == all_gpus; }
  friend constexpr bool operator==(const Device&, const Device&) = default;
  /// Whether it is of this kind.
  friend constexpr bool operator==(const Device& device, DeviceKind kind) {
    return device.kind == kind;
  }
};
/// How the GPU runs an iteration: a rule by size and device, one kernel per operation, or one
/// kernel for many whole iterations.
enum class Engine { automatic, layered, fused };
/// Who multiplies matrices on the GPU: a rule by shape (predicted, not measured), our kernels, or
/// cuBLAS.
enum class MatrixProduct { automatic, own, cublas };

/// A training. What each field means, its unit and its range are what `polyak train --help` says of
/// the option of the same name, with dashes; validate() checks them. Actions and, unless
/// noise_units says otherwise, noise are in normalised units: half the action range is 1.
struct Config {
  Preset preset = Preset::fast;  // a name; what counts are the fields that it sets

  // Task
  std::string environment = "Pendulum-v1";
  std::vector<std::string> environment_parameters = {};  // "name=value"
  int time_limit = 0;                                    // 0: the environment's own
  int evaluation_time_limit = 0;                         // 0: time_limit

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
  Device device;
  Engine engine = Engine::automatic;
  MatrixProduct matrix_product = MatrixProduct::automatic;
  Precision precision = Precision::fp32;
  int threads = 0;  // CPU: 0 means all cores

  bool operator==(const Config&) const = default;
};

/// Sets config.preset and every field that the preset names.
void apply_preset(Config& config, Preset preset);

/// Sets config.algorithm and every field that makes the difference between the algorithms, as the
/// system of config.preset has it if it has this algorithm.
void apply_algorithm(Config& config, Algorithm algorithm);

/// The configuration to begin with on an environment: the defaults, and what the environment
/// recommends instead (RecommendedSetting), as `polyak train --environment NAME` has it. UsageError
/// if there is no such environment.
Config recommended_config(std::string_view environment);

/// Throws UsageError with one line (which field, its value, what would be right) unless every value
/// is finite and in range and the fields fit each other.
void validate(const Config& config);

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
std::string to_string(const Device& value);
std::string_view to_string(Engine value);
std::string_view to_string(MatrixProduct value);
std::string_view to_string(Precision value);

/// The values of an enumeration by name; parse_enum throws UsageError with the list.
template <class Enum>
Enum parse_enum(std::string_view text);

/// The device that a word means. UsageError for any other.
Device parse_device(std::string_view text);

}  // namespace polyak
