#include "app/compare/training.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <numeric>
#include <span>

#include "backend/backend.hpp"
#include "backend/checks/finite_results.hpp"
#include "config/derived.hpp"
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
  require_finite_returns(returns, goal.starts.count());
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

/// Which agents have reached the goal at some time.
class SolvedSoFar {
 public:
  explicit SolvedSoFar(std::size_t agents) : solved_(agents, false) {}

  void add(const Measurement& measurement, const LearningGoal& goal) {
    for (std::size_t agent = 0; agent < solved_.size(); ++agent) {
      if (goal.is_reached(measurement.scores[agent])) solved_[agent] = true;
    }
  }
  std::int64_t count() const { return std::count(solved_.begin(), solved_.end(), true); }
  bool all() const { return count() == static_cast<std::int64_t>(solved_.size()); }

 private:
  std::vector<bool> solved_;
};

}  // namespace

SolvedAgents most_solved_per_second(const TrainingRecord& record, const LearningGoal& goal) {
  SolvedAgents best{0, record.training_seconds};
  SolvedSoFar solved(record.last().scores.size());
  for (const Measurement& measurement : record.measurements) {
    solved.add(measurement, goal);
    const SolvedAgents now{solved.count(), measurement.seconds};
    if (static_cast<double>(now.agents) * best.seconds >
        static_cast<double>(best.agents) * now.seconds) {
      best = now;
    }
  }
  return best;
}

Config run_config(Config config, std::size_t run) {
  config.seed = config.seed[0] + run * static_cast<std::uint64_t>(config.agents);
  return config;
}

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
  backend->require_evaluation_memory(static_cast<std::int64_t>(goal.starts.count()));

  SolvedSoFar solved(static_cast<std::size_t>(config.agents));
  for (std::int64_t done = 0; done < derived.iterations;) {
    const std::int64_t iterations = std::min(slice, derived.iterations - done);
    timed_advance(*backend, iterations, record);
    done += iterations;
    record.environment_steps = done * derived.steps_per_iteration;
    const bool may_still_reach = goal.threshold && !(record.reached && solved.all());
    const bool wanted = schedule.whole_curve || may_still_reach || done == derived.iterations;
    if (!wanted) continue;
    Measurement measurement{record.environment_steps, record.training_seconds,
                            agent_scores(goal, backend->evaluate(goal.starts.states)), 0.0};
    measurement.mean_score = mean(measurement.scores);
    solved.add(measurement, goal);
    if (!record.reached && goal.is_reached(measurement.mean_score)) {
      record.reached = record.measurements.size();
    }
    record.measurements.push_back(std::move(measurement));
  }
  return record;
}

}  // namespace polyak
