// Drawing sequences from the replays, and gathering them for recurrent networks
// (polyak/core/sequence.hpp).
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/replay.hpp"
#include "polyak/core/sequence.hpp"

namespace polyak::kernels {

/// Row i of the batch draws a transition exactly as launch_sample_batch with replacement does; the
/// sequence is what that transition stands for.
struct DrawSequences {
  Draws draws;  // claims must be null
  SequenceSettings settings;
  Sequence* sequences;          // [agents, batch]
  std::int32_t* learned_steps;  // [agents]: the transitions that the batch learns from
  std::int64_t* updates_copy;   // one number on the device: set to *updates, for what follows
};
cudaError_t launch_draw_sequences(const DrawSequences& arguments, cudaStream_t stream);

/// Gathers the sequences, time-major: time t of sequence b is row t * batch + b of `steps` * batch
/// rows, steps = settings.steps(). Beyond a sequence's end all is zero. The
/// rewards, discounts and last observations of learned transitions are those of sampled_return
/// (polyak/core/n_step.hpp); no agent's returns may have more steps than settings.lookahead.
struct GatherSequences {
  int agents, batch;
  Replays replays;
  SequenceSettings settings;
  const Sequence* sequences;      // [agents, batch]
  const ReturnSettings* returns;  // [agents]
  Normalisers normalisers;        // of the observations
  // What a network sees, [steps * batch, observation_size + action_size + 1]:
  // observation | action before | reward before; zeros before an episode's first row. `transition`
  // has the action of the row behind, action_size columns that the other two have for the actors.
  StridedBatch transition, next, policy;
  float* reward;                // [agents, steps * batch]; 0 where nothing is learnt
  float* bootstrap_discount;    // [agents, steps * batch]; 0 where nothing is learnt
  float* weight;                // [agents, steps * batch]: 1 where something is learnt, else 0
  std::int32_t* bootstrap_row;  // [agents, steps * batch]: the row bootstrapped from; its own where
                                // nothing is learnt
};
cudaError_t launch_gather_sequences(const GatherSequences& arguments, cudaStream_t stream);

}  // namespace polyak::kernels
