#include "search/sampler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "io/text_value.hpp"
#include "search/spaces.hpp"

namespace polyak {
namespace {

using test::space_of;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string conditional =
    "layer-norm = true\n"
    "algorithm = ['ddpg', 'td3']\n"
    "target-noise = { uniform = [0.1, 0.3], grid = 2, when = { algorithm = 'td3' } }\n"
    "tau = [0.005, 0.01]\n";

std::vector<std::string> settings_of(const Space& space, Sampler sampler, std::uint64_t seed,
                                     std::int64_t count) {
  std::vector<std::string> all;
  for (std::int64_t i = 0; i < count; ++i)
    all.push_back(describe(setting_at(space, sampler, seed, i)));
  return all;
}

TEST(Sampler, HasNames) {
  for (const Sampler sampler : {Sampler::grid, Sampler::random, Sampler::sobol}) {
    EXPECT_EQ(parse_sampler(to_string(sampler)), sampler);
  }
  EXPECT_EQ(to_string(Sampler::sobol), "sobol");
  EXPECT_THROW(parse_sampler("sobel"), UsageError);
}

TEST(GridSampler, TheLastFieldVariesFastest) {
  const Space space = space_of("tau = [0.1, 0.2]\nn-step = { uniform = [1, 5] }\ndiscount = [0.9]");
  EXPECT_EQ(grid_size(space), 6);
  EXPECT_THAT(settings_of(space, Sampler::grid, 1, 6),
              ElementsAre("tau 0.1, n-step 1, discount 0.9", "tau 0.1, n-step 3, discount 0.9",
                          "tau 0.1, n-step 5, discount 0.9", "tau 0.2, n-step 1, discount 0.9",
                          "tau 0.2, n-step 3, discount 0.9", "tau 0.2, n-step 5, discount 0.9"));
}

TEST(GridSampler, AFieldThatDoesNotApplyMultipliesNothing) {
  const Space space = space_of(conditional);
  EXPECT_EQ(grid_size(space), 6);
  EXPECT_THAT(settings_of(space, Sampler::grid, 1, 6),
              ElementsAre("layer-norm true, algorithm ddpg, tau 0.005",
                          "layer-norm true, algorithm ddpg, tau 0.01",
                          "layer-norm true, algorithm td3, target-noise 0.1, tau 0.005",
                          "layer-norm true, algorithm td3, target-noise 0.1, tau 0.01",
                          "layer-norm true, algorithm td3, target-noise 0.3, tau 0.005",
                          "layer-norm true, algorithm td3, target-noise 0.3, tau 0.01"));
}

TEST(GridSampler, ConditionsOnConditionsAreCounted) {
  const Space space = space_of(
      "algorithm = ['ddpg', 'td3']\n"
      "target-noise = { choice = [0.1, 0.2], when = { algorithm = 'td3' } }\n"
      "target-noise-clip = { choice = [0.3, 0.4, 0.5], when = { target-noise = 0.2 } }\n");
  EXPECT_EQ(grid_size(space), 1 + 1 + 3);
  const std::vector<std::string> all = settings_of(space, Sampler::grid, 1, 5);
  EXPECT_EQ(all[1], "algorithm td3, target-noise 0.1");
  EXPECT_EQ(all[4], "algorithm td3, target-noise 0.2, target-noise-clip 0.5");
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 5u);
}

TEST(GridSampler, IsCountedUpToALimitAndRefusedBehindItsEnd) {
  std::string text = "algorithm = ['ddpg', 'td3']\n";
  for (const char* const name : {"tau", "discount", "noise-scale", "target-noise", "reward-scale",
                                 "learning-rate-actor", "learning-rate-critic"}) {
    text += std::string(name) + " = { uniform = [0.1, 1], grid = 1000 }\n";
  }
  EXPECT_EQ(grid_size(space_of(text)), largest_grid) << "10^21 settings";
  const Space space = space_of(conditional);
  try {
    setting_at(space, Sampler::grid, 1, 6);
    FAIL() << "the grid has 6";
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(), "space.toml: the grid has 6 settings; use fewer trials");
  }
}

class PointSampler : public testing::TestWithParam<Sampler> {};
INSTANTIATE_TEST_SUITE_P(Both, PointSampler, testing::Values(Sampler::random, Sampler::sobol),
                         [](const auto& each) { return std::string(to_string(each.param)); });

