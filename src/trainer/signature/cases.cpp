#include "trainer/signature/cases.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "config/presets.hpp"
#include "trainer/signature/small_preset.hpp"

namespace polyak {
namespace {

/// Twenty iterations: warm-up, an update in each of the later ones, ends of episodes by
/// the time limit, a replay that is overwritten.
Config short_training() {
  Config config;
  config.environments = 3;
  config.total_steps = 60;
  config.time_limit = 7;
  config.warmup_steps = 24;
  config.learning_starts = 36;
  config.batch_size = 33;
  config.replay_capacity = 45;
  config.update_to_data = 1.0 / 3.0;
  config.actor_hidden = {31, 17};
  config.critic_hidden = {33, 9};
  config.activation = Activation::relu;
  return config;
}

SignatureCase changed(std::string name, std::string content,
                      const std::function<void(Config&)>& change) {
  Config config = short_training();
  change(config);
  return {std::move(name), std::move(content), std::move(config)};
}

/// Agents of one population differ in these.
void make_population(Config& config) {
  config.agents = 3;
  config.seed = std::vector<std::uint64_t>{40, 7, (std::uint64_t{1} << 40) + 3};
  config.learning_rate_actor = std::vector<float>{1e-3f, 3e-4f, 1e-4f};
  config.learning_rate_critic = std::vector<float>{2e-3f, 1e-3f};
  config.discount = std::vector<float>{0.9f, 0.99f, 1.0f};
  config.tau = std::vector<float>{0.005f, 0.1f, 1.0f};
  config.noise_scale = std::vector<float>{0.1f, 0.5f, 0.0f};
}

std::vector<SignatureCase> size_cases() {
  return {
      changed("single", "one of everything: agent, environment, row of a batch, unit, layer",
              [](Config& c) {
                c.environments = c.batch_size = 1;
                c.total_steps = 24;
                c.learning_starts = c.warmup_steps = 12;
                c.replay_capacity = 15;
                c.update_to_data = 1.0;
                c.actor_hidden = c.critic_hidden = {1};
                c.activation = Activation::tanh;
              }),
      changed("population", "three agents that differ, seven environments each",
              [](Config& c) {
                make_population(c);
                c.environments = 7;
                c.total_steps = 133;
                c.learning_starts = 84;
                c.replay_capacity = 105;
                c.update_to_data = 1.0 / 7.0;
                c.actor_hidden = {65, 31};
                c.critic_hidden = {31, 65};
              }),
      changed("many-agents", "17 agents, a batch of 47",
              [](Config& c) {
                c.agents = 17;
                c.total_steps = 57;
                c.learning_starts = 51;
                c.replay_capacity = 48;
                c.batch_size = 47;
                c.actor_hidden = {5};
                c.critic_hidden = {7};
              }),
      changed("four-layers", "four hidden layers of odd widths, ELU",
              [](Config& c) {
                c.actor_hidden = {5, 31, 65, 1};
                c.critic_hidden = {1, 33, 16, 7};
                c.activation = Activation::elu;
                c.final_layer_range = 0.003f;
              }),
      changed("wide", "257 units, a batch of 129",
              [](Config& c) {
                c.environments = 16;
                c.total_steps = 224;
                c.learning_starts = 192;
                c.replay_capacity = 160;
                c.update_to_data = 1.0 / 16.0;
                c.batch_size = 129;
                c.actor_hidden = {257, 66};
                c.critic_hidden = {130, 257};
              }),
      changed("many-rows", "a batch of 201 from 67 environments",
              [](Config& c) {
                c.environments = 67;
                c.total_steps = 67 * 10;
                c.time_limit = 3;
                c.replay_capacity = c.learning_starts = c.batch_size = 201;
                c.warmup_steps = 67;
                c.update_to_data = 1.0 / 67.0;
                c.actor_hidden = {9};
                c.critic_hidden = {17};
                c.activation = Activation::tanh;
              }),
      changed("several-steps", "four steps and three updates in an iteration, other constants",
              [](Config& c) {
                c.steps_per_iteration = 4;
                c.update_to_data = 0.25;
                c.environment_parameters = {"gravity=9.81"};
                c.adam_beta1 = 0.0f;
                c.adam_beta2 = 0.9f;
                c.adam_epsilon = 1e-3f;
              }),
  };
}

std::vector<SignatureCase> exploration_cases() {
  return {
      changed("noise-schedule", "Ornstein-Uhlenbeck noise that outlives episodes and decays",
              [](Config& c) {
                make_population(c);
                c.exploration = Exploration::ornstein_uhlenbeck;
                c.noise_theta = 0.3f;
                c.noise_dt = 0.5f;
                c.noise_reset = false;
                c.noise_units = NoiseUnits::environment;
                c.noise_scale_final = std::vector<float>{-1.0f, 0.05f, 0.9f};
                c.noise_decay_steps = std::vector<std::int64_t>{0, 50, 70};
                c.time_limit = 3;
                c.warmup_steps = 0;
              }),
      changed("noise-ladder", "every environment explores by a sigma of its own",
              [](Config& c) {
                c.noise_ladder = {0.05f, 0.8f};
                c.warmup_steps = 0;
              }),
      changed("returns", "returns of 1, 3 and 7 steps, scaled rewards, terminal time limits",
              [](Config& c) {
                make_population(c);
                c.n_step = std::vector<int>{1, 3, 7};
                c.reward_scale = std::vector<float>{1.0f, 0.5f};
                c.time_limit_terminal = true;
                c.replay_capacity = c.batch_size = 27;
              }),
      changed("without-replacement", "no transition twice in a batch, normalised observations",
              [](Config& c) {
                make_population(c);
                c.sampling = Sampling::without_replacement;
                c.batch_size = 27;
                c.normalise_observations = true;
                c.n_step = std::vector<int>{1, 3, 5};
              }),
  };
}

std::vector<SignatureCase> update_cases() {
  return {
      changed("td3", "TD3, learning rates that fall to zero",
              [](Config& c) {
                make_population(c);
                apply_algorithm(c, Algorithm::td3);
                c.learning_rate_decay = LearningRateDecay::linear;
                c.target_noise = std::vector<float>{0.2f, 0.0f, 0.5f};
                c.target_noise_clip = std::vector<float>{0.5f, 0.1f};
              }),
      changed("actor-first", "the actor learns first, once in three updates; targets in two",
              [](Config& c) {
                c.actor_first = true;
                c.actor_delay = 3;
                c.target_delay = 2;
                c.twin_critics = true;
              }),
      changed("weight-decay", "AdamW, clipped gradients, a late action",
              [](Config& c) {
                c.agents = 2;
                c.actor_weight_decay = 0.1f;
                c.critic_weight_decay = std::vector<float>{0.0f, 0.2f};
                c.decoupled_weight_decay = true;
                c.gradient_clip = std::vector<float>{0.05f, 0.0f};
                c.critic_action_layer = 1;
              }),
      changed("layer-norm", "layer normalisation of three layers, ELU, twin critics",
              [](Config& c) {
                c.layer_norm = true;
                c.activation = Activation::elu;
                c.critic_hidden = {65, 33, 9};
                c.critic_action_layer = 3;
                c.twin_critics = true;
              }),
      changed("batch-norm", "batch normalisation, L2 penalties",
              [](Config& c) {
                c.agents = 2;
                c.batch_norm = true;
                c.batch_norm_momentum = 0.3f;
                c.critic_action_layer = 1;
                c.critic_weight_decay = 0.01f;
                c.adam_epsilon = 1e-3f;
              }),
      changed("batch-norm-policy-evaluation", "the critic's running statistics judge the actor",
              [](Config& c) {
                c.batch_norm = true;
                c.batch_norm_policy_evaluation = true;
                c.critic_action_layer = 2;
                c.activation = Activation::elu;
                c.adam_epsilon = 1e-3f;
              }),
  };
}

void make_recurrent(Config& config, PolicyKind policy, int units) {
  config.environment = "Pendulum-V";
  config.policy = policy;
  config.recurrent_units = units;
  config.sequence_length = 4;
  config.batch_size = 5;
  config.actor_hidden = {17, 5};
  config.critic_hidden = {33};
}

std::vector<SignatureCase> recurrent_signature_cases() {
  return {
      changed("lstm", "an LSTM, sequences with burn-in, returns of two steps",
              [](Config& c) {
                make_recurrent(c, PolicyKind::lstm, 17);
                c.burn_in = 2;
                c.n_step = 2;
                c.sequence_lookahead = 3;
              }),
      changed("gru", "GRUs from stored states, TD3, agents that differ",
              [](Config& c) {
                make_population(c);
                make_recurrent(c, PolicyKind::gru, 9);
                apply_algorithm(c, Algorithm::td3);
                c.sequence_start = SequenceStart::stored;
                c.n_step = std::vector<int>{1, 3, 2};
                c.normalise_observations = true;
              }),
      changed("whole-episodes", "a GRU that learns from whole episodes of Pendulum-NoVel",
              [](Config& c) {
                make_recurrent(c, PolicyKind::gru, 9);
                c.environment = "Pendulum-NoVel";
                c.sequence_length = 0;
                c.layer_norm = true;
              }),
  };
}

/// The cars begin beside the goal, so that episodes end for good.
void begin_beside_the_goal(TrainingState& state) {
  constexpr float position = 0.44f, velocity = 0.02f;
  for (std::size_t i = 0; i < state.environment_states.size(); i += 2) {
    state.environment_states[i] = position - 0.01f * static_cast<float>(i / 2);
    state.environment_states[i + 1] = velocity;
  }
}

std::vector<SignatureCase> environment_cases() {
  SignatureCase car =
      changed("mountain-car", "MountainCarContinuous-v0 beside its goal, Ornstein-Uhlenbeck noise",
              [](Config& c) {
                c.environment = "MountainCarContinuous-v0";
                c.exploration = Exploration::ornstein_uhlenbeck;
                c.noise_scale = 0.3f;
                c.warmup_steps = 0;
                c.batch_size = 45;
                c.learning_starts = 45;
                c.activation = Activation::tanh;
                c.actor_hidden = {31, 32, 33};
                c.critic_hidden = {65};
              });
  car.prepare = begin_beside_the_goal;
  std::vector<SignatureCase> cases = {std::move(car)};
  for (const char* const name : {"Pendulum-P", "Pendulum-V", "Pendulum-NoVel"}) {
    std::string case_name(name);
    for (char& letter : case_name) letter = letter >= 'A' && letter <= 'Z' ? letter + 32 : letter;
    cases.push_back(
        changed(case_name, std::string(name) + " with a feed-forward policy", [name](Config& c) {
          c.environment = name;
          c.actor_hidden = {9};
          c.critic_hidden = {17};
          c.activation = Activation::elu;
        }));
  }
  return cases;
}

std::vector<SignatureCase> preset_signature_cases() {
  Config sizes = short_training();
  sizes.batch_size = 25;  // what the replay holds for certain, for samples without replacement
  std::vector<SignatureCase> cases;
  for (const PresetDescription& description : all_presets()) {
    const std::string name(to_string(description.preset));
    cases.push_back({"preset-" + name, "the preset " + name + " with small sizes",
                     small_preset(description.preset, sizes)});
  }
  return cases;
}

std::vector<SignatureCase> all_cases() {
  std::vector<SignatureCase> cases;
  for (std::vector<SignatureCase> more :
       {preset_signature_cases(), environment_cases(), size_cases(), exploration_cases(),
        update_cases(), recurrent_signature_cases()}) {
    std::move(more.begin(), more.end(), std::back_inserter(cases));
  }
  return cases;
}

}  // namespace

const std::vector<SignatureCase>& signature_cases() {
  static const std::vector<SignatureCase> cases = all_cases();
  return cases;
}

const SignatureCase* find_signature_case(std::string_view name) {
  const std::vector<SignatureCase>& cases = signature_cases();
  const auto found =
      std::find_if(cases.begin(), cases.end(),
                   [name](const SignatureCase& candidate) { return candidate.name == name; });
  return found == cases.end() ? nullptr : &*found;
}

}  // namespace polyak
