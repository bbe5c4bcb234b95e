// The checkpoints that a training leaves in its directory.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

#include "app/train/train_options.hpp"
#include "app/train/training_evaluations.hpp"
#include "app/train/training_start.hpp"
#include "io/run_directory.hpp"
#include "polyak/trainer.hpp"

namespace polyak {

// What a checkpoint remembers of the run directory and of the options.
inline constexpr std::string_view note_of_metrics = "metrics", note_of_evaluations = "evaluations",
                                  note_of_reports = "report_steps", note_of_schedule = "schedule";

/// Writes them when the trainer says that it is time, and knows what the last one cost.
class CheckpointWriter {
 public:
  /// All must live as long.
  CheckpointWriter(TrainingStart& training, TrainingEvaluations& evaluations,
                   const TrainOptions& options)
      : trainer_(training.trainer),
        directory_(*training.directory),
        evaluations_(evaluations),
        keep_(options.checkpoints_to_keep()),
        report_steps_(training.report_steps) {
    if (!training.schedule.rows.empty()) schedule_ = schedule_text(training.schedule);
  }

  /// The first one of a training that replaces an older one takes that one's place together with
  /// the policies, and does not come before there is an update. What is to be said if it cannot be
  /// written, once until one can: the training goes on, and the checkpoint before stays.
  std::string write();

  /// A line: where the newest one is, its size, how long it took, and how the training goes on,
  /// which if it is finished takes more steps, where it can. Nothing if there is none.
  void print(std::ostream& out, bool is_finished) const;

 private:
  void write_or_throw();
  bool has_one() const;

  Trainer& trainer_;
  RunDirectory& directory_;
  TrainingEvaluations& evaluations_;
  int keep_;
  std::int64_t report_steps_;
  std::string schedule_;    // as a file; empty: none
  bool failed_ = false;     // the last one
  std::int64_t bytes_ = 0;  // of the newest one
  double seconds_ = 0.0;    // that it took
};

}  // namespace polyak
