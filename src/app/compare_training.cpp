#include "app/compare_training.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <numeric>
#include <span>

#include "backend/backend.hpp"
#include "polyak/core/error.hpp"
#include "trainer/evaluation.hpp"

namespace polyak {
namespace {

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

double mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// One score per agent from returns [agents, starts].
std::vector<double> agent_scores(const LearningGoal& goal, std::span<const float> returns) {
  std::vector<double> scores;
  for (std::size_t first = 0; first < returns.size(); first += goal.starts.count()) {
    const std::span<const float> own = returns.subspan(first, goal.starts.count());
    scores.push_back(goal.is_regret() ? mean(regrets(own, goal.starts.best_returns))
                                      : summarise_returns(own).mean);
  }
  return scores;
}

/// Trains and waits for the device; adds the seconds and updates to the record.
void timed_advance(Backend& backend, std::int64_t iterations, TrainingRecord& record) {
  const Stopwatch watch;
  backend.advance(iterations);
  const std::vector<AgentMetrics> metrics = backend.metrics();
  record.training_seconds += watch.seconds();
  record.updates += metrics.front().updates;
  for (std::size_t agent = 0; agent < metrics.size(); ++agent) {
    if (const auto& found = metrics[agent].non_finite) {
      throw RunError("agent " + std::to_string(agent) + ": the " +
                     std::string(to_string(found->quantity)) +
                     " is not a finite number since update " + std::to_string(found->update) +
                     " on " + backend.description());
    }
  }
}

}  // namespace

TrainingRecord train_and_measure(const Config& config, const LearningGoal& goal,
                                 const MeasureSchedule& schedule) {
  const DerivedConfig derived = derive(config);
  const std::int64_t slice =
      (schedule.every + derived.steps_per_iteration - 1) / derived.steps_per_iteration;

  TrainingRecord record{};
  const Stopwatch setup;
  const std::unique_ptr<Backend> backend = make_backend(config);
  record.setup_seconds = setup.seconds();
  record.description = backend->description();

  for (std::int64_t done = 0; done < derived.iterations;) {
    const std::int64_t iterations = std::min(slice, derived.iterations - done);
    timed_advance(*backend, iterations, record);
    done += iterations;
    record.environment_steps = done * derived.steps_per_iteration;
    const bool may_still_reach = goal.threshold && !record.reached;
    const bool wanted = schedule.whole_curve || may_still_reach || done == derived.iterations;
    if (!wanted) continue;
    Measurement measurement{record.environment_steps, record.training_seconds,
                            agent_scores(goal, backend->evaluate(goal.starts.states)), 0.0};
    measurement.mean_score = mean(measurement.scores);
    if (!record.reached && goal.is_reached(measurement.mean_score)) {
      record.reached = record.measurements.size();
    }
    record.measurements.push_back(std::move(measurement));
  }
  return record;
}

}  // namespace polyak
