// The device's side of a Trainer, for the project's own tests.
#pragma once

#include "backend/backend.hpp"
#include "polyak/trainer.hpp"

namespace polyak {

struct TrainerAccess {
  static Backend& backend(Trainer& trainer);
};

}  // namespace polyak
