#include "search/succession.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <set>

namespace polyak {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr double failed_member = -std::numeric_limits<double>::infinity();

/// Who takes over networks from whom; -1: goes on with its own.
std::vector<int> sources(const std::vector<Successor>& next) {
  std::vector<int> from;
  for (std::size_t i = 0; i < next.size(); ++i) {
    const int member = static_cast<int>(i);
    from.push_back(next[i].networks_from == member ? -1 : next[i].networks_from);
  }
  return from;
}

TEST(SelectionSteps, AreTheMultiplesOfAnyInterval) {
  EXPECT_THAT(selection_steps({300}, 0, 1000), ElementsAre(300, 600, 900));
  EXPECT_THAT(selection_steps({300}, 0, 900), ElementsAre(300, 600));
  EXPECT_THAT(selection_steps({200, 300}, 0, 1000), ElementsAre(200, 300, 400, 600, 800, 900));
  EXPECT_THAT(selection_steps({200, 300}, 500, 1000), ElementsAre(600, 800, 900));
  EXPECT_THAT(selection_steps({200, 300}, 600, 1000), ElementsAre(600, 800, 900));
  EXPECT_THAT(selection_steps({1000}, 0, 1000), IsEmpty());
}

TEST(Truncation, TheWorstFifthTakesOverFromTheBestFifth) {
  const std::vector<double> scores = {1, 9, 3, 4, 5, 6, 7, 8, 2, 10};
  std::set<std::pair<int, int>> seen;
  for (std::int64_t steps = 1; steps < 40; ++steps) {
    const auto next = successors(scores, {}, {1}, steps, 5);
    for (const int member : {0, 8}) {
      const Successor& one = next[static_cast<std::size_t>(member)];
      EXPECT_TRUE(one.networks_from == 1 || one.networks_from == 9) << one.networks_from;
      EXPECT_EQ(one.settings_from, one.networks_from);
      EXPECT_TRUE(one.perturbed);
      seen.emplace(member, one.networks_from);
    }
    for (const int member : {1, 2, 3, 4, 5, 6, 7, 9}) {
      EXPECT_EQ(next[static_cast<std::size_t>(member)], (Successor{member, member, false}));
    }
  }
  EXPECT_EQ(seen.size(), 4u);  // each of the two from each
}

TEST(Truncation, IsAFunctionOfScoresStepAndSeed) {
  std::vector<double> scores(40);
  for (std::size_t i = 0; i < scores.size(); ++i) scores[i] = static_cast<double>(i);
  const auto drawn = [&](std::int64_t steps, std::uint64_t seed) {
    return sources(successors(scores, {}, {100}, steps, seed));
  };
  EXPECT_EQ(drawn(100, 1), drawn(100, 1));
  EXPECT_NE(drawn(100, 1), drawn(200, 1));
  EXPECT_NE(drawn(100, 1), drawn(100, 2));
}

TEST(Truncation, OfNobodyIsNobody) {
  EXPECT_THAT(sources(successors(std::vector<double>{1, 2}, {.quantile = 0.2}, {1}, 1, 1)),
              ElementsAre(-1, -1));
  EXPECT_THAT(sources(successors(std::vector<double>{1, 2}, {.quantile = 0.5}, {1}, 1, 1)),
              ElementsAre(1, -1));
}

TEST(Truncation, FailedMembersTakeOverFromTheBest) {
  const std::vector<double> scores = {failed_member, 3, 4, failed_member, 5};
  const auto next = successors(scores, {.quantile = 0.2}, {1}, 1, 1);
  EXPECT_THAT(sources(next), ElementsAre(4, -1, -1, 4, -1));
  EXPECT_TRUE(next[0].perturbed);
  EXPECT_TRUE(next[3].perturbed);
}

// Two parts of eight: quarters of two. Part 0 selects every step, part 1 every second.
//   part 0: scores 8..1, part 1: 80..10.
const std::vector<double> two_parts = {8, 7, 6, 5, 4, 3, 2, 1, 80, 70, 60, 50, 40, 30, 20, 10};

TEST(Frequencies, OnlyThePartsThatAreDueSelect) {
  const auto next = successors(two_parts, {}, {1, 2}, 1, 1);
  // The last quarter from the first; the third is worse than the others' best two.
  EXPECT_THAT(sources(next),
              ElementsAre(-1, -1, -1, -1, 8, 9, 0, 1, -1, -1, -1, -1, -1, -1, -1, -1));
  // From those who select less often with their settings, and without a variation.
  EXPECT_EQ(next[4], (Successor{8, 8, false}));
  EXPECT_EQ(next[6], (Successor{0, 0, true}));
}

TEST(Frequencies, SettingsOfThoseWhoSelectMoreOftenDoNotMigrate) {
  std::vector<double> scores = two_parts;
  for (std::size_t i = 0; i < 8; ++i) std::swap(scores[i], scores[i + 8]);
  const auto next = successors(scores, {}, {1, 2}, 2, 1);
  EXPECT_THAT(sources(next), ElementsAre(-1, -1, -1, -1, -1, -1, 0, 1, -1, -1, -1, -1, 0, 1, 8, 9));
  EXPECT_EQ(next[12], (Successor{0, 8, false}));  // the networks, with its own part's best settings
}

}  // namespace
}  // namespace polyak