TEST_P(PointSampler, ASettingDependsOnItsNumberAndTheSeedAlone) {
  const Space space = space_of("tau = { log = [1e-3, 1e-1] }\ndiscount = { uniform = [0.9, 1] }");
  const Setting seventh = setting_at(space, GetParam(), 3, 7);
  const std::vector<std::string> all = settings_of(space, GetParam(), 3, 100);
  EXPECT_EQ(all[7], describe(seventh));
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 100u);
  const std::vector<std::string> others = settings_of(space, GetParam(), 4, 100);
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_NE(all[i], others[i]) << i;
}

TEST_P(PointSampler, AConditionMovesNoOtherField) {
  const Space space = space_of(conditional);
  const Space free = space_of(
      "layer-norm = true\nalgorithm = ['ddpg', 'td3']\n"
      "target-noise = { uniform = [0.1, 0.3] }\ntau = [0.005, 0.01]\n");
  int with = 0;
  for (int i = 0; i < 100; ++i) {
    const Setting setting = setting_at(space, GetParam(), 1, i);
    const Setting all = setting_at(free, GetParam(), 1, i);
    for (const SettingEntry& entry : setting) EXPECT_EQ(*find_value(all, entry.field), entry.value);
    const bool td3 = *find_value(setting, "algorithm") == "td3";
    EXPECT_EQ(find_value(setting, "target-noise") != nullptr, td3);
    with += td3 ? 1 : 0;
  }
  EXPECT_GT(with, 30);
  EXPECT_LT(with, 70);
}

TEST_P(PointSampler, EverythingIsDrawnAndStaysInItsRange) {
  const Space space = space_of(
      "tau = { log = [1e-3, 1e-1] }\nn-step = { uniform = [1, 4] }\ndiscount = [0.9, 0.95, 0.99]");
  std::map<std::string, int> steps, discounts;
  int small = 0;
  constexpr int count = 1024;
  for (int i = 0; i < count; ++i) {
    const Setting setting = setting_at(space, GetParam(), 11, i);
    const float tau = *parse_number<float>(*find_value(setting, "tau"));
    EXPECT_GE(tau, 1e-3f);
    EXPECT_LE(tau, 1e-1f);
    small += tau < 1e-2f ? 1 : 0;
    ++steps[*find_value(setting, "n-step")];
    ++discounts[*find_value(setting, "discount")];
  }
  // Five standard deviations of independent draws.
  EXPECT_NEAR(small, count / 2, 80);
  ASSERT_EQ(steps.size(), 4u);
  for (const auto& [value, times] : steps) EXPECT_NEAR(times, count / 4, 70) << value;
  ASSERT_EQ(discounts.size(), 3u);
  for (const auto& [value, times] : discounts) EXPECT_NEAR(times, count / 3, 76) << value;
}

// A later version must go on with a search as an earlier one began it.
TEST_P(PointSampler, SettingsStayWhatTheyAre) {
  const Space space = space_of(
      "tau = { log = [1e-3, 1e-1] }\nn-step = { uniform = [1, 4] }\ndiscount = [0.9, 0.95, 0.99]");
  const bool random = GetParam() == Sampler::random;
  EXPECT_EQ(describe(setting_at(space, GetParam(), 1, 0)),
            random ? "tau 0.024097664, n-step 4, discount 0.9"
                   : "tau 0.04024333, n-step 2, discount 0.9");
  EXPECT_EQ(describe(setting_at(space, GetParam(), 1, 1000)),
            random ? "tau 0.098745786, n-step 3, discount 0.95"
                   : "tau 0.07478666, n-step 2, discount 0.95");
}

TEST(SobolSampler, APowerOfTwoOfSettingsHasEveryChoiceEquallyOften) {
  const Space space = space_of(
      "activation = ['relu', 'tanh']\ndiscount = [0.9, 0.95, 0.98, 0.99]\ntau = { log = [1e-3, "
      "1e-1] }");
  for (const std::uint64_t seed : {1u, 2u, 77u}) {
    std::map<std::string, int> pairs;
    for (int i = 0; i < 64; ++i) {
      const Setting setting = setting_at(space, Sampler::sobol, seed, i);
      ++pairs[*find_value(setting, "activation") + *find_value(setting, "discount")];
    }
    ASSERT_EQ(pairs.size(), 8u);
    for (const auto& [pair, times] : pairs) EXPECT_EQ(times, 8) << pair;
  }
}

TEST(SobolSampler, EndsWithItsLastPoint) {
  const Space space = space_of("tau = { log = [1e-3, 1e-1] }");
  EXPECT_NO_THROW(setting_at(space, Sampler::sobol, 1, (std::int64_t{1} << 32) - 1));
  EXPECT_THROW(setting_at(space, Sampler::sobol, 1, std::int64_t{1} << 32), UsageError);
}

}  // namespace
}  // namespace polyak
