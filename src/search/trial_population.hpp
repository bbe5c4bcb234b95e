// Trials of a search that are trained together.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "io/starts_file.hpp"
#include "polyak/trainer.hpp"
#include "search/trial.hpp"

namespace polyak {

/// What a search wants to know while a population trains, and when it shall be saved.
struct PopulationHooks {
  std::function<void(const Report& report)> on_progress = {};
  double progress_interval = 1.0;            // seconds
  std::function<void()> on_checkpoint = {};  // the place to save()
  double checkpoint_interval = 60.0;         // seconds
  double checkpoint_age = 0.0;               // seconds since the newest one
  const std::atomic<bool>* stop = nullptr;
};

/// Agents of several trials, each with several seeds. Which trials they are of is written into
/// their checkpoints, so that a population is found again as it was.
class TrialPopulation {
 public:
  /// Trials with their configurations (of one agent each, alike but for what agents may differ in),
  /// each with every seed. At least one trial. UsageError or RunError as for a Trainer.
  TrialPopulation(const std::vector<int>& trials, std::span<const Config> configs,
                  std::span<const std::uint64_t> seeds);

  /// One that was saved. `execution` says on what it goes on: device, engine, threads. UsageError
  /// if the file is no such checkpoint.
  TrialPopulation(const std::filesystem::path& checkpoint, const Config& execution);

  /// Whether it began with all of these trials: one that is not in it any more has left it.
  bool began_with(const std::vector<int>& trials) const;

  /// RunError if the file cannot be written.
  void save(const std::filesystem::path& path);
  /// Whether nothing has changed since it was saved, or loaded.
  bool is_saved() const { return saved_steps_ == trainer_->environment_steps(); }

  /// The trials that are still in it. Those in which a value was not finite have left.
  std::set<int> trials() const;
  bool is_empty() const { return agents_.empty(); }

  /// Trains to so many environment steps per agent, at least those made; false if it was stopped.
  bool train_until(std::int64_t steps, const PopulationHooks& hooks);

  /// Leaves these trials only.
  void keep(const std::set<int>& trials);

  /// The scores of its trials from these start states; nothing if it was stopped.
  std::optional<std::map<int, TrialScore>> scores(const Starts& starts,
                                                  const std::atomic<bool>* stop);

  /// Of a trial's agents the policy of the one with the best mean return in the newest scores().
  Policy best_policy(int trial) const;

  /// Of a trial's agents in the newest scores(): the mean regret, one per seed. Empty without best
  /// returns.
  std::vector<double> regrets_of(int trial) const;

  const Trainer& trainer() const { return *trainer_; }

 private:
  void leave_out_diverged();
  void keep_agents(std::vector<int> kept);

  std::set<int> first_trials_;  // with which it began
  std::vector<int> agents_;     // the trial of each
  std::unique_ptr<Trainer> trainer_;
  std::int64_t saved_steps_ = -1;  // at which it was saved with these agents; -1: it was not
  std::vector<double> mean_returns_, mean_regrets_;  // [agents], in the newest scores()
};

}  // namespace polyak
