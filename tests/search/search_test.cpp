#include "search/search.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <stdexcept>

#include "io/read_file.hpp"
#include "io/run_files.hpp"
#include "io/temporary_directory.hpp"
#include "polyak/core/error.hpp"
#include "search/confirmation.hpp"
#include "search/population_search.hpp"
#include "search/search_tables.hpp"
#include "trainer/evaluation.hpp"
#include "trainer/population_evaluation.hpp"
#include "trainer/trainer_config.hpp"

namespace polyak {
namespace {

using testing::HasSubstr;
using testing::Not;

namespace fs = std::filesystem;

Config search_config() {
  Config config = test::trainer_config();
  config.agents = 1;
  config.total_steps = 300;
  return config;
}

/// Two shapes and fields that agents of one may differ in.
const std::string space_text =
    "tau = { log = [0.005, 0.5] }\n"
    "learning-rate-critic = { log = [1e-4, 1e-2] }\n"
    "batch-size = [16, 8]\n";

const std::string mixing_space =
    "tau = { log = [0.005, 0.5] }\nlearning-rate-critic = { log = [1e-4, 1e-2] }\n";

SearchOptions search_options(Scheduler scheduler) {
  SearchOptions options;
  options.scheduler = scheduler;
  options.trials = 9;
  options.seeds = 2;
  options.evaluation_episodes = 3;
  options.halving.first_rung = 100;
  options.halving.cohort = 4;
  options.population.intervals = {100};
  options.population.quantile = 0.4;
  options.confirmation = {2, 3};
  if (scheduler == Scheduler::pbt) options.seeds = 1;
  return options;
}

/// The plan of a search through the space that a text says.
SearchPlan plan_in(const std::string& text, const Config& base, const SearchOptions& options) {
  return make_plan(parse_space(text, "space.toml", base), text, base, options, {});
}

SearchPlan plan_of(Scheduler scheduler, const Config& base = search_config()) {
  const std::string text = scheduler == Scheduler::pbt ? mixing_space : space_text;
  return plan_in(text, base, search_options(scheduler));
}

/// One in which a critic's learning rate of 10 soon overflows.
Config overflowing_config() {
  Config config = search_config();
  config.activation = Activation::elu;
  config.critic_hidden = {256, 256, 256, 256};
  config.tau = 1.0f;
  config.adam_beta1 = config.adam_beta2 = 0.0f;
  return config;
}

/// The files of a search, without times.
std::map<std::string, std::string> files_of(const fs::path& directory) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_regular_file() || name == search_file_name) continue;
    files[name] = read_whole_file(entry.path(), 1u << 30);
  }
  return files;
}

std::map<std::string, std::string> searched(const SearchPlan& plan,
                                            SearchResults* found = nullptr) {
  const test::TemporaryDirectory directory;
  const SearchDirectory place =
      SearchDirectory::begun(DirectoryClaim::named(directory / "search"), false);
  SearchResults results = no_results(plan);
  const std::atomic<bool> stop = false;
  EXPECT_TRUE(search(plan, results, place, {.stop = &stop}));
  if (found != nullptr) *found = results;
  return files_of(place.path());
}

/// The mean return of an agent trained alone.
double score_alone(const Config& config, std::uint64_t seed, std::int64_t steps,
                   const Starts& starts) {
  Config own = config;
  own.seed = seed;
  Trainer trainer(own);
  trainer.run({.until_steps = steps});
  const std::vector<float> returns = trainer.evaluate(starts.states);
  return estimate(std::vector<double>(returns.begin(), returns.end())).mean;
}

class EveryScheduler : public testing::TestWithParam<Scheduler> {};
INSTANTIATE_TEST_SUITE_P(Schedulers, EveryScheduler,
                         testing::Values(Scheduler::none, Scheduler::halving, Scheduler::asha,
                                         Scheduler::pbt),
                         [](const auto& instance) {
                           return std::string(to_string(instance.param));
                         });

