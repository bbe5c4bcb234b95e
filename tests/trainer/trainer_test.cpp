#include "polyak/trainer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "agent/policy_parameters.hpp"
#include "backend/backend.hpp"
#include "config/derived.hpp"
#include "polyak/core/error.hpp"
#include "trainer/divergence.hpp"
#include "trainer/evaluation.hpp"
#include "trainer/trainer_access.hpp"

namespace polyak {
namespace {

Config small_config() {
  Config config;
  config.agents = 2;
  config.environments = 2;
  config.total_steps = 600;
  config.warmup_steps = 50;
  config.learning_starts = 64;
  config.batch_size = 16;
  config.update_to_data = 0.5;
  config.actor_hidden = {8};
  config.critic_hidden = {8};
  config.device = DeviceKind::cpu;
  config.threads = 1;
  return config;
}

/// Agent 1 soon overflows; agent 0 learns as usual.
Config diverging_config() {
  Config config = small_config();
  config.activation = Activation::elu;
  config.critic_hidden = {256, 256, 256, 256};
  config.learning_rate_actor = std::vector<float>{1e-3f, 10.0f};
  config.learning_rate_critic = std::vector<float>{1e-3f, 10.0f};
  config.tau = std::vector<float>{0.005f, 1.0f};
  config.adam_beta1 = 0.0f;
  config.adam_beta2 = 0.0f;
  return config;
}

std::vector<float> actors_after(Trainer& trainer, const TrainerOptions& options) {
  EXPECT_EQ(trainer.run(options), StopReason::finished);
  return TrainerAccess::backend(trainer).actor_parameters();
}

bool is_finite(const Policy& policy) {
  return std::all_of(policy.layers.begin(), policy.layers.end(), [](const PolicyLayer& layer) {
    const auto finite = [](float value) { return std::isfinite(value); };
    return std::all_of(layer.weight.begin(), layer.weight.end(), finite) &&
           std::all_of(layer.bias.begin(), layer.bias.end(), finite);
  });
}

TEST(Trainer, CountsStepsAndUpdates) {
  Trainer trainer(small_config());
  EXPECT_EQ(trainer.environment_steps(), 0);
  EXPECT_EQ(trainer.updates(), 0);
  EXPECT_EQ(trainer.run({}), StopReason::finished);
  EXPECT_EQ(trainer.environment_steps(), 600);
  // 300 iterations of two steps; one update in each from the 32nd on.
  EXPECT_EQ(trainer.updates(), 269);
  EXPECT_EQ(TrainerAccess::backend(trainer).export_state().updates, 269);
  EXPECT_GT(trainer.training_seconds(), 0.0);
}

TEST(Trainer, HowItIsSlicedDoesNotChangeTheBits) {
  Trainer whole(small_config());
  const std::vector<float> expected = actors_after(whole, {});
  TrainerOptions options;
  int reports = 0;
  options.report_steps = 14;
  options.on_report = [&](const Report&) { ++reports; };
  Trainer sliced(small_config());
  EXPECT_EQ(actors_after(sliced, options), expected);
  EXPECT_EQ(reports, 43);  // 42 multiples of 14 up to 600, and the end
}

TEST(Trainer, ReportsAddUpToTheTraining) {
  std::int64_t updates = 0, episodes = 0, last_steps = 0;
  TrainerOptions options;
  options.report_steps = 100;
  options.on_report = [&](const Report& report) {
    ASSERT_EQ(report.agents.size(), 2u);
    EXPECT_EQ(report.environment_steps, last_steps + 100);
    last_steps = report.environment_steps;
    updates += report.agents[1].updates;
    episodes += report.agents[1].episodes;
    EXPECT_EQ(report.updates, updates);
  };
  Trainer trainer(small_config());
  trainer.run(options);
  EXPECT_EQ(updates, trainer.updates());
  EXPECT_EQ(episodes, 2);  // 300 steps in each of two environments: one episode of 200 in each
  EXPECT_EQ(last_steps, 600);
}

// Two agents: rates are of both together.
TEST(Trainer, RatesAreOfAllAgentsTogether) {
  TrainerOptions options;
  options.report_steps = 100;
  std::int64_t steps = 0, updates = 0;
  double seconds = 0.0;
  options.on_report = [&](const Report& report) {
    const double age = report.seconds - seconds;
    EXPECT_DOUBLE_EQ(report.steps_per_second * age,
                     2.0 * static_cast<double>(report.environment_steps - steps));
    EXPECT_DOUBLE_EQ(report.updates_per_second * age,
                     2.0 * static_cast<double>(report.updates - updates));
    steps = report.environment_steps;
    updates = report.updates;
    seconds = report.seconds;
  };
  Trainer(small_config()).run(options);
  EXPECT_EQ(steps, 600);
}

TEST(Trainer, ProgressComesAtTheEndEvenOfAShortTraining) {
  TrainerOptions options;
  options.report_interval = 1e9;
  std::vector<std::int64_t> steps;
  options.on_progress = [&](const Report& report) { steps.push_back(report.environment_steps); };
  Trainer trainer(small_config());
  trainer.run(options);
  EXPECT_EQ(steps, std::vector<std::int64_t>{600});
}

TEST(Trainer, StopsWhenAskedAndGoesOnWithTheSameBits) {
  Trainer whole(small_config());
  const std::vector<float> expected = actors_after(whole, {});
  std::atomic<bool> stop{false};
  TrainerOptions options;
  options.stop = &stop;
  options.report_steps = 100;
  options.on_report = [&](const Report& report) { stop = report.environment_steps >= 300; };
  Trainer trainer(small_config());
  EXPECT_EQ(trainer.run(options), StopReason::interrupted);
  EXPECT_EQ(trainer.environment_steps(), 300);
  EXPECT_EQ(trainer.policy(0).training.at("environment_steps"), "300");
  EXPECT_EQ(actors_after(trainer, {}), expected);
}

TEST(Trainer, AStopBeforeTheFirstIterationLeavesTheFirstPolicy) {
  const std::atomic<bool> stop{true};
  TrainerOptions options;
  options.stop = &stop;
  Trainer trainer(small_config());
  EXPECT_EQ(trainer.run(options), StopReason::interrupted);
  EXPECT_EQ(trainer.environment_steps(), 0);
  EXPECT_TRUE(is_finite(trainer.policy(1)));
}

TEST(Trainer, DivergenceStopsTrainingAndKeepsAFinitePolicy) {
  Trainer trainer(diverging_config());
  EXPECT_FALSE(trainer.divergence().has_value());
  EXPECT_EQ(trainer.run({}), StopReason::non_finite);
  ASSERT_TRUE(trainer.divergence().has_value());
  EXPECT_EQ(trainer.divergence()->agent, 1);
  EXPECT_NE(trainer.divergence()->value.quantity, Quantity::none);
  EXPECT_GE(trainer.divergence()->value.update, 1);
  EXPECT_LT(trainer.environment_steps(), 600);
  EXPECT_TRUE(is_finite(trainer.policy(0)));
  EXPECT_TRUE(is_finite(trainer.policy(1)));
  EXPECT_EQ(trainer.run({}), StopReason::non_finite) << "training went on after a divergence";
}

// What it says of itself is what it is: the same training up to there has the same actor.
TEST(Trainer, APolicyKeptFromADivergenceSaysHowFarItWasTrained) {
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

class TrainerPolicies : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Observations, TrainerPolicies, testing::Bool(), [](const auto& instance) {
  return instance.param ? "Normalised" : "AsTheyAre";
});
TEST_P(TrainerPolicies, ActAsTheDeviceDoes) {
  Config training = small_config();
  training.normalise_observations = GetParam();
  Trainer trainer(training);
  trainer.run({});
  EXPECT_EQ(trainer.policy(0).observation_mean.size(), GetParam() ? 3u : 0u);
  const std::vector<float> starts = draw_starts("Pendulum-v1", std::vector<float>{10.0f}, 3, 4);
  const std::vector<float> returns = trainer.evaluate(starts);
  ASSERT_EQ(returns.size(), 8u);
  const SimulatorConfig config{"Pendulum-v1", {10.0f}, 200, 1};
  for (int agent = 0; agent < 2; ++agent) {
    const auto simulator = make_simulator(DeviceKind::cpu, config);
    const std::vector<float> own = simulator->evaluate(trainer.policy(agent), starts);
    EXPECT_TRUE(std::equal(own.begin(), own.end(), returns.begin() + 4 * agent));
  }
}

TEST(Trainer, PoliciesSayWhereTheyComeFrom) {
  Config config = small_config();
  config.seed = std::uint64_t{40};
  config.time_limit = 50;
  Trainer trainer(config);
  trainer.run({});
  const Policy policy = trainer.policy(1);
  EXPECT_EQ(policy.environment, "Pendulum-v1");
  EXPECT_EQ(policy.training.at("seed"), "41");
  EXPECT_EQ(policy.training.at("environment_steps"), "600");
  EXPECT_EQ(policy.training.at("updates"), "269");
  EXPECT_EQ(policy.training.at("time_limit"), "50");
  EXPECT_EQ(policy.action_scale, std::vector<float>{2.0f});
}

TEST(Trainer, RefusesABadConfiguration) {
  Config config = small_config();
  config.batch_size = 0;
  EXPECT_THROW(Trainer{config}, UsageError);
}

TEST(Divergence, FindsTheEarliest) {
  std::vector<AgentMetrics> metrics(3);
  EXPECT_FALSE(find_divergence(metrics).has_value());
  metrics[0].non_finite = NonFinite{Quantity::actor_loss, 8};
  metrics[2].non_finite = NonFinite{Quantity::critic_loss, 5};
  EXPECT_EQ(find_divergence(metrics)->agent, 2);
  EXPECT_EQ(find_divergence(metrics)->value.quantity, Quantity::critic_loss);
}

// Updates begin in the 32nd iteration of two steps; the 10th one is in the 41st.
TEST(Divergence, IsDescribedWithAgentQuantityUpdateAndStep) {
  EXPECT_EQ(describe({1, {Quantity::critic_loss, 10}}, small_config()),
            "agent 1: the critic loss became NaN or infinite in update 10 (environment step 82)");
  EXPECT_EQ(describe({0, {Quantity::parameter, 10}}, small_config()),
            "agent 0: the network parameter became NaN or infinite by update 10 (environment step "
            "82)");
  EXPECT_EQ(describe({1, {Quantity::reward, 9, 41}}, small_config()),
            "agent 1: the reward became NaN or infinite in environment step 82, after 9 updates");
}

/// Whatever broke agent 1 in `trainer`, its run ends with it and keeps policies that are finite.
void expect_divergence_of_agent_one(Trainer& trainer, Quantity quantity) {
  EXPECT_EQ(trainer.run({}), StopReason::non_finite);
  ASSERT_TRUE(trainer.divergence().has_value());
  EXPECT_EQ(trainer.divergence()->agent, 1);
  EXPECT_EQ(trainer.divergence()->value.quantity, quantity)
      << to_string(trainer.divergence()->value.quantity);
  EXPECT_TRUE(is_finite(trainer.policy(0)));
  EXPECT_TRUE(is_finite(trainer.policy(1)));
}

/// Ends with its first update.
Config one_update() {
  Config config = small_config();
  config.total_steps = config.learning_starts;
  return config;
}

// Adam divides an infinite moment by a finite one: the parameter is spoilt by the very last update,
// after all losses were seen to be finite.
TEST(Divergence, OfTheActorInTheLastUpdateIsSeen) {
  Trainer trainer(one_update());
  TrainingState state = TrainerAccess::backend(trainer).export_state();
  state.actor.first_moment[state.actor.first_moment.size() / 2] = INFINITY;
  TrainerAccess::backend(trainer).import_state(state);
  expect_divergence_of_agent_one(trainer, Quantity::parameter);
  EXPECT_EQ(trainer.divergence()->value.update, 1);
}

// Behind tanh an infinite weight of the critic gives values that are finite.
TEST(Divergence, OfTheCriticInTheLastUpdateIsSeen) {
  Config config = one_update();
  config.activation = Activation::tanh;
  Trainer trainer(config);
  TrainingState state = TrainerAccess::backend(trainer).export_state();
  state.critic.first_moment[state.critic.first_moment.size() / 2] = INFINITY;
  TrainerAccess::backend(trainer).import_state(state);
  expect_divergence_of_agent_one(trainer, Quantity::parameter);
  EXPECT_EQ(trainer.divergence()->value.update, 1);
}

TEST(Divergence, OfARewardNamesTheStep) {
  Trainer trainer(small_config());
  TrainingState state = TrainerAccess::backend(trainer).export_state();
  // Pendulums 0 and 1 are agent 0's; the second of agent 1 turns infinitely fast.
  state.environment_states[2 * 3 + 1] = NAN;
  TrainerAccess::backend(trainer).import_state(state);
  expect_divergence_of_agent_one(trainer, Quantity::reward);
  EXPECT_EQ(trainer.divergence()->value.vector_step, 1);
  EXPECT_EQ(trainer.divergence()->value.update, 0);
}

TEST(Trainer, ThePolicyOfANormalisedActorIsWhatWasEvaluated) {
  Config config = small_config();
  config.batch_norm = true;
  Trainer trainer(config);
  trainer.run({});
  const std::vector<float> starts = {3.0f, 0.5f, -1.0f, 0.0f, 0.3f, 2.0f};
  const std::vector<float> returns = trainer.evaluate(starts);
  const auto simulator = make_simulator(
      DeviceKind::cpu,
      {config.environment, environment_parameter_values(config), derive(config).time_limit, 1});
  for (int agent = 0; agent < config.agents; ++agent) {
    const std::vector<float> alone = simulator->evaluate(trainer.policy(agent), starts);
    const auto own = returns.begin() + agent * 3;
    EXPECT_EQ(alone, std::vector<float>(own, own + 3));
  }
}

}  // namespace
}  // namespace polyak
