// What a training begins with: a new one, or one that goes on.
#pragma once

#include <memory>

#include "app/train/train_options.hpp"
#include "app/train/training_evaluations.hpp"
#include "io/run_directory.hpp"
#include "polyak/trainer.hpp"
#include "trainer/schedule.hpp"

namespace polyak {

/// A training that is ready to run, its directory claimed and begun.
struct TrainingStart {
  std::unique_ptr<RunDirectory> directory;
  Trainer trainer;
  EvaluationPlan plan;
  EvaluationsBefore evaluated;  // by those who trained before
  std::int64_t report_steps;    // environment steps between two reports
  Schedule schedule;            // without rows: nothing changes on the way
};

/// Says on `out` what is going to happen, unless it shall be quiet.
TrainingStart start_training(const TrainOptions& options, std::ostream& out);

}  // namespace polyak
