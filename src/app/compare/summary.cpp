#include "app/compare/summary.hpp"

#include <algorithm>

#include "trainer/evaluation.hpp"

namespace polyak {
namespace {

double total(std::span<const TrainingRecord> runs,
             const std::function<double(const TrainingRecord&)>& figure) {
  double sum = 0.0;
  for (const TrainingRecord& run : runs) sum += figure(run);
  return sum;
}

double training_seconds(std::span<const TrainingRecord> runs) {
  return total(runs, [](const TrainingRecord& run) { return run.training_seconds; });
}

}  // namespace

RunSummary over_runs(std::span<const TrainingRecord> runs,
                     const std::function<double(const TrainingRecord&)>& figure) {
  std::vector<double> values;
  for (const TrainingRecord& run : runs) values.push_back(figure(run));
  const auto [lowest, highest] = std::minmax_element(values.begin(), values.end());
  return {median(values), *lowest, *highest};
}

std::optional<RunSummary> to_goal(std::span<const TrainingRecord> runs,
                                  const std::function<double(const Measurement&)>& figure) {
  if (runs_at_goal(runs) < static_cast<std::int64_t>(runs.size())) return {};
  return over_runs(runs, [&](const TrainingRecord& run) { return figure(*run.at_goal()); });
}

std::int64_t runs_at_goal(std::span<const TrainingRecord> runs) {
  return std::count_if(runs.begin(), runs.end(),
                       [](const TrainingRecord& run) { return run.reached.has_value(); });
}

double environment_steps_per_second(std::span<const TrainingRecord> runs, int agents) {
  return agents *
         total(
             runs,
             [](const TrainingRecord& run) { return static_cast<double>(run.environment_steps); }) /
         training_seconds(runs);
}

double updates_per_second(std::span<const TrainingRecord> runs, int agents) {
  return agents *
         total(runs, [](const TrainingRecord& run) { return static_cast<double>(run.updates); }) /
         training_seconds(runs);
}

double agents_solved_per_second(std::span<const TrainingRecord> runs, const LearningGoal& goal) {
  double agents = 0.0, seconds = 0.0;
  for (const TrainingRecord& run : runs) {
    const SolvedAgents solved = most_solved_per_second(run, goal);
    agents += static_cast<double>(solved.agents);
    seconds += solved.seconds;
  }
  return agents / seconds;
}

std::vector<double> final_scores(std::span<const TrainingRecord> runs) {
  std::vector<double> scores;
  for (const TrainingRecord& run : runs) {
    scores.insert(scores.end(), run.last().scores.begin(), run.last().scores.end());
  }
  return scores;
}

std::vector<double> agent_scores(std::span<const TrainingRecord> runs) {
  std::vector<double> means(runs.front().last().scores.size(), 0.0);
  for (const TrainingRecord& run : runs) {
    for (std::size_t agent = 0; agent < means.size(); ++agent) {
      means[agent] += run.last().scores[agent] / static_cast<double>(runs.size());
    }
  }
  return means;
}

std::int64_t agents_at_goal(std::span<const TrainingRecord> runs, const LearningGoal& goal) {
  const std::vector<double> scores = final_scores(runs);
  return std::count_if(scores.begin(), scores.end(),
                       [&](double score) { return goal.is_reached(score); });
}

}  // namespace polyak
