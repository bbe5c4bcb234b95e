// Trainings at odd sizes that the CUDA back end's tests share.
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "backend/backend.hpp"
#include "oracle/comparison.hpp"
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

/// What may be between a training of a few updates and the oracle, which rounds both factors of
/// every product as the format does: what is left is fp32's own rounding, and where that carries a
/// factor over the edge between two of the format's numbers: rare, but worth 2^-11 or 2^-8 of it.
/// Found after 10 updates: parameters off by 1.3e-7 in fp32, 3e-5 in tf32, 6.5e-4 in bf16, moments
/// by 6e-7, 7e-4 and 2e-2. The tolerances are some ten times that in fp32, and five to ten times in
/// the others.
oracle::Tolerances precision_tolerances(Precision precision);

/// Holds every agent's training against the oracle that rounds as config.precision does, and
/// expects its gradients to be much nearer to that one's than to those of oracles that round
/// otherwise.
void expect_rounding_of_the_format(
    const Config& config, const std::function<TrainingState(std::int64_t iterations)>& train);

/// Iterations until learning has started, and `more`.
std::int64_t iterations_with_learning(const Config& config, std::int64_t more);

/// The state of a new CUDA training after so many iterations.
TrainingState train_on_gpu(const Config& config, std::int64_t iterations);

}  // namespace polyak::test
