// Curves of agents and of populations.
#include "app/output/learning_curve.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "polyak/core/error.hpp"

namespace polyak {
namespace {

TEST(LearningCurve, InterquartileMeansLeaveOutAQuarterOnEachSide) {
  EXPECT_EQ(interquartile_mean({5}), 5.0);
  EXPECT_EQ(interquartile_mean({1, 2, 6}), 3.0);
  EXPECT_EQ(interquartile_mean({1000, 3, -1000, 1}), 2.0);
  EXPECT_EQ(interquartile_mean({9, 8, 7, 6, 5, 4, 3, 2, 1000}), 6.0);
}

TEST(LearningCurve, IntervalsHoldTheMeanAndShrinkWithMoreAgents) {
  std::vector<double> values;
  double width = 1e9;
  for (const std::size_t count : {4u, 40u, 400u}) {
    while (values.size() < count) values.push_back(std::sin(static_cast<double>(values.size())));
    const Interval interval = interquartile_interval(values);
    EXPECT_LE(interval.low, interquartile_mean(values));
    EXPECT_GE(interval.high, interquartile_mean(values));
    EXPECT_LT(interval.high - interval.low, width);
    width = interval.high - interval.low;
    EXPECT_EQ(interquartile_interval(values).low, interval.low) << "the same again";
  }
  EXPECT_TRUE(std::isnan(interquartile_interval({3}).low));
}

TEST(LearningCurve, AnAgentHasThePointsOfItsRows) {
  const AgentTable table = parse_agent_table(
      "agent,environment_steps,mean_return\n0,10,\n1,10,-5\n0,20,-3\n1,20,-4\n", "metrics.csv");
  const std::vector<AgentCurve> curves = agent_curves(table, "mean_return");
  ASSERT_EQ(curves.size(), 2u);
  ASSERT_EQ(curves[0].size(), 1u);
  EXPECT_EQ(curves[0][0].steps, 20.0);
  EXPECT_EQ(curves[0][0].value, -3.0);
  ASSERT_EQ(curves[1].size(), 2u);
  EXPECT_EQ(curves[1][1].value, -4.0);
  EXPECT_THROW(agent_curves(table, "critic_loss"), UsageError);
}

TEST(LearningCurve, AnAgentOfAnyNumberTakesNoMoreRoomThanRows) {
  const AgentTable table = parse_agent_table(
      "agent,environment_steps,mean_return\n999999999,10,1\n1,20,2\n", "metrics.csv");
  EXPECT_LE(agent_curves(table, "mean_return").size(), 3u);
}

TEST(LearningCurve, APopulationHasEachAgentsNewestValue) {
  const std::vector<AgentCurve> curves = {{{10, 1}, {30, 3}}, {{20, 5}}, {}};
  const std::vector<PopulationPoint> points = population_curve(curves, 100);
  ASSERT_EQ(points.size(), 3u);
  EXPECT_EQ(points[0].middle, 1.0);
  EXPECT_EQ(points[1].middle, 3.0) << "of 1 and 5";
  EXPECT_EQ(points[2].middle, 4.0) << "of 3 and 5";
  EXPECT_EQ(points[2].low, 3.0);
  EXPECT_EQ(points[2].high, 5.0);
}

TEST(LearningCurve, OfManyPointsSomeAreLeftAndTheLast) {
  AgentCurve curve;
  for (int i = 1; i <= 1003; ++i) curve.push_back({10.0 * i, 1.0 * i});
  for (const std::size_t most : {1u, 2u, 100u}) {
    const std::vector<PopulationPoint> points = population_curve(std::span(&curve, 1), most);
    EXPECT_LE(points.size(), most);
    EXPECT_GE(points.size(), most / 2);
    EXPECT_EQ(points.back().middle, 1003.0);
  }
  EXPECT_TRUE(population_curve({}, 10).empty());
}

}  // namespace
}  // namespace polyak
