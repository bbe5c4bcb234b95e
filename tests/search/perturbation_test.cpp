// What population based training tries next to a good setting.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "search/sampler.hpp"
#include "search/spaces.hpp"

namespace polyak {
namespace {

using test::space_of;
using testing::IsSubsetOf;
using testing::IsSupersetOf;

constexpr int tries = 400;

/// How often each value of a field follows from a setting.
std::map<std::string, int> values_after(const Space& space, const Setting& setting,
                                        const std::string& field) {
  std::map<std::string, int> values;
  for (std::uint64_t counter = 0; counter < tries; ++counter) {
    const Setting changed = perturbed(space, setting, 9, counter);
    const std::string* const value = find_value(changed, field);
    ++values[value == nullptr ? "none" : *value];
  }
  return values;
}

/// Of the tries, those that are not drawn again go one way or the other.
void expect_half_of_moves(int times) {
  constexpr double expected = tries * (1.0 - resampling_probability) / 2.0;
  EXPECT_NEAR(times, expected, 50.0);  // five standard deviations
}

TEST(Perturbation, NumbersAreMultiplied) {
  const Space space = space_of("learning-rate-actor = { log = [1e-4, 1e-1] }");
  auto values = values_after(space, {{"learning-rate-actor", "0.001"}}, "learning-rate-actor");
  expect_half_of_moves(values["8e-04"]);
  expect_half_of_moves(values["0.00125"]);
  EXPECT_GT(values.size(), 50u) << "the others are drawn again";
}

TEST(Perturbation, NumbersStayInTheirRange) {
  const Space space = space_of("tau = { uniform = [0.1, 0.2] }");
  EXPECT_GT(values_after(space, {{"tau", "0.19"}}, "tau")["0.2"], 100);
  EXPECT_GT(values_after(space, {{"tau", "0.11"}}, "tau")["0.1"], 100);
}

TEST(Perturbation, WholeNumbersMoveByAtLeastOne) {
  const Space space = space_of("n-step = { uniform = [1, 20] }");
  auto small = values_after(space, {{"n-step", "2"}}, "n-step");
  EXPECT_GT(small["1"], 100);
  EXPECT_GT(small["3"], 100);
  EXPECT_LT(small["2"], 20) << "only where it is drawn";
  auto large = values_after(space, {{"n-step", "10"}}, "n-step");
  EXPECT_GT(large["8"], 100);
  EXPECT_GT(large["13"], 100) << "12.5 rounds up";
}

TEST(Perturbation, ChoicesGoToANeighbour) {
  const Space space = space_of("discount = [0.9, 0.95, 0.98, 0.99]");
  auto middle = values_after(space, {{"discount", "0.95"}}, "discount");
  EXPECT_GT(middle["0.9"], 100);
  EXPECT_GT(middle["0.98"], 100);
  EXPECT_LT(middle["0.99"], 60) << "only where it is drawn";
  EXPECT_GT(values_after(space, {{"discount", "0.9"}}, "discount")["0.95"], 200);
  EXPECT_GT(values_after(space, {{"discount", "0.99"}}, "discount")["0.98"], 200);
}

TEST(Perturbation, IsAFunctionOfSeedAndCounter) {
  const Space space = space_of("tau = { log = [1e-3, 1e-1] }\ndiscount = { uniform = [0.9, 1] }");
  const Setting setting = {{"tau", "0.01"}, {"discount", "0.95"}};
  EXPECT_EQ(perturbed(space, setting, 5, 6), perturbed(space, setting, 5, 6));
  std::set<std::string> seeds, counters;
  for (std::uint64_t i = 0; i < 50; ++i) {
    seeds.insert(describe(perturbed(space, setting, i, 1)));
    counters.insert(describe(perturbed(space, setting, 1, i)));
  }
  EXPECT_GT(seeds.size(), 10u);
  EXPECT_GT(counters.size(), 10u);
}

TEST(Perturbation, WhatAPopulationCannotMixStays) {
  const Space space = space_of(
      "batch-size = [64, 128]\ntau = [0.1, 0.2]\n"
      "actor-delay = { choice = [1, 2], when = { batch-size = 64 } }");
  const Setting setting = {{"batch-size", "128"}, {"tau", "0.1"}};
  for (const auto& [value, times] : values_after(space, setting, "batch-size")) {
    EXPECT_EQ(value, "128");
  }
  EXPECT_GT(values_after(space, setting, "tau")["0.2"], 200);
  EXPECT_EQ(values_after(space, setting, "actor-delay")["none"], tries);
}

TEST(Perturbation, ConditionsHoldAfterwards) {
  const Space space = space_of(
      "noise-scale = [0.1, 0.2]\n"
      "noise-scale-final = { uniform = [0.0, 0.05], when = { noise-scale = 0.2 } }");
  for (std::uint64_t counter = 0; counter < 100; ++counter) {
    for (const Setting& setting :
         {Setting{{"noise-scale", "0.1"}},
          Setting{{"noise-scale", "0.2"}, {"noise-scale-final", "0.01"}}}) {
      const Setting changed = perturbed(space, setting, 1, counter);
      EXPECT_EQ(find_value(changed, "noise-scale-final") != nullptr,
                *find_value(changed, "noise-scale") == "0.2");
    }
  }
}

}  // namespace
}  // namespace polyak
