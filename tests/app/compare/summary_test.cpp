// What several runs of a training add up to.
#include "app/compare/summary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace polyak {
namespace {

using testing::ElementsAre;

/// A run of `seconds` that reached the goal at its first measurement or not at all.
TrainingRecord run_of(double seconds, bool reached, std::vector<double> scores) {
  TrainingRecord run{"cpu", 0.5, seconds, 1000, 250, {}, {}};
  run.measurements.push_back({500, 0.5 * seconds, scores, scores.front()});
  run.measurements.push_back({1000, seconds, std::move(scores), 0.0});
  if (reached) run.reached = 0;
  return run;
}

double seconds_of(const TrainingRecord& run) { return run.training_seconds; }

TEST(RunSummary, TheMedianOfAnEvenNumberIsBetweenTheMiddleTwo) {
  const std::vector<TrainingRecord> runs = {run_of(8.0, true, {1.0}), run_of(1.0, true, {1.0}),
                                            run_of(2.0, true, {1.0}), run_of(5.0, true, {1.0})};
  const RunSummary four = over_runs(runs, seconds_of);
  EXPECT_EQ(four.median, 3.5);
  EXPECT_EQ(four.lowest, 1.0);
  EXPECT_EQ(four.highest, 8.0);
  EXPECT_EQ(over_runs(std::span(runs).first(3), seconds_of).median, 2.0);
  EXPECT_EQ(over_runs(std::span(runs).first(2), seconds_of).median, 4.5);
  EXPECT_EQ(over_runs(std::span(runs).first(1), seconds_of).median, 8.0);
  const auto to_it = to_goal(runs, [](const Measurement& reached) { return reached.seconds; });
  ASSERT_TRUE(to_it.has_value());
  EXPECT_EQ(to_it->median, 1.75);
}

TEST(RunSummary, RatesAreOfAllAgentsTogether) {
  const std::vector<TrainingRecord> runs = {run_of(2.0, true, {1.0}), run_of(6.0, true, {1.0})};
  EXPECT_DOUBLE_EQ(environment_steps_per_second(runs, 1), 2000.0 / 8.0);
  EXPECT_DOUBLE_EQ(environment_steps_per_second(runs, 12), 12.0 * 2000.0 / 8.0);
  EXPECT_DOUBLE_EQ(updates_per_second(runs, 1), 500.0 / 8.0);
  EXPECT_DOUBLE_EQ(updates_per_second(runs, 12), 12.0 * 500.0 / 8.0);
}

TEST(RunSummary, NoTimeToTheGoalUnlessEveryRunReachedIt) {
  const std::vector<TrainingRecord> runs = {run_of(2.0, true, {1.0}), run_of(6.0, false, {1.0})};
  EXPECT_EQ(runs_at_goal(runs), 1);
  EXPECT_FALSE(to_goal(runs, [](const Measurement& reached) { return reached.seconds; }));
}

TEST(RunSummary, AnAgentsScoreIsItsMeanOverTheRuns) {
  const std::vector<TrainingRecord> runs = {run_of(2.0, true, {1.0, 10.0, -4.0}),
                                            run_of(6.0, true, {3.0, 20.0, -4.0})};
  EXPECT_THAT(agent_scores(runs), ElementsAre(2.0, 15.0, -4.0));
}

}  // namespace
}  // namespace polyak
