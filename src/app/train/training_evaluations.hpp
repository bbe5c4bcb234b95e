// The evaluations of a training: evaluations.csv, the best policies, and whether it may end.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "app/output/training_result.hpp"
#include "app/train/evaluation_plan.hpp"
#include "io/run_directory.hpp"
#include "io/starts_file.hpp"
#include "polyak/trainer.hpp"
#include "trainer/checkpoint.hpp"

namespace polyak {

// What a checkpoint remembers of evaluations: their options, and the time that they took. All else
// is in evaluations.csv.
inline constexpr std::string_view note_of_evaluation = "evaluation",
                                  note_of_evaluation_seconds = "evaluation_seconds";

/// What a training that goes on was evaluated before.
struct EvaluationsBefore {
  std::vector<EvaluationRow> rows;  // of evaluations.csv, as far as the training goes on
  double seconds = 0.0;
  std::vector<std::string> best_policies = {};  // the checkpoint's; an agent each, or none
};

/// A better policy is written with the next checkpoint, at the end, or where there are no
/// checkpoints some seconds after the one before it: a short training does not wait for the disk
/// each time that it gets better. A checkpoint has the best policies in it, so that who goes on
/// from it has those of that time, whatever has become of their files.
class TrainingEvaluations {
 public:
  /// All must live as long.
  TrainingEvaluations(Trainer& trainer, RunDirectory& directory, const EvaluationPlan& plan,
                      const EvaluationsBefore& before, bool makes_checkpoints,
                      const std::atomic<bool>& stop);

  /// Of a training that goes on: makes up for an evaluation that was interrupted, and looks whether
  /// the training may end already. As on_the_way().
  std::optional<StopReason> before_the_training(
      const std::function<void(const std::string&)>& warn);

  /// Evaluates now. Why the training ends with it, or nothing; what cannot be written for a while
  /// is told to `warn`.
  std::optional<StopReason> on_the_way(const std::function<void(const std::string&)>& warn);

  /// The one behind the training, from all start states, with everything written; whether it was
  /// completed, and not stopped. RunError.
  bool at_the_end();

  /// Those that are not written yet. RunError.
  void write_best_policies();

  const TrainingEvaluation& result() const { return result_; }

  /// For a checkpoint; of this moment, as the best policies in it are.
  CheckpointNotes notes() const;

 private:
  using Clock = std::chrono::steady_clock;

  void take_up_best_policies(std::vector<std::string> policies);
  bool has_newest() const;
  std::string record(std::span<const AgentEvaluation> agents);
  void write_best_policies_if_due();

  Trainer& trainer_;
  RunDirectory& directory_;
  const EvaluationPlan& plan_;
  bool makes_checkpoints_;
  const std::atomic<bool>& stop_;
  PopulationEvaluator evaluator_;
  TrainingEvaluation result_;
  std::vector<std::string> best_;  // by agent, as files; none before the first evaluation
  std::set<int> unwritten_;        // whose files are not those
  Clock::time_point written_ = Clock::now();
  Clock::duration writing_{};  // what it took the last time
  bool has_warned_ = false;
};

}  // namespace polyak
