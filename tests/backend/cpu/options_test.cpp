// No option of an update is ignored: each changes what a training makes of the same seed.
#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>

#include "backend/cpu/cpu_backend.hpp"
#include "config/derived.hpp"
#include "support/configs.hpp"

namespace polyak {
namespace {

struct Option {
  std::string name;
  std::function<void(Config&)> set;
};
void PrintTo(const Option& option, std::ostream* stream) { *stream << option.name; }

/// Twin critics with noise, decayed and clipped, so that every option below has something to act
/// on.
Config everything_on() {
  Config config = test::small_config();
  apply_algorithm(config, Algorithm::td3);
  config.target_noise_clip = 0.1f;
  config.critic_weight_decay = 0.1f;
  return config;
}

TrainingState train_with(const Config& config) {
  validate(config);
  const auto backend = make_cpu_backend(config);
  backend->advance(derive(config).first_update_iteration + 10);
  return backend->export_state();
}

class UpdateOption : public testing::TestWithParam<Option> {};
INSTANTIATE_TEST_SUITE_P(
    All, UpdateOption,
    testing::Values(Option{"TwinCritics", [](Config& c) { c.twin_critics = false; }},
                    Option{"TargetNoise", [](Config& c) { c.target_noise = 0.0f; }},
                    Option{"TargetNoiseClip", [](Config& c) { c.target_noise_clip = 0.2f; }},
                    Option{"ActorDelay", [](Config& c) { c.actor_delay = 3; }},
                    Option{"TargetDelay", [](Config& c) { c.target_delay = 3; }},
                    Option{"ActorFirst", [](Config& c) { c.actor_first = true; }},
                    Option{"LayerNorm", [](Config& c) { c.layer_norm = true; }},
                    Option{"BatchNorm", [](Config& c) { c.batch_norm = true; }},
                    Option{"CriticActionLayer", [](Config& c) { c.critic_action_layer = 1; }},
                    Option{"LearningRateDecay",
                           [](Config& c) { c.learning_rate_decay = LearningRateDecay::linear; }},
                    Option{"ActorWeightDecay", [](Config& c) { c.actor_weight_decay = 0.1f; }},
                    Option{"CriticWeightDecay", [](Config& c) { c.critic_weight_decay = 0.2f; }},
                    Option{"DecoupledWeightDecay",
                           [](Config& c) { c.decoupled_weight_decay = true; }},
                    Option{"GradientClip", [](Config& c) { c.gradient_clip = 0.01f; }}),
    [](const auto& instance) { return instance.param.name; });

TEST_P(UpdateOption, ChangesTheTraining) {
  Config config = everything_on();
  const TrainingState without = train_with(config);
  GetParam().set(config);
  const TrainingState with = train_with(config);
  EXPECT_NE(without.critic.parameters, with.critic.parameters);
  EXPECT_NE(without.actor.parameters, with.actor.parameters);
  EXPECT_NE(without.replay_rows, with.replay_rows) << "the actions are the same";
}

class BatchNormOption : public testing::TestWithParam<Option> {};
INSTANTIATE_TEST_SUITE_P(
    All, BatchNormOption,
    testing::Values(Option{"Momentum", [](Config& c) { c.batch_norm_momentum = 0.2f; }},
                    Option{"PolicyEvaluation",
                           [](Config& c) { c.batch_norm_policy_evaluation = true; }}),
    [](const auto& instance) { return instance.param.name; });

TEST_P(BatchNormOption, ChangesTheTraining) {
  Config config = everything_on();
  config.batch_norm = true;
  config.critic_action_layer = 1;
  const TrainingState without = train_with(config);
  GetParam().set(config);
  const TrainingState with = train_with(config);
  EXPECT_NE(without.actor.parameters, with.actor.parameters);
  EXPECT_NE(without.actor.statistics, with.actor.statistics);
  EXPECT_NE(without.replay_rows, with.replay_rows) << "the actions are the same";
}

TEST(LearningRateDecayToZero, LeavesTheLastUpdateOnlyItsShare) {
  Config config = test::small_config();
  config.total_steps = 60;
  config.learning_rate_decay = LearningRateDecay::linear;
  config.adam_beta1 = 0.0f;
  config.adam_beta2 = 0.0f;  // every step is one learning rate long
  const DerivedConfig derived = derive(config);
  const auto backend = make_cpu_backend(config);
  backend->advance(derived.iterations - 1);
  const TrainingState before = backend->export_state();
  backend->advance(1);
  const TrainingState after = backend->export_state();
  EXPECT_EQ(after.updates, derived.updates);
  const float updates = static_cast<float>(derived.updates);
  const float left = (1.0f + 2.0f) / updates;  // of the last two updates
  float largest = 0.0f;
  for (std::size_t i = 0; i < after.critic.parameters.size(); ++i) {
    largest = std::max(largest, std::abs(after.critic.parameters[i] - before.critic.parameters[i]));
  }
  EXPECT_LE(largest, 1.01f * left * config.learning_rate_critic[0]);
  EXPECT_GE(largest, 0.9f * left * config.learning_rate_critic[0]);
}

TEST(DelayedUpdates, MoveNothingBeforeTheyAreDue) {
  Config config = test::small_config();
  config.actor_delay = 8;
  config.target_delay = 4;
  const auto backend = make_cpu_backend(config);
  const TrainingState start = backend->export_state();
  const std::int64_t first = derive(config).first_update_iteration;
  backend->advance(first + 1);  // two updates
  const TrainingState after_two = backend->export_state();
  EXPECT_NE(start.critic.parameters, after_two.critic.parameters);
  EXPECT_EQ(start.critic.target, after_two.critic.target);
  EXPECT_EQ(start.actor.parameters, after_two.actor.parameters);
  EXPECT_EQ(backend->metrics()[0].actor_updates, 0);
  backend->advance(1);  // four
  const TrainingState after_four = backend->export_state();
  EXPECT_NE(start.critic.target, after_four.critic.target);
  EXPECT_EQ(start.actor.parameters, after_four.actor.parameters);
  backend->advance(2);  // eight
  EXPECT_NE(start.actor.parameters, backend->export_state().actor.parameters);
  EXPECT_EQ(backend->metrics()[0].actor_updates, 1);
}

}  // namespace
}  // namespace polyak
