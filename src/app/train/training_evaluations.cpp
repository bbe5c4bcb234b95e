#include "app/train/training_evaluations.hpp"

#include <algorithm>

#include "config/derived.hpp"
#include "io/policy_format.hpp"
#include "io/text_value.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

/// Adds the time of its life to `seconds`.
class AddedTime {
 public:
  explicit AddedTime(double& seconds) : seconds_(seconds) {}
  ~AddedTime() { seconds_ += std::chrono::duration<double>(Clock::now() - begin_).count(); }
  AddedTime(const AddedTime&) = delete;
  AddedTime& operator=(const AddedTime&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  double& seconds_;
  Clock::time_point begin_ = Clock::now();
};

/// Of returns [agents, count] those from the first start states: [agents, first].
std::vector<float> first_returns(std::span<const float> returns, std::size_t count,
                                 std::size_t first) {
  std::vector<float> some;
  for (std::size_t begin = 0; begin < returns.size(); begin += count) {
    const std::span<const float> own = returns.subspan(begin, first);
    some.insert(some.end(), own.begin(), own.end());
  }
  return some;
}

}  // namespace

TrainingEvaluations::TrainingEvaluations(Trainer& trainer, RunDirectory& directory,
                                         const EvaluationPlan& plan,
                                         const EvaluationsBefore& before, bool makes_checkpoints,
                                         const std::atomic<bool>& stop)
    : trainer_(trainer),
      directory_(directory),
      plan_(plan),
      makes_checkpoints_(makes_checkpoints),
      stop_(stop),
      evaluator_(trainer) {
  const auto agents = static_cast<std::size_t>(trainer.config().agents);
  const std::span<const EvaluationRow> rows = before.rows;
  for (std::size_t begin = 0; begin < rows.size(); begin += agents) {
    result_.history.add(rows.subspan(begin, agents));
  }
  result_.seconds = before.seconds;
  take_up_best_policies(before.best_policies);
}

/// The files may be gone, somebody else's, or of an evaluation behind the checkpoint.
void TrainingEvaluations::take_up_best_policies(std::vector<std::string> policies) {
  best_ = std::move(policies);
  best_.resize(result_.history.best().size());
  for (std::size_t i = 0; i < best_.size(); ++i) {
    const int agent = static_cast<int>(i);
    // The evaluation behind a training's last step comes after its last checkpoint.
    if (result_.history.best()[i].row.environment_steps == trainer_.environment_steps()) {
      best_[i] = policy_format::serialise(trainer_.policy(agent));
    }
    if (!best_[i].empty() && !directory_.has_best_policy(agent, best_[i])) unwritten_.insert(agent);
  }
}

std::optional<StopReason> TrainingEvaluations::before_the_training(
    const std::function<void(const std::string&)>& warn) {
  const std::int64_t steps = trainer_.environment_steps();
  const std::int64_t iteration = derive(trainer_.config()).steps_per_iteration;
  const bool is_due = plan_.every > 0 && steps / plan_.every > (steps - iteration) / plan_.every;
  if (is_due && steps > 0 && !has_newest()) return on_the_way(warn);
  return result_.history.reason_to_stop(plan_.rules);
}

std::optional<StopReason> TrainingEvaluations::on_the_way(
    const std::function<void(const std::string&)>& warn) {
  const AddedTime time(result_.seconds);
  const auto returns = evaluator_.returns(plan_.on_the_way, &stop_);
  if (!returns) return StopReason::interrupted;
  std::string failure = record(evaluate_agents(*returns, plan_.on_the_way));
  try {
    write_best_policies_if_due();
  } catch (const RunError& error) {
    failure = error.what();
  }
  if (!failure.empty() && !has_warned_) {
    warn(failure + "; training goes on, and tries again after later evaluations");
  }
  has_warned_ = !failure.empty();
  return result_.history.reason_to_stop(plan_.rules);
}

bool TrainingEvaluations::at_the_end() {
  const AddedTime time(result_.seconds);
  const auto returns = evaluator_.returns(plan_.at_the_end, &stop_);
  if (!returns) return false;
  // A training that an evaluation has ended has this moment's rows.
  if (!has_newest()) {
    record(
        evaluate_agents(first_returns(*returns, plan_.at_the_end.count(), plan_.on_the_way.count()),
                        plan_.on_the_way));
  }
  result_.last = evaluate_agents(*returns, plan_.at_the_end);
  write_best_policies();
  directory_.finish_evaluations();
  return true;
}

/// Whether there are rows of this very moment.
bool TrainingEvaluations::has_newest() const {
  const std::vector<EvaluationRow>& newest = result_.history.newest();
  return !newest.empty() && newest.front().environment_steps == trainer_.environment_steps();
}

CheckpointNotes TrainingEvaluations::notes() const {
  return {{{std::string(note_of_evaluation), plan_.note},
           {std::string(note_of_evaluation_seconds), format_number(result_.seconds)}},
          best_};
}

/// Into the history and evaluations.csv. Why the rows are not written yet, or nothing.
std::string TrainingEvaluations::record(std::span<const AgentEvaluation> agents) {
  const std::vector<EvaluationRow> rows = evaluation_rows(trainer_, agents);
  best_.resize(rows.size());
  for (const int agent : result_.history.add(rows)) {
    best_[static_cast<std::size_t>(agent)] = policy_format::serialise(trainer_.policy(agent));
    unwritten_.insert(agent);
  }
  return directory_.write_evaluation(rows);
}

void TrainingEvaluations::write_best_policies_if_due() {
  if (makes_checkpoints_) return;
  constexpr std::chrono::seconds shortest_pause{10};
  const Clock::duration pause = std::max<Clock::duration>(shortest_pause, 20 * writing_);
  if (Clock::now() - written_ >= pause) write_best_policies();
}

void TrainingEvaluations::write_best_policies() {
  if (directory_.holds_older_training()) return;  // which must not have them among its files
  const Clock::time_point begin = Clock::now();
  while (!unwritten_.empty()) {
    const int agent = *unwritten_.begin();
    directory_.write_best_policy(agent, best_[static_cast<std::size_t>(agent)]);
    unwritten_.erase(unwritten_.begin());
  }
  written_ = Clock::now();
  writing_ = written_ - begin;
}

}  // namespace polyak
