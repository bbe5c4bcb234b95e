// Updates in one launch each, of networks and batches for which the program has such a kernel
// (kernels/clustered_update.hpp) on a GPU with room for it.
#pragma once

#include "backend/cuda/layered/batch_sampler.hpp"
#include "polyak/config.hpp"

namespace polyak::cuda {

/// Blocks of the clusters in which the current GPU makes this configuration's updates so: those of
/// plain DDPG in fp32. 0: it does not.
int clustered_update_blocks(const Config& config);

/// All empty where updates are made otherwise.
struct ClusteredBuffers {
  ClusteredBuffers(const Config& config, MemoryBudget& budget);
  int cluster_blocks = 0;
  DeviceBuffer<float> actor_sums, critic_sums;  // [agents, groups of rows, stride]
  DeviceBuffer<unsigned> arrivals;              // [agents]
};

/// What an update says of its batch: each [agents, batch].
struct BatchValues {
  float *value, *target;  // Q(o, a) and y
  float* policy_value;    // Q(o, actor(o))
};

class ClusteredUpdate {
 public:
  ClusteredUpdate(const Config& config, const Stream& stream, const TrainingBuffers& training,
                  ClusteredBuffers buffers);

  /// Whether updates are made so.
  bool is_used() const { return buffers_.cluster_blocks > 0; }

  /// Queues what follows the sampling: critic, actor and targets learn. Does not count the update.
  void run(const SampledBatch& batch, const BatchValues& values) const;

 private:
  Config config_;
  cudaStream_t stream_;
  const TrainingBuffers& training_;
  ClusteredBuffers buffers_;
};

}  // namespace polyak::cuda
