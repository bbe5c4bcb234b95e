// One training for `polyak compare`: how fast it runs and how soon it is good.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "io/starts_file.hpp"
#include "polyak/config.hpp"

namespace polyak {

/// When a policy counts as good.
struct LearningGoal {
  Starts starts;
  std::optional<double> threshold;  // none: nothing to reach, only to report

  /// With best returns a score is the mean regret, low is good; without them the mean return.
  bool is_regret() const { return !starts.best_returns.empty(); }
  bool is_reached(double score) const {
    return threshold && (is_regret() ? score <= *threshold : score >= *threshold);
  }
};

/// The population at one time; seconds of training alone.
struct Measurement {
  std::int64_t environment_steps;  // per agent
  double seconds;
  std::vector<double> scores;  // [agents]
  double mean_score;
};

/// A whole training on one device.
struct TrainingRecord {
  std::string description;
  double setup_seconds;            // until the first iteration could start
  double training_seconds;         // measurements not counted
  std::int64_t environment_steps;  // per agent
  std::int64_t updates;            // per agent
  std::vector<Measurement> measurements;
  std::optional<std::size_t> reached;  // the first measurement whose mean score reaches the goal

  const Measurement& last() const { return measurements.back(); }
  /// The measurement that reached the goal, or nullptr.
  const Measurement* at_goal() const { return reached ? &measurements[*reached] : nullptr; }
};

/// Agents that have each reached the goal by themselves, and after how much training.
struct SolvedAgents {
  std::int64_t agents;
  double seconds;
};

/// At the measurement that had the most solved agents per second of training. An agent that once
/// reached the goal counts from then on: its policy can be kept.
SolvedAgents most_solved_per_second(const TrainingRecord& record, const LearningGoal& goal);

/// When to measure.
struct MeasureSchedule {
  std::int64_t every;  // environment steps per agent: after the iteration that reaches a multiple
  bool whole_curve;    // also after every agent has reached the goal, or without one
};

/// `config` for run `run` of several: its agents' seeds follow on those of the run before it.
Config run_config(Config config, std::size_t run);

/// Trains `config` to its end and measures the policies without noise on the way and at the end.
/// RunError if a value stops being finite.
TrainingRecord train_and_measure(const Config& config, const LearningGoal& goal,
                                 const MeasureSchedule& schedule);

}  // namespace polyak
