#include "io/metrics_table.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "support/configs.hpp"

namespace polyak {
namespace {

const std::string common_header =
    "agent,environment_steps,updates,seconds,episodes,mean_return,mean_episode_length,critic_loss,"
    "actor_loss,mean_q,saturated_actions,actor_gradient_norm,critic_gradient_norm";

AgentMetrics sample_metrics() {
  AgentMetrics metrics{2, -100.5, 200.0, 4, 2, 0.25, 8.0, {}};
  metrics.mean_q = -8.5;
  metrics.saturated_share = 0.125;
  metrics.actor_gradient_norm = 1.5;
  metrics.critic_gradient_norm = 2.25;
  return metrics;
}

TEST(MetricsTable, HasARowForEveryAgent) {
  Config config = test::small_config();
  config.agents = 2;
  const MetricsTable table(config);
  EXPECT_EQ(table.header(), common_header + "\n");
  const std::vector<AgentMetrics> agents = {sample_metrics(), sample_metrics()};
  EXPECT_EQ(table.rows({400, 40, 1.5, 0.0, 0.0, agents}),
            "0,400,40,1.5,2,-100.5,200,0.25,8,-8.5,0.125,1.5,2.25\n"
            "1,400,40,1.5,2,-100.5,200,0.25,8,-8.5,0.125,1.5,2.25\n");
}

TEST(MetricsTable, LeavesEmptyWhatThereIsNoMeanOf) {
  const MetricsTable table(test::small_config());
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  AgentMetrics metrics{0, nan, nan, 0, 0, nan, nan, {}, nan, nan, nan, 0, nan};
  EXPECT_EQ(table.rows({3, 0, 0.5, 0.0, 0.0, {&metrics, 1}}), "0,3,0,0.5,0,,,,,,,,\n");
}

TEST(MetricsTable, SaysWhatTheAgentsDifferIn) {
  Config config = test::small_config();
  config.agents = 3;
  config.learning_rate_actor = std::vector<float>{1e-3f, 2e-3f};
  config.tau = std::vector<float>{0.5f, 0.25f, 1.0f};
  const MetricsTable table(config);
  EXPECT_EQ(table.header(), common_header + ",learning_rate_actor,tau\n");
  const std::vector<AgentMetrics> agents(3, sample_metrics());
  EXPECT_EQ(table.rows({400, 40, 1.5, 0.0, 0.0, agents}),
            "0,400,40,1.5,2,-100.5,200,0.25,8,-8.5,0.125,1.5,2.25,0.001,0.5\n"
            "1,400,40,1.5,2,-100.5,200,0.25,8,-8.5,0.125,1.5,2.25,0.002,0.25\n"
            "2,400,40,1.5,2,-100.5,200,0.25,8,-8.5,0.125,1.5,2.25,0.001,1\n");
}

}  // namespace
}  // namespace polyak
