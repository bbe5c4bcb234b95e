// What holds for every environment of the registry: it is what its double-precision twin in
// tests/oracle/environment.cpp is, and what Gymnasium recorded where it is Gymnasium's.
#include "support/every_environment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <regex>
#include <set>
#include <span>

#include "oracle/environment.hpp"
#include "support/reference_data.hpp"

namespace polyak {
namespace {

template <class E>
class EnvironmentTest : public testing::Test {
 protected:
  using State = typename E::State;

  static EnvironmentRandom<PhiloxRandom> random_of(std::int64_t index, std::int64_t step) {
    return environment_random(PhiloxRandom{11}, index, step, Purpose::environment_step);
  }
  static State reset(std::int64_t index) { return E::reset(parameters, random_of(index, 0)); }
  /// Actions of episode `index`, up to twice the bounds.
  static std::vector<float> action_of(std::int64_t index, std::int64_t step) {
    std::vector<float> action;
    for (int i = 0; i < E::action_size; ++i) {
      const RandomBits bits =
          PhiloxRandom{12}(static_cast<std::uint32_t>(index), static_cast<std::uint64_t>(step),
                           Purpose::warmup_action, static_cast<std::uint32_t>(i));
      action.push_back(action_offset<E>(i) +
                       action_scale<E>(i) * uniform_between(-2.0f, 2.0f, bits.x));
    }
    return action;
  }
  static std::vector<double> doubles(const State& state) {
    float values[E::state_size];
    std::memcpy(values, &state, sizeof state);
    return {values, values + E::state_size};
  }
  static std::unique_ptr<oracle::OracleEnvironment> oracle() {
    return oracle::make_environment(E::name, test::default_parameters<E>());
  }

