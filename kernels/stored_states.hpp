// The recurrent states that the replays store, back to where sequences begin.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <span>

#include "kernels/arrays.hpp"
#include "kernels/replay.hpp"
#include "polyak/core/sequence.hpp"

namespace polyak::kernels {

inline constexpr int max_state_targets = 8;

/// One network's state before the first step.
struct StateTarget {
  int offset;  // of the network's part in a row's states: hidden, and an LSTM's cell behind it
  StridedBatch hidden;  // [batch, units]
  StridedBatch cell;    // [batch, units]; data is null for a GRU
};

/// The states stored in the first row of every sequence, to up to max_state_targets networks
/// (Kapturowski et al. 2019, section 3).
struct LoadStates {
  int agents, batch, units;
  Replays replays;
  const Sequence* sequences;  // [agents, batch]
  std::span<const StateTarget> targets;
};
cudaError_t launch_load_states(const LoadStates& arguments, cudaStream_t stream);

}  // namespace polyak::kernels
