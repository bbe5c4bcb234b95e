// Trainings at odd sizes that the CUDA back end's tests share.
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "backend/backend.hpp"
#include "polyak/config.hpp"

namespace polyak::test {

/// A name and a change of small_config().
struct TrainingCase {
  std::string name;
  std::function<void(Config&)> change;

  Config config() const;
};
std::ostream& operator<<(std::ostream& out, const TrainingCase& training_case);

/// Every kind of network, environment and exploration, at sizes that fit no tile, with both
/// engines.
const std::vector<TrainingCase>& training_cases();

/// Small trainings on tensor cores, which agree with fp32 only to their own rounding.
const std::vector<TrainingCase>& precision_cases();

/// Iterations until learning has started, and `more`.
std::int64_t iterations_with_learning(const Config& config, std::int64_t more);

/// The state of a new CUDA training after so many iterations.
TrainingState train_on_gpu(const Config& config, std::int64_t iterations);

}  // namespace polyak::test
