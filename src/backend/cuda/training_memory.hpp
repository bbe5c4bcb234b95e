// Whether a training fits the GPU.
#pragma once

#include "backend/cuda/device/memory_budget.hpp"
#include "polyak/config.hpp"

namespace polyak::cuda {

/// Everything that a training allocates on the device, measured without allocating it.
MemoryBudget measure_training(const Config& config);

/// RunError with the bytes needed and available unless the training fits the current GPU's free
/// memory.
void require_memory(const Config& config);

}  // namespace polyak::cuda
