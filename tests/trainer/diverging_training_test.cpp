// Trainings that end because a value became NaN or infinite.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "agent/policy_parameters.hpp"
#include "backend/backend.hpp"
#include "config/derived.hpp"
#include "io/temporary_directory.hpp"
#include "polyak/core/error.hpp"
#include "polyak/trainer.hpp"
#include "trainer/divergence.hpp"
#include "trainer/trainer_access.hpp"
#include "trainer/trainer_config.hpp"

namespace polyak {
namespace {

using test::TemporaryDirectory;

/// Agent 1 soon overflows; agent 0 learns as usual.
Config diverging_config() {
  Config config = test::trainer_config();
  config.activation = Activation::elu;
  config.critic_hidden = {256, 256, 256, 256};
  config.learning_rate_actor = std::vector<float>{1e-3f, 10.0f};
  config.learning_rate_critic = std::vector<float>{1e-3f, 10.0f};
  config.tau = std::vector<float>{0.005f, 1.0f};
  config.adam_beta1 = 0.0f;
  config.adam_beta2 = 0.0f;
  return config;
}

TEST(DivergingTraining, StopsAndKeepsAFinitePolicy) {
  Trainer trainer(diverging_config());
  EXPECT_FALSE(trainer.divergence().has_value());
  EXPECT_EQ(trainer.run({}), StopReason::non_finite);
  ASSERT_TRUE(trainer.divergence().has_value());
  EXPECT_EQ(trainer.divergence()->agent, 1);
  EXPECT_NE(trainer.divergence()->value.quantity, Quantity::none);
  EXPECT_GE(trainer.divergence()->value.update, 1);
  EXPECT_LT(trainer.environment_steps(), 600);
  EXPECT_TRUE(test::is_finite(trainer.policy(0)));
  EXPECT_TRUE(test::is_finite(trainer.policy(1)));
  EXPECT_EQ(trainer.run({}), StopReason::non_finite) << "training went on after a divergence";
}

// What it says of itself is what it is: the same training up to there has the same actor.
TEST(DivergingTraining, APolicyKeptFromADivergenceSaysHowFarItWasTrained) {
  const Config config = diverging_config();
  Trainer trainer(config);
  ASSERT_EQ(trainer.run({}), StopReason::non_finite);
  const Policy kept = trainer.policy(1);
  const std::int64_t steps = std::stoll(kept.training.at("environment_steps"));
  const std::int64_t updates = std::stoll(kept.training.at("updates"));
  EXPECT_LT(steps, trainer.environment_steps());
  EXPECT_LT(updates, trainer.divergence()->value.update);
  const DerivedConfig derived = derive(config);
  const std::int64_t iterations = steps / derived.steps_per_iteration;
  EXPECT_EQ(updates, std::max<std::int64_t>(0, iterations - derived.first_update_iteration) *
                         derived.updates_per_iteration);
  Trainer again(config);
  TrainerAccess::backend(again).advance(iterations);
  const std::vector<float> actors = TrainerAccess::backend(again).actor_parameters();
  const std::size_t half = actors.size() / 2;
  const Policy then = unpack_policy(config, 1, std::span(actors).subspan(half), {}, {});
  ASSERT_EQ(kept.layers.size(), then.layers.size());
  for (std::size_t i = 0; i < then.layers.size(); ++i) {
    EXPECT_EQ(kept.layers[i].weight, then.layers[i].weight);
    EXPECT_EQ(kept.layers[i].bias, then.layers[i].bias);
  }
}

/// Whatever broke agent 1 in `trainer`, its run ends with it and keeps policies that are finite.
void expect_divergence_of_agent_one(Trainer& trainer, Quantity quantity) {
  EXPECT_EQ(trainer.run({}), StopReason::non_finite);
  ASSERT_TRUE(trainer.divergence().has_value());
  EXPECT_EQ(trainer.divergence()->agent, 1);
  EXPECT_EQ(trainer.divergence()->value.quantity, quantity)
      << to_string(trainer.divergence()->value.quantity);
  EXPECT_TRUE(test::is_finite(trainer.policy(0)));
  EXPECT_TRUE(test::is_finite(trainer.policy(1)));
}

/// Continues from what `change` makes of the trainer's state.
template <class Change>
void change_state(Trainer& trainer, const Change& change) {
  TrainingState state = TrainerAccess::backend(trainer).export_state();
  change(state);
  TrainerAccess::backend(trainer).import_state(state);
}

void spoil_middle(std::vector<float>& values) { values[values.size() / 2] = INFINITY; }

/// Ends with its first update.
Config one_update() {
  Config config = test::trainer_config();
  config.total_steps = config.learning_starts;
  return config;
}

// Adam divides an infinite moment by a finite one: the parameter is spoilt by the very last update,
// after all losses were seen to be finite.
TEST(DivergingTraining, BecauseOfTheActorInTheLastUpdateIsSeen) {
  Trainer trainer(one_update());
  change_state(trainer, [](TrainingState& state) { spoil_middle(state.actor.first_moment); });
  expect_divergence_of_agent_one(trainer, Quantity::parameter);
  EXPECT_EQ(trainer.divergence()->value.update, 1);
}

// Behind tanh an infinite weight of the critic gives values that are finite.
TEST(DivergingTraining, BecauseOfTheCriticInTheLastUpdateIsSeen) {
  Config config = one_update();
  config.activation = Activation::tanh;
  Trainer trainer(config);
  change_state(trainer, [](TrainingState& state) { spoil_middle(state.critic.first_moment); });
  expect_divergence_of_agent_one(trainer, Quantity::parameter);
  EXPECT_EQ(trainer.divergence()->value.update, 1);
}

TEST(DivergingTraining, BecauseOfARewardNamesTheStep) {
  Trainer trainer(test::trainer_config());
  // Pendulums 0 and 1 are agent 0's; the second of agent 1 turns infinitely fast.
  change_state(trainer, [](TrainingState& state) { state.environment_states[2 * 3 + 1] = NAN; });
  expect_divergence_of_agent_one(trainer, Quantity::reward);
  EXPECT_EQ(trainer.divergence()->value.vector_step, 1);
  EXPECT_EQ(trainer.divergence()->value.update, 0);
}

// Nothing good could go on from there.
TEST(DivergingTraining, LeavesNoCheckpoint) {
  const TemporaryDirectory directory;
  Trainer trainer(diverging_config());
  TrainerOptions options;
  bool asked = false;
  options.checkpoint_interval = 1e9;
  options.on_checkpoint = [&] { asked = true; };
  ASSERT_EQ(trainer.run(options), StopReason::non_finite);
  EXPECT_FALSE(asked);
  EXPECT_THROW(trainer.save(directory / "checkpoint"), RunError);
  EXPECT_TRUE(directory.listing().empty());
}

}  // namespace
}  // namespace polyak
