// What differs in how agents explore and learn.
#include "trainer/signature/case_groups.hpp"

namespace polyak {
namespace {

void make_recurrent(Config& config, PolicyKind policy, int units) {
  config.environment = "Pendulum-V";
  config.policy = policy;
  config.recurrent_units = units;
  config.sequence_length = 4;
  config.batch_size = 5;
  config.actor_hidden = {17, 5};
  config.critic_hidden = {33};
}

}  // namespace

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

}  // namespace polyak
