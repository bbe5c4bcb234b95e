#include "polyak/environment/registry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "polyak/core/error.hpp"
#include "support/toy_environment.hpp"

namespace polyak {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(Registry, ListsEveryEnvironmentOnce) {
  std::set<std::string_view> names;
  for (const EnvironmentInfo& info : all_environments()) names.insert(info.name);
  EXPECT_EQ(names.size(), all_environments().size());
  EXPECT_TRUE(names.contains("Pendulum-v1"));
  EXPECT_TRUE(names.contains("MountainCarContinuous-v0"));
}

TEST(Registry, FindsByNameWithTheValuesOfTheType) {
  const EnvironmentInfo info = find_environment("Pendulum-v1");
  EXPECT_EQ(info.name, "Pendulum-v1");
  EXPECT_EQ(info.state_size, 2);
  EXPECT_EQ(info.observation_size, 3);
  EXPECT_EQ(info.action_size, 1);
  EXPECT_EQ(info.time_limit, 200);
  EXPECT_EQ(info.state_names[1], "theta_dot");
  EXPECT_EQ(info.parameters[0].name, "gravity");
  EXPECT_EQ(info.action_low(0), -2.0f);
  EXPECT_EQ(info.action_high(0), 2.0f);
  EXPECT_EQ(find_environment("MountainCarContinuous-v0").time_limit, 999);
}

TEST(Registry, UnknownNameIsRefusedWithTheKnownOnes) {
  const auto message = AllOf(HasSubstr("'Pendulum-v9'"), HasSubstr("Pendulum-v1"),
                             HasSubstr("MountainCarContinuous-v0"));
  EXPECT_THAT([] { find_environment("Pendulum-v9"); }, ThrowsMessage<UsageError>(message));
  EXPECT_THAT([] { visit_environment("Pendulum-v9", []<class E>() { return E::state_size; }); },
              ThrowsMessage<UsageError>(message));
  EXPECT_THROW(find_environment(""), UsageError);
}

TEST(Registry, VisitsTheTypeOfTheName) {
  for (const EnvironmentInfo& info : all_environments()) {
    EXPECT_EQ(visit_environment(info.name, []<class E>() { return E::name; }), info.name);
  }
}

TEST(Registry, TheFusedEngineHasTheFullyObservedOnes) {
  EXPECT_TRUE(is_fused_environment("Pendulum-v1"));
  EXPECT_TRUE(is_fused_environment("MountainCarContinuous-v0"));
  EXPECT_FALSE(is_fused_environment("Pendulum-V"));
  EXPECT_FALSE(is_fused_environment(""));
  EXPECT_THROW(visit_environment<FusedEnvironments>("Pendulum-V", []<class E>() {}), UsageError);
}

TEST(Registry, DescribesATypeThatIsNotInTheList) {
  const EnvironmentInfo info = environment_info<test::Countdown>();
  EXPECT_EQ(info.action_size, 5);
  EXPECT_EQ(info.action_high(3), 10.0f);
  EXPECT_EQ(info.parameters[1].name, "reward_factor");
}

struct Recommending : test::Countdown {
  static constexpr std::array<RecommendedSetting, 1> recommended = {{{"tau", "0.5", "a test"}}};
};

TEST(Registry, AnEnvironmentNeedNotRecommendAnything) {
  EXPECT_TRUE(environment_info<test::Countdown>().recommended.empty());
  const EnvironmentInfo info = environment_info<Recommending>();
  ASSERT_EQ(info.recommended.size(), 1u);
  EXPECT_EQ(info.recommended[0].option, "tau");
}

struct WithoutReset : test::Countdown {
  static State reset(const Parameters&) { return {}; }
};
struct WrongStateSize : test::Countdown {
  static constexpr int state_size = 2;
};
struct UnnamedState : test::Countdown {
  static constexpr std::array<std::string_view, 2> state_names = {"left", "seen"};
};
struct ParameterTooMany : test::Countdown {
  static constexpr std::array<EnvironmentParameter, 1> parameters = {
      {{"longest", 6.0f, 1.0f, 100.0f, "longest countdown"}}};
};

/// With chance and without: which one is meant?
struct TwoKindsOfStep : test::Countdown {
  using test::Countdown::step;
  static EnvironmentStep<State> step(const Parameters& parameters, const State& state,
                                     const float* action, const auto&) {
    return step(parameters, state, action);
  }
};
struct NoParameters : test::Countdown {
  struct Parameters {};
  static constexpr std::array<EnvironmentParameter, 0> parameters = {};
  static State reset(const Parameters&, const auto&) { return {}; }
  static EnvironmentStep<State> step(const Parameters&, const State& state, const float*) {
    return {state, 0.0f, false};
  }
};

TEST(EnvironmentConcept, RefusesWhatBreaksTheContract) {
  EXPECT_TRUE(Environment<test::Countdown>);
  EXPECT_TRUE(Environment<NoParameters>);
  EXPECT_FALSE(Environment<TwoKindsOfStep>);
  EXPECT_FALSE(Environment<WithoutReset>);
  EXPECT_FALSE(Environment<WrongStateSize>);
  EXPECT_FALSE(Environment<UnnamedState>);
  EXPECT_FALSE(Environment<ParameterTooMany>);
  EXPECT_FALSE(Environment<int>);
}

TEST(NormalisedActions, AreScaledToTheBoundsOfTheirDimension) {
  using test::Countdown;
  for (int i = 0; i < Countdown::action_size; ++i) {
    EXPECT_EQ(action_offset<Countdown>(i) - action_scale<Countdown>(i), Countdown::lows[i]);
    EXPECT_EQ(action_offset<Countdown>(i) + action_scale<Countdown>(i), Countdown::highs[i]);
  }
  const float normalised[] = {-1.0f, 1.0f, 0.0f, 0.5f, -1.0f};
  const auto result =
      step_normalised<Countdown>({6.0f, 1.0f}, {3.0f, 0.0f, 0.0f}, normalised, nullptr);
  EXPECT_FLOAT_EQ(result.next.sum, -1.0f + 1.0f - 1.0f + 8.0f - 1.0f);
}

}  // namespace
}  // namespace polyak
