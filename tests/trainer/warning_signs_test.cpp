#include "trainer/warning_signs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace polyak {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

Config of_agents(int agents) {
  Config config;
  config.agents = agents;
  config.total_steps = 9000;
  return config;
}

/// Reports of 1000 of 9000 steps, of agents that made 10 updates and 1000 actions each.
class Signs {
 public:
  explicit Signs(int agents)
      : signs_(of_agents(agents)), metrics_(static_cast<std::size_t>(agents)) {
    for (AgentMetrics& metrics : metrics_) {
      metrics.updates = 10;
      metrics.critic_loss = 1.0;
      metrics.policy_actions = 1000;
      metrics.saturated_share = 0.3;
    }
  }
  AgentMetrics& operator[](std::size_t agent) { return metrics_[agent]; }
  std::vector<Warning> look() {
    steps_ += 1000;
    return signs_.look_at({steps_, 0, 0.0, 0.0, 0.0, metrics_});
  }

 private:
  WarningSigns signs_;
  std::vector<AgentMetrics> metrics_;
  std::int64_t steps_ = 0;
};

TEST(WarningSigns, SaturationForAThirdOfTheTrainingIsToldOnce) {
  Signs signs(4);
  signs[0].saturated_share = 0.98;
  signs[1].saturated_share = signs[3].saturated_share = 0.99;
  EXPECT_TRUE(signs.look().empty());
  EXPECT_TRUE(signs.look().empty());
  signs[2].saturated_share = 1.0;  // only now
  signs[3].saturated_share = 0.995;
  const std::vector<Warning> warnings = signs.look();
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0].symptom, Symptom::saturated_actions);
  EXPECT_THAT(warnings[0].agents, ElementsAre(1, 3));
  EXPECT_EQ(warnings[0].worst, 0.995);
  EXPECT_EQ(warnings[0].environment_steps, 3000);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(signs.look().empty());
}

TEST(WarningSigns, OneReportWithoutSaturationStartsTheCountAnew) {
  Signs signs(1);
  for (const double share : {1.0, 1.0, 0.5, 1.0, 1.0}) {
    signs[0].saturated_share = share;
    EXPECT_TRUE(signs.look().empty());
  }
  EXPECT_EQ(signs.look().size(), 1u);
  Signs warming_up(1);
  warming_up[0].saturated_share = std::numeric_limits<double>::quiet_NaN();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(warming_up.look().empty());
}

TEST(WarningSigns, ATrainingThatGoesOnIsNotSaturatedFromItsBeginning) {
  AgentMetrics metrics;
  metrics.saturated_share = 1.0;
  WarningSigns signs(of_agents(1), 5000);
  for (const std::int64_t steps : {6000, 7000}) {
    EXPECT_TRUE(signs.look_at({steps, 0, 0.0, 0.0, 0.0, {&metrics, 1}}).empty());
  }
  EXPECT_EQ(signs.look_at({8000, 0, 0.0, 0.0, 0.0, {&metrics, 1}}).size(), 1u);
}

TEST(WarningSigns, AShortTrainingIsNotSaturatedForLong) {
  Config config = of_agents(1);
  config.total_steps = 600;
  WarningSigns signs(config);
  AgentMetrics metrics;
  metrics.policy_actions = 100;
  metrics.saturated_share = 1.0;
  for (std::int64_t steps = 100; steps <= 600; steps += 100) {
    EXPECT_TRUE(signs.look_at({steps, 0, 0.0, 0.0, 0.0, {&metrics, 1}}).empty());
  }
}