TEST_P(EveryScheduler, IsRepeatableWithAnyNumberOfThreads) {
  Config three_threads = search_config();
  three_threads.threads = 3;
  const auto expected = searched(plan_of(GetParam()));
  // best.toml, too: where it was searched is no part of the winner's training.
  EXPECT_EQ(searched(plan_of(GetParam(), three_threads)), expected);
  EXPECT_TRUE(expected.contains("policy_best.safetensors"));
  EXPECT_FALSE(expected.contains("population.safetensors"));
}

/// Stops a search again and again, each time a little later, until it comes to its end.
class StoppedSearch {
 public:
  StoppedSearch(const SearchPlan& plan, double checkpoint_interval)
      : plan_(plan), interval_(checkpoint_interval) {}

  std::map<std::string, std::string> run() {
    const std::string config(config_file_name);
    {
      const SearchDirectory place =
          SearchDirectory::begun(DirectoryClaim::named(directory_ / "search"), false);
      place.write(search_file_name, search_json(plan_, no_results(plan_)));
      place.write(config, "");
    }
    while (!run_a_little()) {
      if (++stops_ > 200) throw std::runtime_error("the search does not come to its end");
    }
    std::map<std::string, std::string> files = files_of(directory_ / "search");
    files.erase(config);
    return files;
  }
  int stops() const { return stops_; }

 private:
  bool run_a_little() {
    const SearchDirectory place =
        SearchDirectory::existing(DirectoryClaim::existing(directory_ / "search"));
    const auto json = nlohmann::ordered_json::parse(place.read(search_file_name));
    SearchResults results = results_from_json(json.at("results"), plan_, "search.json");
    std::atomic<bool> stop = false;
    int reports = 0;
    SearchHooks hooks;
    hooks.stop = &stop;
    hooks.checkpoint_interval = interval_;
    hooks.progress_interval = 0.0;
    hooks.on_progress = [&](const SearchProgress&) { stop = ++reports > 2 + stops_; };
    return search(plan_, results, place, hooks);
  }

  const SearchPlan& plan_;
  double interval_;
  test::TemporaryDirectory directory_;
  int stops_ = 0;
};

TEST_P(EveryScheduler, GoesOnToTheSameResults) {
  const SearchPlan plan = plan_of(GetParam());
  StoppedSearch stopped(plan, 1e9);
  EXPECT_EQ(stopped.run(), searched(plan));
  EXPECT_GT(stopped.stops(), 3);
}

TEST(Halving, ScoresAreThoseOfAgentsTrainedAlone) {
  const SearchPlan plan = plan_of(Scheduler::halving);
  ASSERT_EQ(plan.rungs, (std::vector<std::int64_t>{100, 300}));
  SearchResults results;
  searched(plan, &results);
  int finished = 0;
  for (std::size_t i = 0; i < results.trials.size(); ++i) {
    const Trial& trial = results.trials[i];
    for (std::size_t rung = 0; rung < trial.rungs.size(); ++rung) {
      std::vector<double> seeds;
      for (const std::uint64_t seed : trial_seeds(plan)) {
        seeds.push_back(score_alone(plan.configs[i], seed, plan.rungs[rung], plan.starts));
      }
      EXPECT_EQ(trial.rungs[rung].score.mean, score_of(seeds).mean) << i << " at rung " << rung;
      EXPECT_EQ(trial.rungs[rung].score.worst, score_of(seeds).worst);
    }
    finished += trial.status == TrialStatus::finished ? 1 : 0;
    EXPECT_EQ(trial.rungs.size(), trial.status == TrialStatus::finished ? 2u : 1u);
  }
  EXPECT_EQ(finished, 3);
  for (const Confirmation& one : results.confirmations) {
    const Config& config = plan.configs[static_cast<std::size_t>(one.trial)];
    std::vector<double> again, others;
    for (std::uint64_t i = 0; i < 3; ++i) {
      const std::uint64_t seed = confirmation_seeds(plan)[static_cast<std::size_t>(i)];
      again.push_back(score_alone(config, seed, 300, plan.starts));
      others.push_back(score_alone(config, seed, 300, plan.confirmation_starts));
    }
    EXPECT_EQ(one.again.mean, score_of(again).mean);
    EXPECT_EQ(one.score.mean, score_of(others).mean);
  }
  EXPECT_NE(plan.confirmation_starts.states, plan.starts.states);
}

