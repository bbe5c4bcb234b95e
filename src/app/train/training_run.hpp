// The training itself: progress, reports, warnings, and policies whatever ends it.
#pragma once

#include <atomic>
#include <ostream>

#include "app/train/checkpoint_writer.hpp"
#include "app/train/train_options.hpp"
#include "app/train/training_evaluations.hpp"
#include "app/train/training_start.hpp"
#include "polyak/trainer.hpp"

namespace polyak {

/// One line: how many agents, on what, for how long, where, and the memory that it takes.
void print_beginning(std::ostream& out, const Trainer& trainer);

/// Trains, writes checkpoints, and keeps the newest good policies whatever goes wrong.
StopReason train_and_save(TrainingStart& training, const TrainOptions& options,
                          TrainingEvaluations& evaluations, CheckpointWriter& checkpoints,
                          const std::atomic<bool>& stop);

}  // namespace polyak
