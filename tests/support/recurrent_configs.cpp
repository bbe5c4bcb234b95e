#include "support/configs.hpp"

namespace polyak::test {
namespace {

/// Sequences of 4 transitions in episodes of 11; short, because each step is ten kernels to
/// emulate.
void make_recurrent(Config& config, PolicyKind policy, int units) {
  config.environment = "Pendulum-V";
  config.policy = policy;
  config.recurrent_units = units;
  config.sequence_length = 4;
  config.batch_size = 5;
  config.actor_hidden = {17, 5};
  config.critic_hidden = {33};
}

void make_mountain_car(Config& config) {
  make_recurrent(config, PolicyKind::lstm, 17);
  config.environment = "MountainCarContinuous-v0";
  config.n_step = 2;
  config.reward_scale = 3.0f;
  config.burn_in = 2;
  config.actor_first = true;
  config.actor_delay = 2;
  config.actor_weight_decay = 0.1f;
  config.critic_weight_decay = 0.2f;
  config.decoupled_weight_decay = true;
  config.gradient_clip = 0.05f;
}

void make_normalised(Config& config) {
  make_recurrent(config, PolicyKind::lstm, 5);
  normalise_layers(config);
  config.critic_hidden = {33, 9};
  config.critic_action_layer = 1;
  config.normalise_observations = true;
}

/// Three transitions per environment and some rows for the ends of their episodes.
void make_tiny_ring(Config& config) {
  config.time_limit = 7;
  config.replay_capacity = config.batch_size = 9;
}

}  // namespace

const std::vector<TrainingCase>& recurrent_cases() {
  static const std::vector<TrainingCase> cases = {
      {"Lstm", [](Config& c) { make_recurrent(c, PolicyKind::lstm, 17); }},
      {"Gru", [](Config& c) { make_recurrent(c, PolicyKind::gru, 17); }},
      {"AllOnes",
       [](Config& c) {
         make_recurrent(c, PolicyKind::lstm, 1);
         c.environments = c.batch_size = c.sequence_length = 1;
         c.update_to_data = 1.0;
         c.actor_hidden = c.critic_hidden = {1};
         c.activation = Activation::tanh;
       }},
      {"LstmWithBurnIn",
       [](Config& c) {
         make_recurrent(c, PolicyKind::lstm, 17);
         c.sequence_length = 6;
         c.burn_in = 3;
       }},
      {"GruWithBurnInInATinyRing",
       [](Config& c) {
         make_recurrent(c, PolicyKind::gru, 5);
         make_tiny_ring(c);
         c.sequence_length = 5;
         c.burn_in = 2;
       }},
      {"WholeEpisodes",
       [](Config& c) {
         make_recurrent(c, PolicyKind::gru, 17);
         c.environment = "Pendulum-v1";
         c.sequence_length = 0;
         c.time_limit = 5;
       }},
      {"WholeEpisodesInATinyRing",
       [](Config& c) {
         make_recurrent(c, PolicyKind::lstm, 9);
         make_tiny_ring(c);
         c.sequence_length = 0;
         c.time_limit = 4;
         c.n_step = 2;
       }},
      {"ThreeStepsTd3",
       [](Config& c) {
         make_recurrent(c, PolicyKind::gru, 17);
         apply_algorithm(c, Algorithm::td3);
         c.n_step = 3;
         c.burn_in = 1;
         c.warmup_steps = 0;
       }},
      {"LstmFromStoredStates",
       [](Config& c) {
         make_recurrent(c, PolicyKind::lstm, 17);
         c.sequence_start = SequenceStart::stored;
         c.warmup_steps = 0;
       }},
      {"GruFromStoredStatesInATinyRing",
       [](Config& c) {
         make_recurrent(c, PolicyKind::gru, 5);
         make_tiny_ring(c);
         c.sequence_start = SequenceStart::stored;
         c.burn_in = 2;
         c.twin_critics = true;
         c.critic_action_layer = 1;
       }},
      {"TimeLimitTerminal",
       [](Config& c) {
         make_recurrent(c, PolicyKind::lstm, 5);
         c.time_limit_terminal = true;
         c.time_limit = c.sequence_length = 3;
         c.n_step = 2;
         c.reward_scale = 0.1f;
       }},
      {"NormalisedLateActionLayerNorm", make_normalised},
      {"MountainCar", make_mountain_car},
      {"Populationlstm", [](Config& c) { c = recurrent_population(PolicyKind::lstm); }},
      {"Populationgru", [](Config& c) { c = recurrent_population(PolicyKind::gru); }},
      {"PopulationByCublas",
       [](Config& c) {
         c = recurrent_population(PolicyKind::lstm);
         c.batch_size = 32;
         c.matrix_product = MatrixProduct::cublas;
       },
       layered_alone},
  };
  return cases;
}

Config recurrent_population(PolicyKind policy) {
  Config config = small_population();
  make_recurrent(config, policy, 9);
  apply_algorithm(config, Algorithm::td3);
  config.burn_in = 2;
  config.sequence_start = SequenceStart::stored;
  config.n_step = std::vector<int>{1, 3, 2};
  config.reward_scale = std::vector<float>{1.0f, 0.5f};
  config.target_noise = std::vector<float>{0.2f, 0.0f, 0.5f};
  config.gradient_clip = std::vector<float>{0.0f, 0.05f, 1e6f};
  config.critic_weight_decay = std::vector<float>{0.0f, 0.1f};
  config.normalise_observations = true;
  return config;
}

}  // namespace polyak::test
