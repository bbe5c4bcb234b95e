// The trainings that every engine is tested with: one table, in which each says who runs it.
#pragma once

#include <ostream>
#include <vector>

#include "config/fields.hpp"
#include "support/configs.hpp"

namespace polyak::test {

/// Every kind of network, environment, exploration, replay and update, at sizes that fit no tile:
/// those that have `engine`, for example training_cases(&Engines::fused).
std::vector<TrainingCase> training_cases(bool Engines::*engine);

}  // namespace polyak::test
