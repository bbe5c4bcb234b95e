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
#include "trainer/trainer_config.hpp"

namespace polyak {
namespace {

std::vector<float> actors_after(Trainer& trainer, const TrainerOptions& options) {
  EXPECT_EQ(trainer.run(options), StopReason::finished);
  return TrainerAccess::backend(trainer).actor_parameters();
}

TEST(Trainer, CountsStepsAndUpdates) {
  Trainer trainer(test::trainer_config());
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
  Trainer whole(test::trainer_config());
  const std::vector<float> expected = actors_after(whole, {});
  TrainerOptions options;
  int reports = 0;
  options.report_steps = 14;
  options.on_report = [&](const Report&) { ++reports; };
  Trainer sliced(test::trainer_config());
  EXPECT_EQ(actors_after(sliced, options), expected);
  EXPECT_EQ(reports, 43);  // 42 multiples of 14 up to 600, and the end
}

// Neither its bits nor its clock may know that somebody looked.
TEST(Trainer, EvaluatingOnTheWayLeavesItAlone) {
  Trainer whole(test::trainer_config());
  const std::vector<float> expected = actors_after(whole, {});
  Trainer trainer(test::trainer_config());
  std::vector<std::int64_t> steps;
  TrainerOptions options;
  options.evaluation_steps = 150;
  options.on_evaluation = [&]() -> std::optional<StopReason> {
    const double seconds = trainer.training_seconds();
    EXPECT_EQ(trainer.evaluate(std::vector<float>(60, 1.0f)).size(), 60u);
    EXPECT_EQ(trainer.policy(1).training.at("environment_steps"),
              std::to_string(trainer.environment_steps()));
    EXPECT_EQ(trainer.training_seconds(), seconds);
    steps.push_back(trainer.environment_steps());
    return {};
  };
  EXPECT_EQ(actors_after(trainer, options), expected);
  EXPECT_EQ(steps, (std::vector<std::int64_t>{150, 300, 450})) << "the end is the caller's";
}

TEST(Trainer, EndsWithTheReasonThatAnEvaluationGives) {
  Trainer whole(test::trainer_config());
  const std::vector<float> expected = actors_after(whole, {});
  Trainer trainer(test::trainer_config());
  TrainerOptions options;
  options.evaluation_steps = 145;  // iterations have two steps: 146, 290
  options.on_evaluation = [&]() -> std::optional<StopReason> {
    if (trainer.environment_steps() < 290) return {};
    return StopReason::goal_reached;
  };
  EXPECT_EQ(trainer.run(options), StopReason::goal_reached);
  EXPECT_EQ(trainer.environment_steps(), 290);
  EXPECT_EQ(actors_after(trainer, {}), expected);
}

TEST(Trainer, EvaluatesNothingWhereNobodyAsks) {
  Trainer trainer(test::trainer_config());
  TrainerOptions options;
  options.evaluation_steps = 150;  // without on_evaluation
  EXPECT_EQ(trainer.run(options), StopReason::finished);
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
  Trainer trainer(test::trainer_config());
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
  Trainer(test::trainer_config()).run(options);
  EXPECT_EQ(steps, 600);
}

TEST(Trainer, ProgressComesAtTheEndEvenOfAShortTraining) {
  TrainerOptions options;
  options.report_interval = 1e9;
  std::vector<std::int64_t> steps;
  options.on_progress = [&](const Report& report) { steps.push_back(report.environment_steps); };
  Trainer trainer(test::trainer_config());
  trainer.run(options);
  EXPECT_EQ(steps, std::vector<std::int64_t>{600});
}

TEST(Trainer, StopsWhenAskedAndGoesOnWithTheSameBits) {
  Trainer whole(test::trainer_config());
  const std::vector<float> expected = actors_after(whole, {});
  std::atomic<bool> stop{false};
  TrainerOptions options;
  options.stop = &stop;
  options.report_steps = 100;
  options.on_report = [&](const Report& report) { stop = report.environment_steps >= 300; };
  Trainer trainer(test::trainer_config());
  EXPECT_EQ(trainer.run(options), StopReason::interrupted);
  EXPECT_EQ(trainer.environment_steps(), 300);
  EXPECT_EQ(trainer.policy(0).training.at("environment_steps"), "300");
  EXPECT_EQ(actors_after(trainer, {}), expected);
}

TEST(Trainer, AStopBeforeTheFirstIterationLeavesTheFirstPolicy) {
  const std::atomic<bool> stop{true};
  TrainerOptions options;
  options.stop = &stop;
  Trainer trainer(test::trainer_config());
  EXPECT_EQ(trainer.run(options), StopReason::interrupted);
  EXPECT_EQ(trainer.environment_steps(), 0);
  EXPECT_TRUE(test::is_finite(trainer.policy(1)));
}

class TrainerPolicies : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Observations, TrainerPolicies, testing::Bool(), [](const auto& instance) {
  return instance.param ? "Normalised" : "AsTheyAre";
});
TEST_P(TrainerPolicies, ActAsTheDeviceDoes) {
  Config training = test::trainer_config();
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
  Config config = test::trainer_config();
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

  config.evaluation_time_limit = 80;
  EXPECT_EQ(Trainer(config).policy(1).training.at("time_limit"), "80");
  EXPECT_EQ(policy.action_scale, std::vector<float>{2.0f});
}

TEST(Trainer, RefusesABadConfiguration) {
  Config config = test::trainer_config();
  config.batch_size = 0;
  EXPECT_THROW(Trainer{config}, UsageError);
}

TEST(Trainer, ThePolicyOfANormalisedActorIsWhatWasEvaluated) {
  Config config = test::trainer_config();
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