  static inline const typename E::Parameters parameters =
      parameters_from<E>(test::default_parameters<E>());
};
TYPED_TEST_SUITE(EnvironmentTest, test::EveryEnvironment, test::EnvironmentNames);

/// Within the rounding of a few float32 operations on numbers of such size.
void expect_near(std::span<const double> expected, std::span<const double> actual) {
  ASSERT_EQ(expected.size(), actual.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_NEAR(actual[i], expected[i], 1e-5 * (1.0 + std::abs(expected[i]))) << "value " << i;
  }
}

/// The next state, the reward and the end.
std::vector<double> values_of(std::vector<double> next, double reward, bool terminated) {
  next.insert(next.end(), {reward, terminated ? 1.0 : 0.0});
  return next;
}

TYPED_TEST(EnvironmentTest, BeginsAsItsOracle) {
  const auto oracle = this->oracle();
  for (std::int64_t i = 0; i < 500; ++i) {
    expect_near(oracle->reset(this->random_of(i, 0)), this->doubles(this->reset(i)));
  }
}

// Every step from the float32 state it begins in.
TYPED_TEST(EnvironmentTest, StepsAsItsOracle) {
  const auto oracle = this->oracle();
  for (std::int64_t episode = 0; episode < 20; ++episode) {
    typename TypeParam::State state = this->reset(episode);
    for (std::int64_t t = 0; t < TypeParam::time_limit; ++t) {
      SCOPED_TRACE("episode " + std::to_string(episode) + ", step " + std::to_string(t));
      const std::vector<float> action = this->action_of(episode, t);
      const auto random = this->random_of(episode, t);
      const auto result =
          step_environment<TypeParam>(this->parameters, state, action.data(), random);
      const oracle::Outcome expected =
          oracle->step(this->doubles(state), {action.begin(), action.end()}, random);
      expect_near(values_of(expected.next, expected.reward, expected.terminated),
                  values_of(this->doubles(result.next), static_cast<double>(result.reward),
                            result.terminated));
      if (this->HasFatalFailure() || result.terminated) break;
      state = result.next;
    }
  }
}

TYPED_TEST(EnvironmentTest, ObservesAsItsOracleAndNoMore) {
  const auto oracle = this->oracle();
  for (std::int64_t i = 0; i < 100; ++i) {
    const auto state = this->reset(i);
    std::vector<float> observation(static_cast<std::size_t>(TypeParam::observation_size) + 1, 7.0f);
    TypeParam::observe(state, observation.data());
    ASSERT_EQ(observation.back(), 7.0f) << "observation_size is " << TypeParam::observation_size;
    observation.pop_back();
    expect_near(oracle->observe(this->doubles(state)),
                std::vector<double>(observation.begin(), observation.end()));
  }
}

// The same numbers give the same bits; a step of chance is another with other numbers.
TYPED_TEST(EnvironmentTest, StepsAreFunctionsOfStateActionAndRandomNumbers) {
  const auto state = this->reset(3);
  const std::vector<float> action = this->action_of(0, 0);
  const auto next = [&](std::int64_t t) {
    return this->doubles(
        step_environment<TypeParam>(this->parameters, state, action.data(), this->random_of(0, t))
            .next);
  };
  EXPECT_EQ(next(0), next(0));
  EXPECT_EQ(next(0) != next(1), StochasticSteps<TypeParam>);
}

TYPED_TEST(EnvironmentTest, NaNActionsAreNotHidden) {
  const std::vector<float> action(TypeParam::action_size, std::numeric_limits<float>::quiet_NaN());
  const auto result = step_environment<TypeParam>(this->parameters, this->reset(0), action.data(),
                                                  this->random_of(0, 0));
  bool all_finite = std::isfinite(result.reward);
  for (const double value : this->doubles(result.next)) all_finite &= std::isfinite(value);
  EXPECT_FALSE(all_finite);
}

TYPED_TEST(EnvironmentTest, ConstantsAreConsistent) {
  using E = TypeParam;
  EXPECT_GT(E::observation_size, 0);
  EXPECT_GT(E::action_size, 0);
  EXPECT_GT(E::time_limit, 0);
  EXPECT_FALSE(E::description.empty());
  EXPECT_EQ(std::set(E::state_names.begin(), E::state_names.end()).size(), E::state_names.size())
      << "names of its state are there twice";
  for (int i = 0; i < E::action_size; ++i) EXPECT_LT(E::action_low(i), E::action_high(i));
  for (const EnvironmentParameter& parameter : E::parameters) {
    EXPECT_LE(parameter.lowest, parameter.default_value) << parameter.name;
    EXPECT_LE(parameter.default_value, parameter.highest) << parameter.name;
    EXPECT_FALSE(parameter.name.empty() || parameter.description.empty());
  }
}

// Gymnasium's names end in a version.
TYPED_TEST(EnvironmentTest, StepsAsGymnasiumRecordedIt) {
  using E = TypeParam;
  const std::string name(E::name);
  const test::Recordings recordings = test::recordings_of(name);
  if (!std::regex_search(name, std::regex("-v[0-9]+$"))) {
    EXPECT_TRUE(recordings.trajectories.empty()) << "recordings of what is not Gymnasium's";
    return;
  }
  ASSERT_FALSE(recordings.trajectories.empty())
      << name << " is named as an environment of Gymnasium's: record trajectories of it into "
      << "tests/data, and say in tests/support/reference_data.cpp how to read them";
  for (const test::RecordedTrajectory& recorded : recordings.trajectories) {
    for (std::size_t t = 0; t < recorded.steps(); ++t) {
      SCOPED_TRACE(recorded.name + ", step " + std::to_string(t));
      const std::vector<float> values(recorded.states[t].begin(), recorded.states[t].end());
      typename E::State state;
      std::memcpy(&state, values.data(), sizeof state);
      const std::vector<float> action(recorded.actions[t].begin(), recorded.actions[t].end());
      const auto result =
          step_environment<E>(this->parameters, state, action.data(), this->random_of(0, 0));
      const std::vector<double> next = this->doubles(result.next);
      for (std::size_t i = 0; i < next.size(); ++i) {
        ASSERT_NEAR(next[i], recorded.states[t + 1][i], recordings.state_tolerances.at(i));
      }
      ASSERT_NEAR(static_cast<double>(result.reward), recorded.rewards[t],
                  recordings.reward_tolerance);
      ASSERT_EQ(result.terminated, recorded.terminated && t + 1 == recorded.steps());
    }
    for (std::size_t t = 0; t < recorded.observations.size(); ++t) {
      const std::vector<float> values(recorded.states[t].begin(), recorded.states[t].end());
      typename E::State state;
      std::memcpy(&state, values.data(), sizeof state);
      float observation[E::observation_size];
      E::observe(state, observation);
      for (std::size_t i = 0; i < std::size(observation); ++i) {
        ASSERT_NEAR(static_cast<double>(observation[i]), recorded.observations[t][i], 4e-6);
      }
    }
  }
}

}  // namespace
}  // namespace polyak
