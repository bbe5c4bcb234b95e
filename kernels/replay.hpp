// The replays of all agents, and drawing batches from them.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/arrays.hpp"
#include "kernels/observation_statistics.hpp"
#include "polyak/core/n_step.hpp"
#include "polyak/core/replay.hpp"

namespace polyak::kernels {

/// polyak/core/replay.hpp's ReplayView for every agent.
struct Replays {
  float* rows;                 // [agents, environments, rows_per_environment, layout.floats()]
  std::int64_t* rows_written;  // [agents, environments]
  // [agents]: the largest closed_rows() over the agent's environments. Kept up to date by
  // launch_vector_step; after writing rows_written by other means call launch_count_closed_rows.
  std::int64_t* max_closed_rows;
  std::int64_t environments;
  std::int64_t rows_per_environment;
  RowLayout layout;
};

/// Sets max_closed_rows of every agent from rows_written.
cudaError_t launch_count_closed_rows(int agents, const Replays& replays, cudaStream_t stream);

/// Which transitions make up the batches of an update: row i of update t is drawn from the random
/// numbers (seed, i, t, Purpose::replay_sample), uniformly, as on the CPU. Every max_closed_rows
/// must be above zero.
struct Draws {
  int agents, batch;
  Replays replays;
  const std::uint64_t* seed;    // [agents]
  const std::int64_t* updates;  // one number on the device: the updates made before this one
  // [agents, environments, rows_per_environment], or null: with replacement. The row that has
  // claimed a transition: batch - i for row i, 0 for none. Zero before and after a batch.
  std::int32_t* claims;
};

/// Sampling without replacement: gives every row of the batch the first of its draws that no row
/// before it has. Before each launch_sample_batch with `claims`; the replays must hold at least
/// `batch` transitions.
cudaError_t launch_claim_transitions(const Draws& arguments, cudaStream_t stream);

/// Draws `batch` transitions (o, a, r, o') for every agent and gathers them to where the networks
/// read them. Rewards, discounts and the last observations o' are those of sampled_return
/// (polyak/core/n_step.hpp).
struct SampleBatch {
  Draws draws;
  const ReturnSettings* returns;  // [agents]
  Normalisers normalisers;        // of o and o'
  std::int64_t* updates_copy;     // one number on the device: set to *updates, for what follows
  StridedBatch transition;        // [batch, observation_size + action_size]: o | a
  StridedBatch observation;       // [batch, observation_size]: o once more, for the actor's update
  StridedBatch next_observation;  // [batch, observation_size]: o'
  float* reward;                  // [agents, batch]
  float* bootstrap_discount;      // [agents, batch]
};
cudaError_t launch_sample_batch(const SampleBatch& arguments, cudaStream_t stream);

}  // namespace polyak::kernels
