#include "support/configs.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace polyak::test {
namespace {

template <class T>
std::vector<T> part(const std::vector<T>& values, int agents, int agent) {
  const auto size = static_cast<std::ptrdiff_t>(values.size()) / agents;
  return {values.begin() + agent * size, values.begin() + (agent + 1) * size};
}

NetworkState part(const NetworkState& state, int agents, int agent) {
  return {part(state.parameters, agents, agent),   part(state.target, agents, agent),
          part(state.first_moment, agents, agent), part(state.second_moment, agents, agent),
          part(state.statistics, agents, agent),   part(state.target_statistics, agents, agent)};
}

/// Compares memory, so that NaN equals itself and -0 differs from 0.
template <class T>
void expect_equal_memory(const std::string& what, const std::vector<T>& expected,
                         const std::vector<T>& actual) {
  ASSERT_EQ(expected.size(), actual.size()) << what;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_EQ(std::memcmp(&expected[i], &actual[i], sizeof(T)), 0)
        << what << "[" << i << "]: expected " << expected[i] << ", got " << actual[i];
  }
}

void expect_same_bits(const std::string& what, const NetworkState& expected,
                      const NetworkState& actual) {
  expect_equal_memory(what + " parameters", expected.parameters, actual.parameters);
  expect_equal_memory(what + " target", expected.target, actual.target);
  expect_equal_memory(what + " first moment", expected.first_moment, actual.first_moment);
  expect_equal_memory(what + " second moment", expected.second_moment, actual.second_moment);
  expect_equal_memory(what + " statistics", expected.statistics, actual.statistics);
  expect_equal_memory(what + " target statistics", expected.target_statistics,
                      actual.target_statistics);
}

}  // namespace

Config small_config() {
  Config config;
  config.environments = 3;
  config.total_steps = 3000;
  config.time_limit = 11;
  config.warmup_steps = 30;
  config.learning_starts = 36;
  config.batch_size = 33;
  config.replay_capacity = 60;
  config.update_to_data = 2.0 / 3.0;
  config.actor_hidden = {31, 17};
  config.critic_hidden = {65, 9};
  config.activation = Activation::relu;
  config.learning_rate_actor = 1e-3f;
  config.learning_rate_critic = 1e-3f;
  config.discount = 0.98f;
  config.tau = 0.005f;
  config.device = DeviceKind::cpu;
  config.threads = 1;
  return config;
}

Config small_population() {
  Config config = small_config();
  config.agents = 3;
  config.seed = std::vector<std::uint64_t>{40, 7, (std::uint64_t{1} << 40) + 3};
  config.learning_rate_actor = std::vector<float>{1e-3f, 3e-4f, 1e-4f};
  config.learning_rate_critic = std::vector<float>{2e-3f, 1e-3f};
  config.discount = std::vector<float>{0.9f, 0.99f, 1.0f};
  config.tau = std::vector<float>{0.005f, 0.1f, 1.0f};
  config.noise_scale = std::vector<float>{0.1f, 0.5f, 0.0f};
  return config;
}

Config mixed_population() {
  Config config = small_population();
  apply_algorithm(config, Algorithm::td3);
  config.target_noise = std::vector<float>{0.2f, 0.0f, 0.5f};
  config.target_noise_clip = std::vector<float>{0.5f, 0.1f};
  config.critic_weight_decay = std::vector<float>{0.0f, 0.1f};
  config.actor_weight_decay = std::vector<float>{0.1f, 0.0f, 0.0f};
  config.gradient_clip = std::vector<float>{0.0f, 0.05f, 1e6f};
  config.learning_rate_decay = LearningRateDecay::linear;
  config.total_steps = 300;
  config.critic_action_layer = 1;
  config.target_delay = 3;
  return config;
}

void normalise_layers(Config& config) {
  config.layer_norm = true;
  config.activation = Activation::elu;
  config.critic_hidden = {65, 33, 9};
  config.final_layer_range = 0.003f;
}

Config TrainingCase::config() const {
  Config config = small_config();
  change(config);
  validate(config);
  return config;
}

std::ostream& operator<<(std::ostream& out, const TrainingCase& training_case) {
  return out << training_case.name;
}

