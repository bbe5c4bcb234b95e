#include "search/shape_groups.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/fields.hpp"
#include "search/population_groups.hpp"
#include "search/space.hpp"
#include "trainer/trainer_config.hpp"

namespace polyak {
namespace {

using testing::ElementsAre;

std::vector<Config> trials_of(const std::vector<Setting>& settings, const Config& base = {}) {
  std::vector<Config> trials;
  for (const Setting& setting : settings) trials.push_back(configured(base, setting, "space.toml"));
  return trials;
}

TEST(ShapeGroups, TrialsThatDifferInAgentsFieldsAloneAreOneGroup) {
  const std::vector<Config> trials = trials_of({{{"tau", "0.1"}, {"batch-size", "64"}},
                                                {{"tau", "0.1"}, {"batch-size", "128"}},
                                                {{"n-step", "3"}, {"batch-size", "64"}},
                                                {{"actor-hidden", "32"}},
                                                {{"discount", "0.9"}}});
  EXPECT_THAT(shape_groups(trials),
              ElementsAre(ElementsAre(0, 2), ElementsAre(1, 4), ElementsAre(3)));
  EXPECT_TRUE(shape_groups({}).empty());
}

TEST(ShapeGroups, AlgorithmsAreShapes) {
  const std::vector<Config> trials = trials_of(
      {{{"algorithm", "ddpg"}}, {{"algorithm", "td3"}}, {{"algorithm", "td3"}, {"tau", "0.1"}}});
  EXPECT_THAT(shape_groups(trials), ElementsAre(ElementsAre(0), ElementsAre(1, 2)));
}

// All agents of a recurrent population look as far ahead as the one with the longest returns.
TEST(ShapeGroups, RecurrentReturnsAreShapesUnlessTheLookaheadIsGiven) {
  Config base;
  base.policy = PolicyKind::gru;
  const std::vector<Setting> settings = {{{"n-step", "1"}}, {{"n-step", "3"}}, {{"n-step", "1"}}};
  EXPECT_THAT(shape_groups(trials_of(settings, base)),
              ElementsAre(ElementsAre(0, 2), ElementsAre(1)));
  base.sequence_lookahead = 3;
  EXPECT_THAT(shape_groups(trials_of(settings, base)), ElementsAre(ElementsAre(0, 1, 2)));
}

TEST(ShapeGroups, APopulationHasEveryTrialWithEverySeed) {
  Config base;
  base.batch_size = 64;
  base.gradient_clip = 2.0f;
  const std::vector<Config> trials =
      trials_of({{{"tau", "0.1"}}, {{"tau", "0.2"}, {"n-step", "3"}}}, base);
  const std::vector<std::uint64_t> seeds = {7, 8, 11};
  const Config population = population_config(trials, seeds);
  EXPECT_NO_THROW(validate(population));
  EXPECT_EQ(population.agents, 6);
  EXPECT_EQ(population.batch_size, 64);
  EXPECT_THAT(population.seed.values, ElementsAre(7, 8, 11, 7, 8, 11));
  EXPECT_THAT(population.tau.values, ElementsAre(0.1f, 0.1f, 0.1f, 0.2f, 0.2f, 0.2f));
  EXPECT_THAT(population.n_step.values, ElementsAre(1, 1, 1, 3, 3, 3));
  visit_fields(population, [&]<class T>(const FieldInfo& field, const T& value) {
    if constexpr (is_per_agent<T>) {
      EXPECT_EQ(value.values.size(), 6u) << field.name;
    }
  });
  for (int agent = 0; agent < 6; ++agent) {
    Config expected = trials[static_cast<std::size_t>(agent / 3)];
    expected.seed = seeds[static_cast<std::size_t>(agent % 3)];
    EXPECT_EQ(single_agent_config(population, agent), expected) << agent;
  }
}

TEST(ShapeGroups, APopulationOfOneIsItsTrial) {
  std::vector<Config> trials = trials_of({{{"tau", "0.1"}}});
  const std::vector<std::uint64_t> seeds = {5};
  const Config population = population_config(trials, seeds);
  trials[0].seed = std::uint64_t{5};
  EXPECT_EQ(population, trials[0]);
}

// The sigma of a ladder's agents is the ladder's; a list that says as much as the default is none.
TEST(ShapeGroups, APopulationMayHaveANoiseLadder) {
  const std::vector<Config> trials = trials_of({{{"noise-ladder", "0.1,0.8"}, {"tau", "0.1"}},
                                                {{"noise-ladder", "0.1,0.8"}, {"tau", "0.2"}}});
  const std::vector<std::uint64_t> seeds = {1};
  EXPECT_NO_THROW(validate(population_config(trials, seeds)));
}

TEST(PopulationGroups, HaveNoMoreAgentsThanAPopulation) {
  const std::vector<Config> trials(3, test::trainer_config());
  const std::vector<std::uint64_t> seeds(40'000, 1);
  EXPECT_EQ(population_groups(trials, seeds),
            (std::vector<std::vector<std::size_t>>{{0}, {1}, {2}}));
}

}  // namespace
}  // namespace polyak
