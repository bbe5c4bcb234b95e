// Measures how often per second a device runs each phase of a training.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backend/backend.hpp"
#include "polyak/config.hpp"

namespace polyak {

/// How long to measure.
struct MeasureOptions {
  int repetitions;  // timed, after one that warms up
  double seconds;   // each timed repetition lasts about as long
};

/// Several measurements of one rate.
struct RateSamples {
  std::vector<double> per_second;

  double median() const;
  double lowest() const;
  double highest() const;
  /// (highest - lowest) / median.
  double spread() const { return (highest() - lowest()) / median(); }
};

/// What one call of a phase does, as a number of things per call.
struct PhaseQuantity {
  Phase phase;
  std::string_view word;        // on the command line: "vector-step"
  std::string_view phase_name;  // in tables: "act, step, store"
  std::string_view quantity;    // what is counted: "environment steps"
  std::int64_t per_call;        // over all agents
};

/// Every phase of a training with what a user would count of it; an iteration counts for two.
std::vector<PhaseQuantity> phase_quantities(const Config& config);

/// The phases that `words` name; all of them if it is empty. UsageError for an unknown word.
std::vector<Phase> parse_phases(std::span<const std::string> words);

/// A rate of one phase on one device.
struct PhaseRate {
  PhaseQuantity what;
  std::int64_t calls_per_repetition;
  RateSamples rate;
};

/// Trains past the warm-up so that there is data to sample, then measures `phases`.
std::vector<PhaseRate> measure_phases(Backend& backend, const Config& config,
                                      std::span<const Phase> phases, const MeasureOptions& options);

}  // namespace polyak