const std::vector<TrainingCase>& data_cases() {
  static const std::vector<TrainingCase> cases = {
      {"ThreeSteps", [](Config& c) { c.n_step = 3; }},
      {"AsManyStepsAsTheEpisode", [](Config& c) { c.n_step = c.time_limit; }},
      {"StepsInATinyRing",
       [](Config& c) {
         c.n_step = 5;
         c.time_limit = 7;
         c.replay_capacity = 9;
         c.batch_size = 9;
       }},
      {"WithoutReplacement",
       [](Config& c) {
         c.sampling = Sampling::without_replacement;
         c.batch_size = 27;
       }},
      {"WithoutReplacementAlmostAll",
       [](Config& c) {
         c.sampling = Sampling::without_replacement;
         c.environments = 1;
         c.update_to_data = 1.0;
         c.batch_size = 29;
         c.replay_capacity = 58;
       }},
      {"TimeLimitTerminal",
       [](Config& c) {
         c.time_limit_terminal = true;
         c.time_limit = 3;
         c.n_step = 2;
       }},
      {"RewardScale", [](Config& c) { c.reward_scale = 0.1f; }},
      {"NoiseInEnvironmentUnits",
       [](Config& c) {
         c.noise_units = NoiseUnits::environment;
         c.warmup_steps = 0;
       }},
      {"NoiseOutlivesEpisodes",
       [](Config& c) {
         c.exploration = Exploration::ornstein_uhlenbeck;
         c.noise_reset = false;
         c.time_limit = 3;
         c.warmup_steps = 0;
       }},
      {"NoiseDecays",
       [](Config& c) {
         c.noise_scale = 0.5f;
         c.noise_scale_final = 0.05f;
         c.noise_decay_steps = std::int64_t{64};
         c.warmup_steps = 0;
       }},
      {"NoiseDecaysOverTheTraining",
       [](Config& c) {
         c.noise_scale_final = 1.0f;
         c.total_steps = 100;
         c.warmup_steps = 0;
       }},
      {"NoiseLadder",
       [](Config& c) {
         c.noise_ladder = {0.05f, 0.8f};
         c.warmup_steps = 0;
       },
       every_engine},
      {"NoiseThatOutlivesEpisodesAndDecays",
       [](Config& c) {
         c = small_population();
         c.exploration = Exploration::ornstein_uhlenbeck;
         c.noise_reset = false;
         c.noise_units = NoiseUnits::environment;
         c.noise_scale_final = std::vector<float>{-1.0f, 0.05f, 0.9f};
         c.noise_decay_steps = std::vector<std::int64_t>{0, 50, 70};
         c.time_limit = 3;
         c.warmup_steps = 0;
       },
       {true, false, true}},
      {"ReturnsOfSeveralSteps",
       [](Config& c) {
         c = small_population();
         c.n_step = std::vector<int>{1, 3, c.time_limit};
         c.reward_scale = std::vector<float>{1.0f, 0.5f};
         c.time_limit_terminal = true;
         c.replay_capacity = c.batch_size = 27;  // the ring is shorter than some returns
       },
       {true, false, true}},
      {"MixedDataPopulation", [](Config& c) { c = mixed_data_population(); }},
      {"NormalisedObservations", [](Config& c) { c.normalise_observations = true; }},
      {"NormalisedFromTheFirstStep",
       [](Config& c) {
         c.normalise_observations = true;
         c.warmup_steps = 0;
         c.environments = 67;
         c.learning_starts = c.replay_capacity = 67;
         c.update_to_data = 1.0 / 67.0;
       }},
      {"AllAtOnce",
       [](Config& c) {
         c.environment = "MountainCarContinuous-v0";
         c.n_step = 4;
         c.sampling = Sampling::without_replacement;
         c.batch_size = 27;
         c.reward_scale = 3.0f;
         c.noise_ladder = {0.8f, 0.05f};
         c.noise_units = NoiseUnits::environment;
         c.normalise_observations = true;
       }},
  };
  return cases;
}

Config mixed_data_population() {
  Config config = small_population();
  config.n_step = std::vector<int>{1, 3, 5};
  config.reward_scale = std::vector<float>{1.0f, 0.5f};
  config.noise_scale_final = std::vector<float>{-1.0f, 0.05f, 0.9f};
  config.noise_decay_steps = std::vector<std::int64_t>{0, 50, 70};
  config.noise_units = NoiseUnits::environment;
  config.sampling = Sampling::without_replacement;
  config.batch_size = 27;
  config.normalise_observations = true;
  return config;
}

TrainingState agent_part(const TrainingState& state, int agents, int agent) {
  return {state.vector_steps,
          state.updates,
          part(state.actor, agents, agent),
          part(state.critic, agents, agent),
          part(state.environment_states, agents, agent),
          part(state.exploration_noise, agents, agent),
          part(state.episode_steps, agents, agent),
          part(state.episode_returns, agents, agent),
          part(state.rows_written, agents, agent),
          part(state.replay_rows, agents, agent),
          part(state.observation_moments, agents, agent),
          part(state.recurrent_states, agents, agent)};
}

void expect_same_bits(const TrainingState& expected, const TrainingState& actual) {
  EXPECT_EQ(expected.vector_steps, actual.vector_steps);
  EXPECT_EQ(expected.updates, actual.updates);
  expect_same_bits("actor", expected.actor, actual.actor);
  expect_same_bits("critic", expected.critic, actual.critic);
  expect_equal_memory("environment states", expected.environment_states, actual.environment_states);
  expect_equal_memory("exploration noise", expected.exploration_noise, actual.exploration_noise);
  expect_equal_memory("episode steps", expected.episode_steps, actual.episode_steps);
  expect_equal_memory("episode returns", expected.episode_returns, actual.episode_returns);
  expect_equal_memory("rows written", expected.rows_written, actual.rows_written);
  expect_equal_memory("replay rows", expected.replay_rows, actual.replay_rows);
  const auto numbers = [](const std::vector<Moments>& moments) {
    std::vector<double> values;
    for (const Moments& one : moments) values.insert(values.end(), {one.mean, one.squares});
    return values;
  };
  expect_equal_memory("observation moments", numbers(expected.observation_moments),
                      numbers(actual.observation_moments));
  expect_equal_memory("recurrent states", expected.recurrent_states, actual.recurrent_states);
}

}  // namespace polyak::test
