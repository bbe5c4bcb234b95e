#include "polyak/environment/vector_step.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "support/statistics.hpp"
#include "support/toy_environment.hpp"

namespace polyak {
namespace {

using test::Countdown;
constexpr std::int64_t environment_count = 3, rows_per_environment = 40;
constexpr RowLayout countdown_layout{Countdown::observation_size, Countdown::action_size};

/// The arrays of a few toy environments.
struct Arrays {
  std::vector<Countdown::State> states{static_cast<std::size_t>(environment_count)};
  std::vector<float> noise = std::vector<float>(15, 0.5f);
  std::vector<std::int32_t> steps{9, 9, 9};
  std::vector<double> returns{9.0, 9.0, 9.0};
  std::vector<EpisodeTotals> totals{static_cast<std::size_t>(environment_count)};
  std::vector<float> rows =
      std::vector<float>(environment_count * rows_per_environment * countdown_layout.floats());
  std::vector<std::int64_t> written{0, 0, 0};
  EnvironmentsView<Countdown> environments{states.data(), noise.data(), steps.data(),
                                           returns.data(), totals.data()};
  ReplayView replay{rows.data(), written.data(), environment_count, rows_per_environment,
                    countdown_layout};
};

const EnvironmentSettings<Countdown> settings{
    {6.0f, 1.0f},
    {{Exploration::ornstein_uhlenbeck, 0.2f, 0.15f, 1.0f}, 0.0f, 0.0f, 0, false, false},
    4,
    false};
constexpr PhiloxRandom source{5};

/// `left` steps to the termination.
void place(Arrays& arrays, std::int64_t environment, float left) {
  arrays.states[static_cast<std::size_t>(environment)] = {left, 0.0f, 0.0f};
}

TEST(EnvironmentStep, BeginEpisodeResetsEverything) {
  Arrays arrays;
  reset_environment(settings, arrays.environments, arrays.replay, 1, 7, source);
  const auto expected = Countdown::reset(
      settings.parameters, environment_random(source, 1, 7, Purpose::environment_reset));
  EXPECT_EQ(arrays.states[1].left, expected.left);
  EXPECT_EQ(arrays.steps, (std::vector<std::int32_t>{9, 0, 9}));
  EXPECT_EQ(arrays.returns, (std::vector<double>{9.0, 0.0, 9.0}));
  EXPECT_EQ(arrays.written, (std::vector<std::int64_t>{0, 1, 0}));
  EXPECT_EQ(arrays.replay.row(1, 0)[0], expected.left);
  for (std::size_t i = 0; i < arrays.noise.size(); ++i) {
    EXPECT_EQ(arrays.noise[i], i >= 5 && i < 10 ? 0.0f : 0.5f) << i;
  }
}

TEST(EnvironmentStep, NoiseOutlivesTheEpisodeIfItIsToldTo) {
  Arrays arrays;
  EnvironmentSettings<Countdown> keeping = settings;
  keeping.exploration.keeps_noise = true;
  reset_environment(keeping, arrays.environments, arrays.replay, 1, 7, source);
  EXPECT_EQ(arrays.noise, std::vector<float>(15, 0.5f));
  EXPECT_EQ(arrays.steps[1], 0);
}

struct Ending {
  float left;  // steps to the termination
  int length;  // of the episode
  RowKind kind;
};
void PrintTo(const Ending& ending, std::ostream* out) {
  *out << ending.left << " to the termination, an episode of " << ending.length;
}
class EpisodeEnding : public testing::TestWithParam<Ending> {};
// The time limit is 4. An episode that terminates in its last allowed step has terminated.
INSTANTIATE_TEST_SUITE_P(All, EpisodeEnding,
                         testing::Values(Ending{1, 1, RowKind::terminated},
                                         Ending{3, 3, RowKind::terminated},
                                         Ending{4, 4, RowKind::terminated},
                                         Ending{5, 4, RowKind::truncated}));

TEST_P(EpisodeEnding, IsStoredCountedAndFollowedByAReset) {
  const Ending& ending = GetParam();
  Arrays arrays;
  reset_environment(settings, arrays.environments, arrays.replay, 2, 0, source);
  place(arrays, 2, ending.left);
  const float action[] = {0.0f, 0.25f, 0.5f, -0.5f, 1.0f};
  for (int step = 0; step < ending.length; ++step) {
    EXPECT_EQ(arrays.totals[2].episodes, 0);
    EXPECT_EQ(arrays.steps[2], step);
    step_and_store(settings, arrays.environments, arrays.replay, action, 2, 30 + step, source);
  }
  // 0, 0.625, 0, 4, 1.5 in environment units; the mean is the reward of one step.
  const float reward = 6.125f / 5.0f;
  EXPECT_EQ(arrays.totals[2].episodes, 1);
  EXPECT_EQ(arrays.totals[2].steps, ending.length);
  EXPECT_NEAR(arrays.totals[2].return_sum, static_cast<double>(reward) * ending.length, 1e-5);
  EXPECT_EQ(arrays.written[2], ending.length + 2);
  for (int step = 0; step < ending.length; ++step) {
    const float* const row = arrays.replay.row(2, step);
    EXPECT_EQ(row_kind(arrays.replay, row),
              step + 1 < ending.length ? RowKind::continuing : ending.kind);
    EXPECT_FLOAT_EQ(row[countdown_layout.reward_offset()], reward);
    EXPECT_EQ(row[countdown_layout.action_offset() + 3], -0.5f) << "actions are stored normalised";
  }
  const float* const last = arrays.replay.row(2, ending.length);
  EXPECT_EQ(row_kind(arrays.replay, last), RowKind::last_observation);
  EXPECT_EQ(last[0], ending.left - static_cast<float>(ending.length));
  // The next episode starts with the random numbers of the following vector step.
  const auto next = Countdown::reset(
      settings.parameters,
      environment_random(source, 2, 30 + ending.length, Purpose::environment_reset));
  EXPECT_EQ(arrays.states[2].left, next.left);
  EXPECT_EQ(arrays.states[2].seen, 0.0f);
  EXPECT_EQ(arrays.replay.row(2, ending.length + 1)[0], next.left);
  EXPECT_EQ(row_kind(arrays.replay, arrays.replay.row(2, ending.length + 1)), RowKind::open);
  EXPECT_EQ(arrays.steps[2], 0);
  EXPECT_EQ(arrays.returns[2], 0.0);
  // Other environments are untouched.
  EXPECT_EQ(arrays.written[0], 0);
  EXPECT_EQ(arrays.totals[1].episodes, 0);
}

TEST(EnvironmentStep, TotalsAddUpOverEpisodes) {
  Arrays arrays;
  reset_environment(settings, arrays.environments, arrays.replay, 0, 0, source);
  const float action[] = {1.0f, 1.0f, 1.0f, 1.0f, 1.0f};
  for (const float left : {2.0f, 1.0f, 3.0f}) {
    place(arrays, 0, left);
    for (int i = 0; i < static_cast<int>(left); ++i) {
      step_and_store(settings, arrays.environments, arrays.replay, action, 0, i, source);
    }
  }
  EXPECT_EQ(arrays.totals[0].episodes, 3);
  EXPECT_EQ(arrays.totals[0].steps, 6);
  EXPECT_NEAR(arrays.totals[0].return_sum, 6 * 14.5 / 5.0, 1e-5);
}

TEST(EnvironmentStep, TheFirstReturnThatIsNotFiniteIsNoted) {
  Arrays arrays;
  EnvironmentSettings<Countdown> overflowing = settings;
  overflowing.parameters.reward_factor = INFINITY;
  const float action[] = {1.0f, 1.0f, 1.0f, 1.0f, 1.0f};
  for (std::int64_t environment = 0; environment < environment_count; ++environment) {
    reset_environment(settings, arrays.environments, arrays.replay, environment, 0, source);
    place(arrays, environment, 3.0f);
    for (int step = 40; step < 43; ++step) {
      const bool broken = step >= 39 + environment && environment > 0;
      step_and_store(broken ? overflowing : settings, arrays.environments, arrays.replay, action,
                     environment, step, source);
    }
  }
  EXPECT_EQ(arrays.totals[0].non_finite_step, 0);
  EXPECT_EQ(arrays.totals[1].non_finite_step, 41) << "steps count from one";
  EXPECT_EQ(arrays.totals[2].non_finite_step, 42);
  EXPECT_EQ(arrays.totals[2].return_sum, INFINITY);
}

TEST(EnvironmentStep, AnActionThatIsNotFiniteIsNoFaultOfTheReward) {
  Arrays arrays;
  reset_environment(settings, arrays.environments, arrays.replay, 0, 0, source);
  place(arrays, 0, 3.0f);
  const float action[] = {1.0f, 1.0f, NAN, 1.0f, 1.0f};
  step_and_store(settings, arrays.environments, arrays.replay, action, 0, 40, source);
  EXPECT_TRUE(std::isnan(arrays.returns[0]));
  EXPECT_EQ(arrays.totals[0].non_finite_step, 0);
}

TEST(ChooseAction, ExploresEveryDimensionWithItsOwnNoise) {
  const float policy[] = {0.0f, 0.1f, -0.1f, 0.2f, -0.2f};
  float noise[] = {0.01f, 0.02f, 0.03f, 0.04f, 0.05f}, action[5];
  choose_action(settings, policy, 2, 123, source, noise, action);
  for (int i = 0; i < 5; ++i) {
    // Four dimensions share a block; the fifth takes the first word pair of the next draw.
    const RandomBits bits =
        source(2, 123, Purpose::exploration_noise, static_cast<std::uint32_t>(i / 4));
    float expected_noise = 0.01f * static_cast<float>(i + 1);
    const float expected = explore(settings.exploration.first, policy[i],
                                   normal_from_bits(bits, i % 4), expected_noise);
    EXPECT_FLOAT_EQ(action[i], expected);
    EXPECT_FLOAT_EQ(noise[i], expected_noise);
  }
}

TEST(ChooseAction, NoiseInEnvironmentUnitsIsDividedByHalfTheRange) {
  EnvironmentSettings<Countdown> units = settings;
  units.exploration.first = {Exploration::gaussian, 0.2f, 0.0f, 0.0f};
  units.exploration.environment_units = true;
  const float policy[5] = {};
  float noise[5] = {}, action[5];
  choose_action(units, policy, 2, 123, source, noise, action);
  for (int i = 0; i < 5; ++i) {
    const RandomBits bits =
        source(2, 123, Purpose::exploration_noise, static_cast<std::uint32_t>(i / 4));
    const float half_range = (Countdown::highs[i] - Countdown::lows[i]) / 2.0f;
    EXPECT_FLOAT_EQ(action[i], clip_action(0.2f / half_range * normal_from_bits(bits, i % 4)));
  }
}

TEST(ChooseAction, SigmaIsThatOfTheEnvironmentAndTheStep) {
  EnvironmentSettings<Countdown> plan = settings;
  plan.exploration = {{Exploration::gaussian, 0.01f, 0.0f, 0.0f}, 0.02f, 0.0f, 10, false, false};
  const float policy[5] = {};
  for (const std::int64_t environment : {0, 2}) {
    for (const std::int64_t step : {0, 4, 10, 11}) {
      float noise[5] = {}, action[5];
      choose_action(plan, policy, environment, step, source, noise, action);
      const RandomBits bits = source(static_cast<std::uint32_t>(environment),
                                     static_cast<std::uint64_t>(step), Purpose::exploration_noise);
      const float sigma = (0.01f + 0.02f * static_cast<float>(environment)) *
                          std::max(0.0f, 1.0f - static_cast<float>(step) / 10.0f);
      EXPECT_NEAR(action[0], sigma * normal_from_bits(bits, 0), 1e-7) << environment << ' ' << step;
    }
  }
}

TEST(ChooseAction, WarmUpIsUniformAndReadsNoPolicy) {
  EnvironmentSettings<Countdown> warmup = settings;
  warmup.warmup = true;
  float noise[] = {0.5f, 0.5f, 0.5f, 0.5f, 0.5f}, action[5];
  std::vector<float> samples[5];
  for (std::int64_t step = 0; step < 20'000; ++step) {
    choose_action(warmup, nullptr, 1, step, source, noise, action);
    for (std::size_t i = 0; i < 5; ++i) {
      ASSERT_GE(action[i], -1.0f);
      ASSERT_LT(action[i], 1.0f);
      samples[i].push_back(action[i]);
    }
  }
  for (std::vector<float>& values : samples) {
    EXPECT_GT(test::kolmogorov_smirnov_test(values, [](double x) { return (x + 1.0) / 2.0; }),
              1e-3);
  }
  for (const float value : noise) EXPECT_EQ(value, 0.5f);
}

TEST(ChooseAction, EnvironmentsAndStepsDrawDifferently) {
  const float policy[5] = {};
  const auto first_action = [&](std::int64_t environment, std::int64_t step) {
    float noise[5] = {}, action[5];
    choose_action(settings, policy, environment, step, source, noise, action);
    return action[0];
  };
  EXPECT_NE(first_action(0, 0), first_action(1, 0));
  EXPECT_NE(first_action(0, 0), first_action(0, 1));
  EXPECT_NE(first_action(0, 1), first_action(0, 1 + (1ll << 32)));
  EXPECT_EQ(first_action(2, 9), first_action(2, 9));
}

}  // namespace
}  // namespace polyak
