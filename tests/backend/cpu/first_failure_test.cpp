// Which of several bad values is reported, and the search for them.
#include "backend/first_failure.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "config/derived.hpp"

namespace polyak {
namespace {

constexpr EpisodeTotals no_episodes{};

/// Iterations of 4 vector steps; from iteration 10 on, 3 updates in each.
DerivedConfig derived_config() {
  DerivedConfig derived{};
  derived.vector_steps_per_iteration = 4;
  derived.updates_per_iteration = 3;
  derived.first_update_iteration = 10;
  return derived;
}

EpisodeTotals bad_reward_in(std::int64_t vector_step) { return {0.0, 0, 0, vector_step, 0}; }

TEST(FirstFailure, NothingIsNothing) {
  EXPECT_FALSE(first_failure({no_episodes, {}, true, 30}, derived_config()));
}

TEST(FirstFailure, AParameterIsReportedWithTheUpdatesMade) {
  const auto found = first_failure({no_episodes, {}, false, 30}, derived_config());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->quantity, Quantity::parameter);
  EXPECT_EQ(found->update, 30);
}

TEST(FirstFailure, ALossComesBeforeTheParametersItSpoils) {
  const NonFinite loss{Quantity::actor_loss, 30};
  const auto found = first_failure({no_episodes, loss, false, 30}, derived_config());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->quantity, Quantity::actor_loss);
  EXPECT_EQ(found->update, 30);
}

TEST(FirstFailure, ARewardComesBeforeTheUpdatesOfItsIteration) {
  // Vector steps 49 to 52 make iteration 12, which makes updates 7 to 9.
  for (const std::int64_t step : {49, 52}) {
    const NonFinite loss{Quantity::critic_loss, 7};
    const auto found = first_failure({bad_reward_in(step), loss, false, 9}, derived_config());
    ASSERT_TRUE(found);
    EXPECT_EQ(found->quantity, Quantity::reward) << step;
    EXPECT_EQ(found->update, 6);
    EXPECT_EQ(found->vector_step, step);
  }
  const NonFinite loss{Quantity::critic_loss, 6};
  EXPECT_EQ(first_failure({bad_reward_in(49), loss, false, 9}, derived_config())->quantity,
            Quantity::critic_loss);
}

TEST(FirstFailure, ARewardBeforeLearningIsBeforeEveryUpdate) {
  const auto found = first_failure({bad_reward_in(1), {}, true, 0}, derived_config());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->update, 0);
}

TEST(AllFinite, FindsOneValueAnywhere) {
  EXPECT_TRUE(all_finite({}));
  for (const std::size_t count : {1u, 31u, 33u, 1023u}) {
    std::vector<float> values(count, -std::numeric_limits<float>::max());
    values.back() = std::numeric_limits<float>::denorm_min();
    EXPECT_TRUE(all_finite(values));
    for (const float bad :
         {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
          -std::numeric_limits<float>::infinity()}) {
      for (const std::size_t place : {std::size_t{0}, count / 2, count - 1}) {
        std::vector<float> broken = values;
        broken[place] = bad;
        EXPECT_FALSE(all_finite(broken)) << bad << " at " << place << " of " << count;
      }
    }
  }
}

}  // namespace
}  // namespace polyak