TEST(Halving, FailedTrialsLeaveAndTheOthersDoNotNotice) {
  const Config base = overflowing_config();
  const std::string text = "learning-rate-critic = [0.001, 10.0, 0.003]\n";
  SearchOptions options = search_options(Scheduler::halving);
  options.sampler = Sampler::grid;
  options.trials = 3;
  options.halving.reduction = 1.2;
  const SearchPlan plan = plan_in(text, base, options);
  SearchResults results;
  searched(plan, &results);
  EXPECT_EQ(results.trials[1].status, TrialStatus::failed);
  for (const std::size_t i : {0u, 2u}) {
    const std::vector<double> seeds = {score_alone(plan.configs[i], 1, 300, plan.starts),
                                       score_alone(plan.configs[i], 2, 300, plan.starts)};
    EXPECT_EQ(results.trials[i].rungs.back().score.mean, score_of(seeds).mean);
  }
}

TEST(Halving, WithNothingLeftSaysSo) {
  const Config base = overflowing_config();
  const std::string text = "learning-rate-critic = [10.0, 9.0]\n";
  SearchOptions options = search_options(Scheduler::none);
  options.sampler = Sampler::grid;
  options.trials = 2;
  const SearchPlan plan = plan_in(text, base, options);
  try {
    searched(plan);
    FAIL() << "no RunError";
  } catch (const RunError& error) {
    EXPECT_THAT(error.what(), HasSubstr("every trial has had a value that is not finite"));
  }
}

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
  options.population.intervals = {60};
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

// The third cohort has one trial, the ninth: it goes on only among the best third of all nine.
TEST(Halving, ACohortIsHeldAgainstThoseBefore) {
  SearchOptions options = search_options(Scheduler::asha);
  options.seed = 2;  // of which the ninth is none of the best
  const SearchPlan plan = plan_in(space_text, search_config(), options);
  SearchResults results;
  searched(plan, &results);
  std::vector<double> first_rung;
  for (const Trial& trial : results.trials) first_rung.push_back(trial.rungs[0].score.mean);
  const std::vector<double> before(first_rung.begin(), first_rung.end() - 1);
  const auto better = std::count_if(before.begin(), before.end(),
                                    [&](double score) { return score >= first_rung.back(); });
  EXPECT_EQ(results.trials.back().rungs[0].kept, better < 3);
  // Alone in its cohort it would go on in any case.
  EXPECT_GE(better, 3);
}

TEST(Halving, ConfirmsSettingsThatDiffer) {
  SearchOptions options = search_options(Scheduler::none);
  options.sampler = Sampler::random;
  options.trials = 4;
  options.confirmation = {4, 1};
  const SearchPlan plan =
      plan_in("tau = [0.1, 0.2]\ndiscount = [0.9, 0.95]\n", search_config(), options);
  const std::set<std::string> settings = [&] {
    std::set<std::string> all;
    for (const Setting& setting : plan.settings) all.insert(describe(setting));
    return all;
  }();
  ASSERT_LT(settings.size(), 4u) << "two trials have the same";
  SearchResults results;
  searched(plan, &results);
  EXPECT_EQ(results.confirmations.size(), settings.size());
}

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

TEST(BestTrials, AreThoseOfTheLastRungFirst) {
  const auto trial = [](std::vector<double> scores) {
    Trial one;
    for (const double score : scores) one.rungs.push_back({score_of({score})});
    return one;
  };
  const std::vector<Trial> trials = {trial({-1}),
                                     trial({-5, -9}),
                                     trial({-6, -8}),
                                     trial({}),
                                     trial({std::numeric_limits<double>::infinity()}),
                                     trial({-1})};
  EXPECT_THAT(best_trials(trials), testing::ElementsAre(2, 1, 0, 5));
}

}  // namespace
}  // namespace polyak
