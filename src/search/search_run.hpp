// What the schedulers of a search share: its plan, its results, its directory, its progress.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "polyak/core/error.hpp"
#include "search/search_directory.hpp"
#include "search/search_plan.hpp"
#include "search/search_results.hpp"
#include "search/trial_population.hpp"
#include "trainer/checkpoint_pacer.hpp"

namespace polyak {

/// How far a search is.
struct SearchProgress {
  std::string stage;                  // "rung 2 of 3, 1,200 steps"
  int alive = 0;                      // candidates
  std::optional<TrialScore> best;     // so far
  std::int64_t agent_steps = 0;       // environment steps of all agents, in all processes
  std::int64_t agent_steps_left = 0;  // at most
  double agents_per_second = 0.0;     // whole trainings' worth, in this process; 0: none yet
  double seconds_left = std::numeric_limits<double>::quiet_NaN();

  /// Of the search that is done.
  double fraction() const {
    const std::int64_t all = agent_steps + agent_steps_left;
    return all == 0 ? 0.0 : static_cast<double>(agent_steps) / static_cast<double>(all);
  }
};

struct SearchHooks {
  std::function<void(const SearchProgress& progress)> on_progress = {};
  double progress_interval = 1.0;  // seconds
  std::function<void(const std::string& text)> warn = {};
  double checkpoint_interval = 60.0;  // seconds; 0: none
  const std::atomic<bool>* stop = nullptr;
};

/// Every trial has had a value that is not finite: the search is over, without a result.
class AllTrialsFailed : public RunError {
 public:
  explicit AllTrialsFailed(const SearchPlan& plan);
};

/// One search in one process.
class SearchRun {
 public:
  /// All must live as long.
  SearchRun(const SearchPlan& of, SearchResults& found, const SearchDirectory& in,
            const SearchHooks& told)
      : plan(of), results(found), directory(in), hooks(told), seconds_before_(found.seconds) {}

  const SearchPlan& plan;
  SearchResults& results;
  const SearchDirectory& directory;
  const SearchHooks& hooks;

  /// What is said of the work from now on.
  void set_stage(std::string stage, int alive, std::int64_t agent_steps_left);

  /// Hooks of a population: they tell of its progress from so many steps on, and call `save` when
  /// a checkpoint is due.
  PopulationHooks population_hooks(const TrialPopulation& population,
                                   const std::function<void()>& save,
                                   std::int64_t steps_before = 0);

  /// Checkpoints are due by the time since the last one, whatever trained meanwhile.
  bool checkpoint_is_due() const;
  /// The seconds since then, as a training's pacer counts them (TrainerOptions).
  double checkpoint_age() const;
  /// Makes one by save().
  void checkpoint(const std::function<void()>& save);

  /// The next population's reports begin at so many steps of its agents. What it makes up to
  /// `known` is no progress: it was trained before, and lost.
  void expect_steps_from(std::int64_t steps, std::int64_t known = 0);

  /// Progress: a population's report.
  void report(const Report& report, int agents);

  /// Progress: so many environment steps of all agents together, which an earlier process made.
  void count_earlier(std::int64_t agent_steps);

  /// Saves a population, which `write` writes to a path; what cannot be written is told, and the
  /// search goes on without.
  void save(const std::string& name,
            const std::function<void(const std::filesystem::path& path)>& write);
  void save(TrialPopulation& population, const std::string& name);

  /// What `load` makes of the population that waits on the disk; nothing, and a word of it, if that
  /// throws a UsageError, for its bits are found again; nothing if none waits.
  template <class Load>
  auto waiting(const std::string& name, const Load& load) const
      -> decltype(load(std::filesystem::path())) {
    const std::filesystem::path path = directory.population_path(name);
    if (!std::filesystem::exists(path)) return nullptr;
    try {
      return load(path);
    } catch (const UsageError& error) {
      if (hooks.warn) {
        hooks.warn(std::string(error.what()) + "; it begins anew, with the same results");
      }
      return nullptr;
    }
  }

  /// The population of these trials that waits on the disk; nothing if none does. Where others
  /// were trained together, with more memory or less, their parts begin anew, with the same
  /// results.
  std::unique_ptr<TrialPopulation> waiting_population(const std::string& name,
                                                      const std::vector<int>& trials) const;

  /// Writes search.json, which has the time that the search has taken so far. RunError.
  void write_state();

  /// Writes what has been found so far. RunError.
  void write_results();

 private:
  using Clock = std::chrono::steady_clock;
  double seconds_here() const;
  void tell(const std::string& also = "");

  SearchProgress progress_;
  std::int64_t steps_here_ = 0;      // environment steps of all agents, in this process
  std::int64_t planned_ = 0;         // agent_steps_left at the last set_stage, and
  std::int64_t stage_begin_ = 0;     // agent_steps there
  std::int64_t reported_steps_ = 0;  // of the population that reports, per agent,
  std::int64_t counted_steps_ = 0;   // and those of them that are in agent_steps
  Clock::time_point begin_ = Clock::now();
  CheckpointPacer checkpoints_;
  double seconds_before_;
};

/// search.json: the space's name, the options, the results.
std::string search_json(const SearchPlan& plan, const SearchResults& results);

/// UsageError unless a search.json is of this space and this configuration.
void require_same_search(const SearchPlan& plan, const nlohmann::ordered_json& json,
                         const std::string& file);

/// The options of a search.json; UsageError with the file's name if they are none.
SearchOptions options_from_json(const nlohmann::ordered_json& json, const std::string& file);

}  // namespace polyak
