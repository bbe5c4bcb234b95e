// The batches that all agents learn from.
#pragma once

#include <cstdint>

#include "backend/cuda/device/memory_budget.hpp"
#include "backend/cuda/device/stream.hpp"
#include "backend/cuda/layered/batch_matrix.hpp"
#include "backend/cuda/layered/step_shape.hpp"
#include "backend/cuda/training_buffers.hpp"
#include "kernels/replay.hpp"
#include "polyak/core/sequence.hpp"

namespace polyak::cuda {

/// One batch of batch_steps() for every agent. A critic reads [what the actor reads | action]; in
/// `next` and `policy` the actions are written by the actors.
struct SampledBatch {
  SampledBatch(const Config& config, MemoryBudget& budget);

  BatchMatrix transition, next, policy;            // [batch, the critic's inputs]
  DeviceBuffer<float> reward, bootstrap_discount;  // [agents, batch]: SampledReturn
  DeviceBuffer<std::int64_t> updates;  // [1]: made before the one under way, counted or not
  DeviceBuffer<std::int32_t> claims;   // on transitions (kernels::Draws), or empty
  // Of sequences, or empty:
  DeviceBuffer<Sequence> sequences;          // [agents, batch_size]
  DeviceBuffer<std::int32_t> learned_steps;  // [agents]: rows with weight 1
  DeviceBuffer<float> weight;                // [agents, batch]: 1 if learnt from
  DeviceBuffer<std::int32_t>
      bootstrap_row;  // [agents, batch]: whose next value is bootstrapped from
};

/// Draws batches uniformly from each agent's replay.
class BatchSampler {
 public:
  BatchSampler(const Config& config, const Stream& stream, const TrainingBuffers& training,
               SampledBatch batch);

  /// Queues the next batch.
  void sample() const;

  const SampledBatch& batch() const { return batch_; }

 private:
  kernels::Draws draws() const;
  void sample_transitions() const;
  void sample_sequences() const;

  Config config_;
  cudaStream_t stream_;
  const TrainingBuffers& training_;
  SampledBatch batch_;
};

}  // namespace polyak::cuda
