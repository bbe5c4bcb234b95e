#include "search/search.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <thread>

#include "io/run_files.hpp"
#include "polyak/core/error.hpp"
#include "search/search_tables.hpp"
#include "search/small_search.hpp"

namespace polyak {
namespace {

using test::files_of;
using test::overflowing_config;
using test::plan_in;
using test::plan_of;
using test::score_alone;
using test::search_config;
using test::search_options;
using test::searched;
using test::space_text;
using testing::HasSubstr;

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
    EXPECT_GE(results.seconds, seconds_) << "of all processes";
    std::atomic<bool> stop = false;
    int reports = 0;
    std::chrono::steady_clock::time_point first, last;
    SearchHooks hooks;
    hooks.stop = &stop;
    hooks.checkpoint_interval = interval_;
    hooks.progress_interval = 0.0;
    hooks.on_progress = [&](const SearchProgress& progress) {
      stop = ++reports > 2 + stops_;
      last = std::chrono::steady_clock::now();
      if (reports == 1) first = last;
      EXPECT_GE(progress.agent_steps, agent_steps_) << progress.stage;
      agent_steps_ = progress.agent_steps;
    };
    const bool is_finished = search(plan_, results, place, hooks);
    seconds_ += std::chrono::duration<double>(last - first).count();
    return is_finished;
  }

  const SearchPlan& plan_;
  double interval_;
  test::TemporaryDirectory directory_;
  int stops_ = 0;
  double seconds_ = 0.0;          // at least, of all processes
  std::int64_t agent_steps_ = 0;  // told of last
};

TEST_P(EveryScheduler, GoesOnToTheSameResults) {
  const SearchPlan plan = plan_of(GetParam());
  StoppedSearch stopped(plan, 1e9);
  EXPECT_EQ(stopped.run(), searched(plan));
  EXPECT_GT(stopped.stops(), 3);
}

// However short it is what trains between two selections.
TEST(Checkpoints, AreDueByTheTimeSinceTheLastOne) {
  struct Killed {};
  SearchOptions options = search_options(Scheduler::pbt);
  options.population.intervals = {4};  // a single iteration
  const SearchPlan plan = plan_in(test::mixing_space, search_config(), options);
  const test::TemporaryDirectory directory;
  const SearchDirectory place =
      SearchDirectory::begun(DirectoryClaim::named(directory / "search"), false);
  SearchResults results = no_results(plan);
  SearchHooks hooks;
  hooks.checkpoint_interval = 0.05;
  hooks.progress_interval = 0.0;
  hooks.on_progress = [&](const SearchProgress& progress) {
    if (progress.stage.starts_with("step 300")) throw Killed();
    // A tenth of the interval between two of 50 selections, and none before the first.
    if (!results.generations.empty()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  };
  EXPECT_THROW(search(plan, results, place, hooks), Killed);
  EXPECT_TRUE(files_of(place.path()).contains("population.safetensors"));
}

TEST(Checkpoints, HaveWhatHasBeenConfirmedAlready) {
  SearchOptions options = search_options(Scheduler::pbt);
  const SearchPlan plan = plan_in(test::mixing_space, search_config(), options);
  const test::TemporaryDirectory directory;
  const SearchDirectory place =
      SearchDirectory::begun(DirectoryClaim::named(directory / "search"), false);
  SearchResults results = no_results(plan);
  std::atomic<bool> stop = false;
  SearchHooks hooks;
  hooks.stop = &stop;
  hooks.progress_interval = 0.0;
  std::int64_t confirmed = 0;
  hooks.on_progress = [&](const SearchProgress& progress) {
    if (!progress.stage.starts_with("confirming")) return;
    // The second of the two trains.
    if (confirmed == 0) confirmed = progress.agent_steps;
    stop = progress.agent_steps - confirmed > plan.base.total_steps * 3;
  };
  EXPECT_FALSE(search(plan, results, place, hooks));
  int waiting = 0;
  for (const auto& [name, content] : files_of(place.path())) {
    if (name.starts_with("confirmation_")) ++waiting;
  }
  EXPECT_EQ(waiting, 2);
}

TEST(Halving, TrialsInTrainingSaySo) {
  const SearchPlan plan = plan_of(Scheduler::none);
  const test::TemporaryDirectory directory;
  const SearchDirectory place =
      SearchDirectory::begun(DirectoryClaim::named(directory / "search"), false);
  SearchResults results = no_results(plan);
  std::string trials;
  SearchHooks hooks;
  hooks.progress_interval = 0.0;
  hooks.on_progress = [&](const SearchProgress&) {
    if (trials.empty()) trials = place.read(trials_file_name);
  };
  EXPECT_TRUE(search(plan, results, place, hooks));
  EXPECT_THAT(trials, HasSubstr("\n0,running,"));
}

// Whoever stops it waits for that, and is told.
TEST_P(EveryScheduler, WhatIsStoppedIsSavedOnce) {
  const SearchPlan plan = plan_of(GetParam());
  const test::TemporaryDirectory directory;
  const SearchDirectory place =
      SearchDirectory::begun(DirectoryClaim::named(directory / "search"), false);
  SearchResults results = no_results(plan);
  std::atomic<bool> stop = false;
  int checkpoints = 0;
  SearchHooks hooks;
  hooks.stop = &stop;
  hooks.checkpoint_interval = 1e9;
  hooks.progress_interval = 0.0;
  hooks.on_progress = [&](const SearchProgress& progress) {
    stop = true;
    if (progress.stage.ends_with(", writing a checkpoint")) ++checkpoints;
  };
  EXPECT_FALSE(search(plan, results, place, hooks));
  EXPECT_EQ(checkpoints, 1);
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
