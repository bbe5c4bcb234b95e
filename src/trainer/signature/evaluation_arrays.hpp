// What trained policies do, as arrays for digests and traces.
#pragma once

#include <vector>

#include "polyak/trainer.hpp"
#include "trainer/signature/named_array.hpp"

namespace polyak {

/// Returns of all agents without exploration; of the first few agents, whole episodes on the
/// training's device, and the actions that their policies, as users load them, choose on
/// observations of `state`, the trainer's own.
std::vector<NamedArray> evaluation_arrays(Trainer& trainer, const TrainingState& state);

}  // namespace polyak
