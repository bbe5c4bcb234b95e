// What is said and returned when a training has ended.
#pragma once

#include <ostream>

#include "app/output/training_result.hpp"
#include "app/process/interrupt.hpp"
#include "io/run_directory.hpp"
#include "polyak/trainer.hpp"

namespace polyak {

/// Says what the training came to, its files written, and returns the exit code. RunError if it
/// ended with a value that is not finite.
int conclude(std::ostream& text, const Trainer& trainer, const RunDirectory& directory,
             StopReason reason, const TrainingEvaluation& evaluation, const StoppingRules& rules,
             const InterruptHandler& interrupt);

}  // namespace polyak
