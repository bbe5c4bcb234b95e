// Which agent had which value, wherever they differ.
#include "io/varied_fields.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace polyak {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(VariedFields, AgentsThatDifferInTheirSeedsAloneDoNotDiffer) {
  Config config;
  config.agents = 3;
  EXPECT_THAT(varied_fields(config), IsEmpty());
  config.seed.values = {3, 9, 4};
  config.tau.values = {0.1f, 0.1f, 0.1f};
  EXPECT_THAT(varied_fields(config), IsEmpty()) << "a list that says the same for all";
}

TEST(VariedFields, AListCyclesOverTheAgents) {
  Config config;
  config.agents = 5;
  config.n_step.values = {1, 5};
  config.learning_rate_actor.values = {1e-3f, 3e-4f, 1e-4f};
  const std::vector<VariedField> varied = varied_fields(config);
  ASSERT_EQ(varied.size(), 2u);
  EXPECT_EQ(varied[0].name, "n-step");
  EXPECT_THAT(varied[0].values, ElementsAre("1", "5", "1", "5", "1"));
  EXPECT_EQ(varied[1].name, "learning-rate-actor");
  EXPECT_THAT(varied[1].values, ElementsAre("0.001", "3e-04", "1e-04", "0.001", "3e-04"));
}

TEST(VariedFields, OnlyTheValuesThatAgentsHaveCount) {
  Config config;
  config.agents = 1;
  config.tau.values = {0.1f, 0.2f};
  EXPECT_THAT(varied_fields(config), IsEmpty());
}

}  // namespace
}  // namespace polyak
