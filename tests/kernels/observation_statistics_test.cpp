#include "kernels/observation_statistics.hpp"

#include <cmath>

#include "kernels/kernel_test.hpp"

namespace polyak::test {
namespace {

struct Result {
  std::vector<Moments> moments;
  std::vector<float> mean, scale, normalised;
};

/// Observations [agents, environments, features]; `before` are the moments of vector_steps *
/// environments.
Result normalise(int agents, int environments, int features, const std::vector<float>& observations,
                 const std::vector<Moments>& before, std::int64_t vector_steps, bool fold) {
  const MatrixBuffer observation(agents, environments, features, 1, observations);
  const MatrixBuffer normalised(agents, environments, features, 2);
  const DeviceBuffer<Moments> moments(before);
  const DeviceBuffer<float> mean(before.size()), scale(before.size());
  const DeviceBuffer<std::int64_t> counter(std::vector<std::int64_t>{vector_steps});
  finish(kernels::launch_normalise_observations({agents,
                                                 environments,
                                                 features,
                                                 fold,
                                                 counter.data(),
                                                 observation.view(),
                                                 moments.data(),
                                                 {mean.data(), scale.data(), features},
                                                 normalised.view()},
                                                nullptr));
  return {moments.download(), mean.download(), scale.download(), normalised.values()};
}

std::size_t count_of(int agents, int environments, int features) {
  return static_cast<std::size_t>(agents) * static_cast<std::size_t>(environments) *
         static_cast<std::size_t>(features);
}

/// Adds one value to the moments of `count` others (Welford 1962).
void add(Moments& moments, std::int64_t count, double value) {
  const double distance = value - moments.mean;
  moments.mean += distance / static_cast<double>(count + 1);
  moments.squares += distance * (value - moments.mean);
}

TEST(NormaliseObservationsKernel, FollowsTheRunningMomentsStepByStep) {
  constexpr int agents = 3;
  for (const int features : {1, 3, 17}) {
    for (const int environments : {1, 31, 33, 257, 1023}) {
      std::vector<Moments> expected(count_of(agents, 1, features), Moments{0.0, 0.0});
      std::vector<Moments> moments = expected;
      for (std::int64_t step = 0; step < 3; ++step) {
        std::vector<float> observations =
            random_values(count_of(agents, environments, features), static_cast<unsigned>(step));
        for (float& value : observations) value = 100.0f + 3.0f * value;
        const Result result =
            normalise(agents, environments, features, observations, moments, step, true);
        const auto at = [&](std::size_t agent, int environment, std::size_t feature) {
          return (agent * static_cast<std::size_t>(environments) +
                  static_cast<std::size_t>(environment)) *
                     static_cast<std::size_t>(features) +
                 feature;
        };
        for (std::size_t i = 0; i < expected.size(); ++i) {
          const std::size_t agent = i / static_cast<std::size_t>(features);
          const std::size_t feature = i % static_cast<std::size_t>(features);
          for (int environment = 0; environment < environments; ++environment) {
            add(expected[i], step * environments + environment,
                static_cast<double>(observations[at(agent, environment, feature)]));
          }
          ASSERT_NEAR(result.moments[i].mean, expected[i].mean, 1e-10);
          ASSERT_NEAR(result.moments[i].squares, expected[i].squares,
                      1e-9 * (1.0 + expected[i].squares));
          const double count = static_cast<double>((step + 1) * environments);
          const double deviation = std::sqrt(expected[i].squares / count + 1e-8);
          for (int environment = 0; environment < environments; ++environment) {
            const double value = static_cast<double>(observations[at(agent, environment, feature)]);
            ASSERT_NEAR(
                result.normalised[at(agent, environment, feature)],
                (value - static_cast<double>(static_cast<float>(expected[i].mean))) / deviation,
                1e-4 * (1.0 + 1e-4 / deviation));
          }
        }
        moments = result.moments;
      }
    }
  }
}

TEST(NormaliseObservationsKernel, WithoutFoldingUsesTheMomentsAsTheyAre) {
  const std::vector<Moments> moments = {{0.5, 40.0}, {-1.0, 90.0}};
  const std::vector<float> observations = {1.5f, -1.0f, 0.5f, 2.0f};
  const Result result = normalise(1, 2, 2, observations, moments, 5, false);
  EXPECT_EQ(result.moments[0].mean, 0.5);
  EXPECT_EQ(result.moments[1].squares, 90.0);
  EXPECT_EQ(result.mean, (std::vector<float>{0.5f, -1.0f}));
  const std::vector<float> expected = {0.5f, 0.0f, 0.0f, 1.0f};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_FLOAT_EQ(result.normalised[i], expected[i]);
}

TEST(NormaliseObservationsKernel, LeavesObservationsAloneBeforeTheFirst) {
  const std::vector<float> observations = {1.5f, -1.0f};
  const Result result = normalise(1, 2, 1, observations, {{0.0, 0.0}}, 0, false);
  EXPECT_EQ(result.normalised, observations);
}

TEST(NormaliseObservationsKernel, AgentsDoNotDependOnEachOther) {
  const std::vector<float> observations = random_values(count_of(3, 65, 3), 1);
  const std::vector<Moments> zeros(9, Moments{0.0, 0.0});
  const Result together = normalise(3, 65, 3, observations, zeros, 0, true);
  const std::size_t size = count_of(1, 65, 3);
  for (std::size_t agent = 0; agent < 3; ++agent) {
    const auto first = observations.begin() + static_cast<std::ptrdiff_t>(agent * size);
    const Result alone = normalise(1, 65, 3, {first, first + static_cast<std::ptrdiff_t>(size)},
                                   {zeros.begin(), zeros.begin() + 3}, 0, true);
    for (std::size_t i = 0; i < size; ++i) {
      ASSERT_EQ(alone.normalised[i], together.normalised[agent * size + i]);
    }
  }
}

TEST(NormaliseObservationsKernel, ThreadOrderDoesNotMatter) {
  const std::vector<float> observations = random_values(count_of(2, 300, 3), 1);
  const std::vector<Moments> zeros(6, Moments{0.0, 0.0});
  same_bits_in_every_order(
      [&] { return normalise(2, 300, 3, observations, zeros, 0, true).normalised; });
}

}  // namespace
}  // namespace polyak::test
