#include "search/population_search.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "polyak/core/error.hpp"
#include "search/small_search.hpp"

namespace polyak {
namespace {

using test::mixing_space;
using test::overflowing_config;
using test::plan_in;
using test::search_config;
using test::search_options;
using test::searched;

double replayed(const Schedule& schedule, const Config& base, const Starts& starts) {
  Trainer trainer(first_config(schedule, base));
  TrainerOptions options;
  options.change_steps = change_steps(schedule);
  options.on_change = [&](std::int64_t step) { apply(schedule, step, trainer); };
  trainer.run(options);
  const std::vector<float> returns = trainer.evaluate(starts.states);
  const auto first = std::span(returns).first(starts.count());
  return estimate(std::vector<double>(first.begin(), first.end())).mean;
}

class CopiedParts : public testing::TestWithParam<AgentPart> {};
INSTANTIATE_TEST_SUITE_P(Parts, CopiedParts,
                         testing::Values(AgentPart::everything, AgentPart::networks),
                         [](const auto& instance) {
                           return instance.param == AgentPart::networks ? "networks" : "everything";
                         });

/// What a population cannot mix is the same in all members; what a condition leaves out is base's.
const std::string fixing_space = mixing_space +
                                 "batch-size = 8\n"
                                 "noise-scale = [0.1, 0.3]\n"
                                 "noise-scale-final = { choice = [0.0, 0.2], when = { noise-scale "
                                 "= 0.3 } }\n";

TEST_P(CopiedParts, ThePathToEveryMemberGivesItsScoreAgain) {
  SearchOptions options = search_options(Scheduler::pbt);
  options.population.part = GetParam();
  options.population.intervals = {50};
  const SearchPlan plan = plan_in(fixing_space, search_config(), options);
  SearchResults results;
  searched(plan, &results);
  ASSERT_EQ(results.generations.size(), 5u);
  const Schedule schedule = schedule_of(plan, results.generations);
  const Config base = best_config(plan, results).value();  // whoever is the best
  EXPECT_EQ(base.batch_size, 8);
  int changed = 0;
  for (std::size_t member = 0; member < results.trials.size(); ++member) {
    const Schedule lineage = lineage_of(schedule, static_cast<int>(member));
    EXPECT_EQ(results.trials[member].rungs.back().score.mean, replayed(lineage, base, plan.starts))
        << member;
    EXPECT_TRUE(GetParam() == AgentPart::networks || lineage.agents() == 1) << member;
    changed += lineage.rows.size() > 1 ? 1 : 0;
  }
  EXPECT_GT(changed, 3);
}

TEST(PopulationBasedTraining, ConfirmsTheSchedulesOfItsBestMembers) {
  SearchOptions options = search_options(Scheduler::pbt);
  options.population.part = AgentPart::networks;
  const SearchPlan plan = plan_in(mixing_space, search_config(), options);
  SearchResults results;
  searched(plan, &results);
  ASSERT_EQ(results.confirmations.size(), 2u);
  const std::vector<int> best = best_trials(results.trials);
  const Schedule schedule = schedule_of(plan, results.generations);
  for (std::size_t i = 0; i < 2; ++i) {
    const Confirmation& one = results.confirmations[i];
    EXPECT_EQ(one.trial, best[i]);
    const Schedule lineage = lineage_of(schedule, one.trial);
    std::vector<double> again;
    for (int seed = 0; seed < 3; ++seed) {
      again.push_back(replayed(repeated(lineage, seed, 1, confirmation_seeds(plan).front()),
                               plan.base, plan.starts));
    }
    EXPECT_EQ(one.again.mean, score_of(again).mean);
  }
}

// theta times dt must stay below 2: some of what lies beside a good setting is impossible.
TEST(PopulationBasedTraining, WhatCannotBeTrainedIsNotTried) {
  Config base = search_config();
  base.exploration = Exploration::ornstein_uhlenbeck;
  const std::string text = "noise-theta = [0.5, 1.9]\nnoise-dt = [1.0, 1.5]\n";
  SearchOptions options = search_options(Scheduler::pbt);
  options.sampler = Sampler::random;
  options.trials = 4;
  options.seed = 0;
  options.population.intervals = {20};
  std::optional<SearchPlan> plan;
  while (!plan) {
    ++options.seed;  // until the four that are drawn first are possible
    try {
      plan = plan_in(text, base, options);
    } catch (const UsageError&) {
      ASSERT_LT(options.seed, 100u);
    }
  }
  SearchResults results;
  searched(*plan, &results);
  for (const Generation& generation : results.generations) {
    for (const Setting& setting : generation.settings) {
      EXPECT_NO_THROW(configured(base, setting, "")) << describe(setting);
    }
  }
}

TEST(PopulationBasedTraining, AFailedMemberIsReplaced) {
  const Config base = overflowing_config();
  const std::string text = "learning-rate-critic = [0.001, 10.0, 0.003, 0.002]\n";
  SearchOptions options = search_options(Scheduler::pbt);
  options.sampler = Sampler::grid;
  options.trials = 4;
  options.population.quantile = 0.0;
  const SearchPlan plan = plan_in(text, base, options);
  SearchResults results;
  searched(plan, &results);
  const Generation& first = results.generations.front();
  EXPECT_EQ(first.scores[1], TrialScore::failure().mean);
  EXPECT_NE(first.successors[1].networks_from, 1);
}

}  // namespace
}  // namespace polyak
