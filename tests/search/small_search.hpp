// Searches of a second, for tests.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "io/read_file.hpp"
#include "io/temporary_directory.hpp"
#include "search/search.hpp"
#include "trainer/evaluation.hpp"
#include "trainer/trainer_config.hpp"

namespace polyak::test {

inline Config search_config() {
  Config config = trainer_config();
  config.agents = 1;
  config.total_steps = 300;
  return config;
}

/// Two shapes and fields that agents of one may differ in.
inline const std::string space_text =
    "tau = { log = [0.005, 0.5] }\n"
    "learning-rate-critic = { log = [1e-4, 1e-2] }\n"
    "batch-size = [16, 8]\n";

inline const std::string mixing_space =
    "tau = { log = [0.005, 0.5] }\nlearning-rate-critic = { log = [1e-4, 1e-2] }\n";

inline SearchOptions search_options(Scheduler scheduler) {
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
inline SearchPlan plan_in(const std::string& text, const Config& base,
                          const SearchOptions& options) {
  return make_plan(parse_space(text, "space.toml", base), text, base, options, {});
}

inline SearchPlan plan_of(Scheduler scheduler, const Config& base = search_config()) {
  const std::string text = scheduler == Scheduler::pbt ? mixing_space : space_text;
  return plan_in(text, base, search_options(scheduler));
}

/// One in which a critic's learning rate of 10 soon overflows.
inline Config overflowing_config() {
  Config config = search_config();
  config.activation = Activation::elu;
  config.critic_hidden = {128, 128, 128, 128};
  config.tau = 1.0f;
  config.adam_beta1 = config.adam_beta2 = 0.0f;
  return config;
}

/// The files of a search, without times.
inline std::map<std::string, std::string> files_of(const std::filesystem::path& directory) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_regular_file() || name == search_file_name) continue;
    files[name] = read_whole_file(entry.path(), 1u << 30);
  }
  return files;
}

inline std::map<std::string, std::string> searched(const SearchPlan& plan,
                                                   SearchResults* found = nullptr) {
  const TemporaryDirectory directory;
  const SearchDirectory place =
      SearchDirectory::begun(DirectoryClaim::named(directory / "search"), false);
  SearchResults results = no_results(plan);
  const std::atomic<bool> stop = false;
  EXPECT_TRUE(search(plan, results, place, {.stop = &stop}));
  if (found != nullptr) *found = results;
  return files_of(place.path());
}

/// The mean return of an agent trained alone.
inline double score_alone(const Config& config, std::uint64_t seed, std::int64_t steps,
                          const Starts& starts) {
  Config own = config;
  own.seed = seed;
  Trainer trainer(own);
  trainer.run({.until_steps = steps});
  const std::vector<float> returns = trainer.evaluate(starts.states);
  return estimate(std::vector<double>(returns.begin(), returns.end())).mean;
}

}  // namespace polyak::test
