// Train agents from a program: construct a Trainer, call run(), take the policies.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "polyak/config.hpp"
#include "polyak/metrics.hpp"
#include "polyak/policy.hpp"
#include "polyak/population.hpp"

namespace polyak {

/// One report during training.
struct Report {
  std::int64_t environment_steps;        // per agent, so far
  std::int64_t updates;                  // per agent, so far
  double seconds;                        // of training so far, evaluations not counted
  double steps_per_second;               // over all agents, since the last report
  double updates_per_second;             // over all agents, since the last report
  std::span<const AgentMetrics> agents;  // since the last report
};

/// Why run() returned; the last two are wishes of TrainerOptions::on_evaluation.
enum class StopReason { finished, interrupted, non_finite, goal_reached, no_improvement };

/// The first non-finite value in training and the agent that had it.
struct Divergence {
  int agent;
  NonFinite value;
};

struct TrainerOptions {
  double report_interval = 1.0;  // seconds between reports; the last one always comes
  /// Environment steps per agent between reports, instead of the interval: the reports of the same
  /// training are then the same ones. 0: by the interval.
  std::int64_t report_steps = 0;
  std::function<void(const Report&)> on_report = {};
  /// For a display: every report_interval seconds and at the end, with what happened since its own
  /// last call.
  std::function<void(const Report&)> on_progress = {};
  /// Environment steps per agent between two calls of on_evaluation: one after the first iteration
  /// that reaches each multiple, but none after the last, where run() returns anyway. 0: none.
  std::int64_t evaluation_steps = 0;
  /// The place to evaluate() on the way: policy() and evaluate() are those of this moment. Its time
  /// is not the training's, whose bits do not depend on it. A reason ends the training with it.
  std::function<std::optional<StopReason>()> on_evaluation = {};
  /// The moment to save() a checkpoint: every checkpoint_interval seconds, less often where that
  /// takes more than a twentieth of the time; or by checkpoint_steps; and at the end, unless a
  /// value was not finite. Its time is not the training's.
  std::function<void()> on_checkpoint = {};
  double checkpoint_interval = 60.0;
  double checkpoint_age = 0.0;  // seconds ago when run() begins: the newest checkpoint
  /// Environment steps per agent between two calls, instead of the interval; 0: by the interval.
  std::int64_t checkpoint_steps = 0;
  /// Environment steps per agent, in ascending order, after which the population changes: on_change
  /// is called after the first iteration that reaches each of them, behind its report and before
  /// its evaluation and its checkpoint, and is the place to change_population(). Not for steps that
  /// have been made when run() begins.
  std::vector<std::int64_t> change_steps = {};
  std::function<void(std::int64_t step)> on_change = {};
  /// Environment steps per agent after which run() returns `finished`, though there may be more to
  /// come; 0: total_steps.
  std::int64_t until_steps = 0;
  /// Whether run() goes on when an agent has a value that is not finite, for the sake of the
  /// others: divergences() tells, and change_population() must replace it or leave it out.
  bool tolerates_divergence = false;
  /// Looked at between slices of some milliseconds; training stops after the current iteration.
  const std::atomic<bool>* stop = nullptr;
};

/// A training of a whole population, on one device or on several.
class Trainer {
 public:
  /// Validates, checks memory, allocates. UsageError or RunError.
  explicit Trainer(Config config);
  ~Trainer();
  Trainer(Trainer&&) noexcept;
  Trainer& operator=(Trainer&&) noexcept;

  const Config& config() const;
  std::string device_description() const;

  /// Trains to total_steps, or until stopped or until a value is not finite.
  StopReason run(const TrainerOptions& options);

  /// Writes everything that the training is into a file: parameters, moments, targets, replay,
  /// environments, counters, and what on_report has not been told yet. A training resumed from it
  /// goes on with the bits that this one would have had, on any device, with any number of threads
  /// and in fp32 with any engine. Between two run()s, or while run() is in on_checkpoint or
  /// on_report. The file is written beside `path`, synced, and renamed, so that there is always a
  /// whole one. RunError if it cannot be written, or after a value that was not finite.
  void save(const std::filesystem::path& path);

  /// The training that save() wrote. `change` may change what cannot touch the past: device,
  /// engine, threads, and total_steps to a larger number where no schedule ends with it.
  /// UsageError for any other change, by name; for a file that is damaged, truncated, no checkpoint
  /// or of a newer format. UsageError or RunError as for a new training.
  static Trainer resume(const std::filesystem::path& path,
                        const std::function<void(Config& config)>& change = {});

  /// Set when run() returned non_finite: the first of them.
  std::optional<Divergence> divergence() const;

  /// Every agent that had a value that was not finite, the first to have one first. The others'
  /// bits are what they would have been without it: change_population() may leave it out.
  const std::vector<Divergence>& divergences() const;

  /// Between two run()s, or while run() is in on_change: agents take over from others (none of them
  /// both, and none twice), then the population goes on with the first config.agents of its agents
  /// and with config's values of the fields that may differ between agents. On the device. What an
  /// agent does from now on depends on what it has taken over and on its own values, not on who its
  /// neighbours are. UsageError for any other change of the configuration, by name, and if an agent
  /// that stays had a value that was not finite.
  void change_population(std::span<const AgentCopy> copies, const Config& config);

  /// The policy of one agent: the newest whose training was all finite.
  Policy policy(int agent) const;

  /// Returns [agents, starts] without exploration; starts [count, state_size]. RunError if one of
  /// them is NaN or infinite. Where the environment's steps depend on chance, start i has the
  /// random numbers of `seed` and of episode first_episode + i, for every agent the same.
  std::vector<float> evaluate(std::span<const float> starts, std::uint64_t seed = 0,
                              std::int64_t first_episode = 0);

  /// RunError if there would be too little memory to evaluate from so many start states: to be
  /// known before a training, not after it.
  void require_evaluation_memory(std::int64_t starts) const;

  std::int64_t environment_steps() const;  // per agent
  std::int64_t updates() const;            // per agent
  double training_seconds() const;

 private:
  friend struct TrainerAccess;
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace polyak
