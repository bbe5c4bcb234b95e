// The training itself: progress, reports, warnings, and policies whatever ends it.
#pragma once

#include <atomic>
#include <ostream>

#include "app/train/train_options.hpp"
#include "io/run_directory.hpp"
#include "polyak/trainer.hpp"

namespace polyak {

/// One line: how many agents, on what, for how long, where, and the memory that it takes.
void print_beginning(std::ostream& out, const Trainer& trainer);

/// Trains, and keeps the newest good policies whatever goes wrong.
StopReason train_and_save(Trainer& trainer, RunDirectory& directory, const TrainOptions& options,
                          const std::atomic<bool>& stop);

}  // namespace polyak
