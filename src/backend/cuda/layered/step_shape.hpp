// How many rows a batch has, and which steps in time they are.
#pragma once

#include "config/derived.hpp"
#include "polyak/config.hpp"

namespace polyak::cuda {

/// The rows of a batch in time. Gradients come from the first `learned_steps`; those behind them
/// are only bootstrapped from, and how many there are must not touch an agent's bits.
struct StepShape {
  int step_rows, steps, learned_steps;

  int rows() const { return step_rows * steps; }
  int learned_rows() const { return step_rows * learned_steps; }
};

/// Of one agent's batch: single transitions are all of one step.
inline StepShape batch_steps(const Config& config) {
  if (!is_recurrent(config)) return {config.batch_size, 1, 1};
  const SequenceSettings sequences = sequence_settings(config);
  return {config.batch_size, sequences.steps(), sequences.length};
}

}  // namespace polyak::cuda
