#include "search/search_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "polyak/core/error.hpp"
#include "search/small_search.hpp"

namespace polyak {
namespace {

using test::mixing_space;
using test::plan_in;
using test::plan_of;
using test::search_config;
using test::search_options;
using test::space_text;
using testing::HasSubstr;

// The first rung comes when the trials have learned, as the space says when they begin to.
TEST(Plans, TheFirstRungFollowsFromTheTrials) {
  SearchOptions options = search_options(Scheduler::halving);
  options.halving.first_rung = 0;
  Config base = search_config();
  base.total_steps = 900;
  EXPECT_EQ(plan_in(mixing_space, base, options).rungs.front(), 100);
  EXPECT_EQ(plan_in(mixing_space + "learning-starts = [64, 100]\n", base, options).rungs,
            (std::vector<std::int64_t>{300, 900}));
  base.learning_starts = 4;  // less than a batch, which the space makes good
  EXPECT_EQ(plan_in(mixing_space + "learning-starts = 100\n", base, options).rungs.front(), 300);
}

// Nor does a population select among members that have learned nothing.
TEST(Plans, TheFirstSelectionFollowsFromTheMembers) {
  SearchOptions options = search_options(Scheduler::pbt);
  options.population.intervals = {};
  Config base = search_config();
  base.total_steps = 400;
  base.learning_starts = 100;
  const SearchPlan plan = plan_in(mixing_space, base, options);
  EXPECT_EQ(plan.intervals, (std::vector<std::int64_t>{20}));
  EXPECT_EQ(plan.selections.front(), 160) << "the first after half as many again as 100";
  base.learning_starts = 300;
  EXPECT_TRUE(plan_in(mixing_space, base, options).selections.empty());
  options.population.intervals = {100};
  try {
    plan_in(mixing_space, base, options);
    FAIL() << "no UsageError";
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("--pbt-intervals: no selection comes between step 450"));
  }
}

TEST(Plans, ConfirmWithOtherSeedsAndStarts) {
  const SearchPlan plan = plan_of(Scheduler::halving);
  EXPECT_EQ(trial_seeds(plan), (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(confirmation_seeds(plan), (std::vector<std::uint64_t>{1000001, 1000002, 1000003}));
  EXPECT_NE(plan.confirmation_starts.states, plan.starts.states);
}

TEST(Plans, RefuseWhatDoesNotFit) {
  const Config base = search_config();
  const auto refusal = [&](const std::string& text, SearchOptions options) -> std::string {
    try {
      plan_in(text, base, options);
      return "none";
    } catch (const UsageError& error) {
      return error.what();
    }
  };
  SearchOptions options = search_options(Scheduler::halving);
  options.sampler = Sampler::grid;
  EXPECT_THAT(refusal("tau = [0.1, 0.2]\n", options), HasSubstr("the grid has 2 settings"));
  options.trials = 1;
  EXPECT_THAT(refusal("tau = [0.1, 0.2]\n", options), HasSubstr("the grid has 2 settings; leave"));
  options.trials = 2;
  EXPECT_EQ(refusal("tau = [0.1, 0.2]\n", options), "none");
  options = search_options(Scheduler::none);
  EXPECT_THAT(refusal("tau = [0.1, 0.2]\n", options),
              HasSubstr("--trials 9: space.toml has only 2 settings"));
  options = search_options(Scheduler::halving);
  options.halving.first_rung = 101;
  EXPECT_THAT(refusal(space_text, options),
              HasSubstr("--first-rung 101: leaves no rung before the end, at 300 steps: with "
                        "--reduction 3 it is at most 100"));
  options.halving.first_rung = 0;
  options.halving.reduction = 50.0;
  EXPECT_THAT(refusal(space_text, options),
              HasSubstr("--reduction 50: leaves no rung before the end, at 300 steps"));
  options = search_options(Scheduler::pbt);
  EXPECT_THAT(refusal(mixing_space + "discount = [0.9, 0.95]\nactor-delay = { choice = [2], when = "
                                     "{ discount = 0.9 } }\n",
                      options),
              HasSubstr("cannot search 'actor-delay'"));
  EXPECT_THAT(
      refusal(space_text, options),
      HasSubstr("space.toml: line 3, column 1: --scheduler pbt cannot search 'batch-size'"));
  options.population.intervals = {50, 100};
  EXPECT_THAT(refusal(mixing_space, options), HasSubstr("--pbt-intervals: 2 parts"));
  options.trials = 8;
  EXPECT_EQ(refusal(mixing_space, options), "none");
  options.trials = 1;
  EXPECT_THAT(refusal(mixing_space, options), HasSubstr("two members at least"));
  options = search_options(Scheduler::none);
  options.trials = 2;
  EXPECT_THAT(refusal("replay-capacity = [16, 3]\n", options),
              HasSubstr("space.toml: the setting replay-capacity 3 cannot be trained"));
  EXPECT_THAT(refusal("noise-dt = [0.01, 0.02]\n", options),
              HasSubstr("space.toml: line 1, column 1: 'noise-dt' has no effect"));
  Config wrong = base;
  wrong.learning_starts = 4;
  try {
    plan_in("tau = [0.1, 0.2]\n", wrong, options);
    FAIL() << "no UsageError";
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), testing::StartsWith("--learning-starts: 4 ")) << "no setting's fault";
  }
}

}  // namespace
}  // namespace polyak