TEST(WarningSigns, ALossThatRisesAboveWhatItWasIsToldOnce) {
  Signs signs(3);
  signs[2].mean_return = -200.0;
  for (const double loss : {0.5, 2.0, 4.0, 0.25, 1.0}) {  // a geometric mean of 1
    signs[2].critic_loss = loss;
    EXPECT_TRUE(signs.look().empty());
  }
  signs[2].critic_loss = 990.0;
  EXPECT_TRUE(signs.look().empty());
  signs[2].critic_loss = 1e6;
  const std::vector<Warning> warnings = signs.look();
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0].symptom, Symptom::exploding_loss);
  EXPECT_THAT(warnings[0].agents, ElementsAre(2));
  EXPECT_GT(warnings[0].worst, 1e3);
  EXPECT_TRUE(signs.look().empty());
}

// As on MountainCarContinuous-v0, whose goal is rare and worth more than all before it.
TEST(WarningSigns, AFirstRewardMayRaiseALossThatWasNearZero) {
  Signs signs(2);
  for (std::size_t agent = 0; agent < 2; ++agent) {
    signs[agent].mean_return = std::numeric_limits<double>::quiet_NaN();  // no episode yet
    signs[agent].critic_loss = 1e-4;
  }
  for (int report = 0; report < WarningSigns::fewest_reports; ++report) {
    EXPECT_TRUE(signs.look().empty());
  }
  signs[0].critic_loss = signs[1].critic_loss = 12.0;
  signs[0].mean_return = 80.0;  // the other one's episode is counted in the next report
  EXPECT_TRUE(signs.look().empty());
  signs[0].critic_loss = 65.0;  // errors of 8
  EXPECT_FALSE(signs.look().empty());
}

TEST(WarningSigns, ALossThatReturnsCannotExplainIsToldFromTheFirstReportOn) {
  Signs signs(3);
  for (std::size_t agent = 0; agent < 3; ++agent) signs[agent].mean_return = -200.0;
  signs[0].critic_loss = 3.9e6;                                     // 10 returns, squared
  signs[1].critic_loss = 8e6;                                       // twice that
  signs[2].mean_return = std::numeric_limits<double>::quiet_NaN();  // no episode yet
  signs[2].critic_loss = 8e6;
  const std::vector<Warning> warnings = signs.look();
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0].symptom, Symptom::exploding_loss);
  EXPECT_THAT(warnings[0].agents, ElementsAre(1));
  EXPECT_DOUBLE_EQ(warnings[0].worst, 2.0);
}

TEST(WarningSigns, TheFirstReportsSayNotYetWhatALossUsuallyIs) {
  Signs signs(1);
  for (const double loss : {1e-9, 1.0, 100.0, 1e6, 1e9}) {
    signs[0].critic_loss = loss;
    EXPECT_TRUE(signs.look().empty()) << loss;
  }
}

TEST(WarningSigns, ReportsWithoutUpdatesDoNotCount) {
  Signs signs(1);
  signs[0].updates = 0;
  signs[0].critic_loss = std::numeric_limits<double>::quiet_NaN();
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(signs.look().empty());
  signs[0].updates = 1;
  signs[0].critic_loss = 1e9;
  EXPECT_TRUE(signs.look().empty());
}

TEST(WarningSigns, AreDescribedInOneLine) {
  const std::string saturation = describe({Symptom::saturated_actions, {1, 3}, 0.984, 1200});
  EXPECT_THAT(saturation, AllOf(HasSubstr("agents 1, 3,"), HasSubstr("98%"), HasSubstr("step 1200"),
                                HasSubstr("--learning-rate-actor")));
  const std::string explosion =
      describe({Symptom::exploding_loss, {0, 1, 2, 3, 4, 5, 6}, 2.5e4, 7});
  EXPECT_THAT(explosion, AllOf(HasSubstr("agents 0, 1, 2, 3, 4 and 2 more"), HasSubstr("2.5e+04"),
                               HasSubstr("--gradient-clip")));
  EXPECT_THAT(describe({Symptom::exploding_loss, {6}, 1.0, 7}), HasSubstr("(agent 6,"));
  for (const std::string& line : {saturation, explosion}) EXPECT_EQ(line.find('\n'), line.npos);
}

}  // namespace
}  // namespace polyak
