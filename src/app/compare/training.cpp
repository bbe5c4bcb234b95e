#include "app/compare/training.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <span>

#include "polyak/core/error.hpp"
#include "polyak/trainer.hpp"
#include "trainer/divergence.hpp"
#include "trainer/population_evaluation.hpp"

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
  for (const AgentEvaluation& agent : evaluate_agents(returns, goal.starts)) {
    scores.push_back(agent.regret ? agent.regret->mean : agent.returns.mean);
  }
  return scores;
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
  TrainingRecord record{};
  const Stopwatch setup;
  Trainer trainer(config);
  record.setup_seconds = setup.seconds();
  record.description = trainer.device_description();
  trainer.require_evaluation_memory(static_cast<std::int64_t>(goal.starts.count()));

  PopulationEvaluator evaluator(trainer);
  SolvedSoFar solved(static_cast<std::size_t>(config.agents));
  const auto measure = [&] {
    Measurement measurement{trainer.environment_steps(), trainer.training_seconds(),
                            agent_scores(goal, *evaluator.returns(goal.starts, nullptr)), 0.0};
    measurement.mean_score = mean(measurement.scores);
    solved.add(measurement, goal);
    if (!record.reached && goal.is_reached(measurement.mean_score)) {
      record.reached = record.measurements.size();
    }
    record.measurements.push_back(std::move(measurement));
  };
  TrainerOptions options;
  options.evaluation_steps = schedule.every;
  options.on_evaluation = [&]() -> std::optional<StopReason> {
    const bool may_still_reach = goal.threshold && !(record.reached && solved.all());
    if (schedule.whole_curve || may_still_reach) measure();
    return {};
  };
  if (trainer.run(options) == StopReason::non_finite) {
    throw RunError(describe(*trainer.divergence(), config) + " on " + record.description);
  }
  measure();
  record.training_seconds = trainer.training_seconds();
  record.environment_steps = trainer.environment_steps();
  record.updates = trainer.updates();
  return record;
}

}  // namespace polyak
