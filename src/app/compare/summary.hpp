// What the runs of one training on one device add up to.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "app/compare/training.hpp"

namespace polyak {

/// One figure over several runs.
struct RunSummary {
  double median, lowest, highest;
};

RunSummary over_runs(std::span<const TrainingRecord> runs,
                     const std::function<double(const TrainingRecord&)>& figure);

/// `figure` of the measurement that reached the goal; none unless every run reached it, since the
/// median over the lucky ones would flatter.
std::optional<RunSummary> to_goal(std::span<const TrainingRecord> runs,
                                  const std::function<double(const Measurement&)>& figure);

std::int64_t runs_at_goal(std::span<const TrainingRecord> runs);

/// Over all agents and runs, so that populations of different sizes can be compared.
double environment_steps_per_second(std::span<const TrainingRecord> runs, int agents);
double updates_per_second(std::span<const TrainingRecord> runs, int agents);

/// Agents that reached the goal by themselves, per second of training, at the best moment to stop
/// each run.
double agents_solved_per_second(std::span<const TrainingRecord> runs, const LearningGoal& goal);

/// The scores at the end of all agents of all runs.
std::vector<double> final_scores(std::span<const TrainingRecord> runs);

/// Each agent's score at the end, over the runs the mean: [agents].
std::vector<double> agent_scores(std::span<const TrainingRecord> runs);

std::int64_t agents_at_goal(std::span<const TrainingRecord> runs, const LearningGoal& goal);

}  // namespace polyak
