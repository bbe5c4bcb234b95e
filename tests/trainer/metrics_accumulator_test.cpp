#include "trainer/metrics_accumulator.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "trainer/slice_pacer.hpp"

namespace polyak {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

TEST(MetricsAccumulator, WeightsMeansByWhatTheyAreMeansOf) {
  MetricsAccumulator accumulator(1);
  accumulator.add(std::vector<AgentMetrics>{{1, -10.0, 100.0, 3, 3, 2.0, 4.0, {}}});
  accumulator.add(std::vector<AgentMetrics>{{3, -2.0, 200.0, 1, 1, 6.0, 0.0, {}}});
  const AgentMetrics metrics = accumulator.take().front();
  EXPECT_EQ(metrics.episodes, 4);
  EXPECT_DOUBLE_EQ(metrics.mean_return, -4.0);
  EXPECT_DOUBLE_EQ(metrics.mean_episode_length, 175.0);
  EXPECT_EQ(metrics.updates, 4);
  EXPECT_DOUBLE_EQ(metrics.critic_loss, 3.0);
  EXPECT_DOUBLE_EQ(metrics.actor_loss, 3.0);
}

TEST(MetricsAccumulator, NothingToAverageIsNaNAndDoesNotSpoilTheRest) {
  MetricsAccumulator accumulator(2);
  const AgentMetrics nothing{0, nan, nan, 0, 0, nan, nan, {}};
  accumulator.add(std::vector<AgentMetrics>{nothing, nothing});
  accumulator.add(std::vector<AgentMetrics>{{2, -5.0, 7.0, 1, 1, 1.0, 2.0, {}}, nothing});
  accumulator.add(std::vector<AgentMetrics>{nothing, nothing});
  const std::vector<AgentMetrics> metrics = accumulator.take();
  EXPECT_DOUBLE_EQ(metrics[0].mean_return, -5.0);
  EXPECT_DOUBLE_EQ(metrics[0].critic_loss, 1.0);
  EXPECT_TRUE(std::isnan(metrics[1].mean_return));
  EXPECT_TRUE(std::isnan(metrics[1].actor_loss));
}

TEST(MetricsAccumulator, AnActorThatLearnsSeldomIsAveragedOverItsOwnUpdates) {
  MetricsAccumulator accumulator(1);
  accumulator.add(std::vector<AgentMetrics>{{1, -10.0, 100.0, 3, 1, 2.0, 4.0, {}}});
  accumulator.add(std::vector<AgentMetrics>{{1, -10.0, 100.0, 1, 0, 2.0, nan, {}}});
  accumulator.add(std::vector<AgentMetrics>{{1, -10.0, 100.0, 2, 3, 2.0, 8.0, {}}});
  EXPECT_DOUBLE_EQ(accumulator.take().front().actor_loss, 7.0);
}

TEST(MetricsAccumulator, WeightsWhatIsOnlyReportedToo) {
  MetricsAccumulator accumulator(1);
  AgentMetrics first{.updates = 3, .actor_updates = 1}, second{.updates = 1, .actor_updates = 3};
  first.mean_q = first.critic_gradient_norm = first.actor_gradient_norm = 2.0;
  second.mean_q = second.critic_gradient_norm = second.actor_gradient_norm = 6.0;
  first.policy_actions = 10;
  first.saturated_share = 0.5;
  second.policy_actions = 90;
  second.saturated_share = 1.0;
  accumulator.add(std::vector<AgentMetrics>{first});
  accumulator.add(std::vector<AgentMetrics>{second});
  const AgentMetrics metrics = accumulator.take().front();
  EXPECT_DOUBLE_EQ(metrics.mean_q, 3.0);
  EXPECT_DOUBLE_EQ(metrics.critic_gradient_norm, 3.0);
  EXPECT_DOUBLE_EQ(metrics.actor_gradient_norm, 5.0);
  EXPECT_EQ(metrics.policy_actions, 100);
  EXPECT_DOUBLE_EQ(metrics.saturated_share, 0.95);
  const AgentMetrics nothing = accumulator.take().front();
  EXPECT_EQ(nothing.policy_actions, 0);
  for (const double mean : {nothing.mean_q, nothing.critic_gradient_norm,
                            nothing.actor_gradient_norm, nothing.saturated_share}) {
    EXPECT_TRUE(std::isnan(mean));
  }
}

TEST(MetricsAccumulator, TakingStartsAnew) {
  MetricsAccumulator accumulator(1);
  accumulator.add(std::vector<AgentMetrics>{{1, -10.0, 100.0, 3, 3, 2.0, 4.0, {}}});
  accumulator.take();
  const AgentMetrics metrics = accumulator.take().front();
  EXPECT_EQ(metrics.episodes, 0);
  EXPECT_TRUE(std::isnan(metrics.mean_return));
}

TEST(MetricsAccumulator, KeepsTheFirstNonFiniteValue) {
  MetricsAccumulator accumulator(1);
  AgentMetrics bad{0, nan, nan, 1, 1, nan, 1.0, NonFinite{Quantity::critic_loss, 4}};
  accumulator.add(std::vector<AgentMetrics>{bad});
  bad.non_finite = NonFinite{Quantity::actor_loss, 5};
  accumulator.add(std::vector<AgentMetrics>{bad});
  EXPECT_EQ(accumulator.take().front().non_finite->update, 4);
}

TEST(SlicePacer, FindsTheLengthThatTakesSomeMilliseconds) {
  SlicePacer pacer;
  constexpr double seconds_per_iteration = 1e-4;
  for (int i = 0; i < 20; ++i) {
    const std::int64_t before = pacer.iterations();
    pacer.took(before, static_cast<double>(before) * seconds_per_iteration);
    EXPECT_LE(pacer.iterations(), 4 * before) << "one fast slice is no proof";
  }
  EXPECT_NEAR(static_cast<double>(pacer.iterations()), 300.0, 1.0);
}

TEST(SlicePacer, NeverStopsHoweverSlow) {
  SlicePacer pacer;
  pacer.took(1, 1000.0);
  EXPECT_EQ(pacer.iterations(), 1);
}

}  // namespace
}  // namespace polyak
