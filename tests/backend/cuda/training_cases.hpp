// Trainings at odd sizes that the CUDA back end's tests share.
#pragma once

#include <vector>

#include "backend/backend.hpp"
#include "polyak/config.hpp"
#include "support/training_cases.hpp"

namespace polyak::test {

/// All of tests/support/training_cases.hpp with each of the engines that have them.
const std::vector<TrainingCase>& engine_cases();

/// Small trainings on this device's tensor cores, which agree with fp32 only to their own rounding.
std::vector<TrainingCase> precision_cases();

/// Iterations until learning has started, and `more`.
std::int64_t iterations_with_learning(const Config& config, std::int64_t more);

/// The state of a new CUDA training after so many iterations.
TrainingState train_on_gpu(const Config& config, std::int64_t iterations);

}  // namespace polyak::test
