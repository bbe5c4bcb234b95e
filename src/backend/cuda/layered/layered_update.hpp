// One update of every agent, one kernel per operation: DDPG (Lillicrap et al. 2015, arXiv
// 1509.02971, algorithm 1) with the parts of TD3 (Fujimoto et al. 2018, arXiv 1802.09477, algorithm
// 1), for networks of any size.
#pragma once

#include <cstdint>
#include <vector>

#include "backend/cuda/device/side_stream.hpp"
#include "backend/cuda/device/stream.hpp"
#include "backend/cuda/layered/update_buffers.hpp"
#include "config/derived.hpp"

namespace polyak::cuda {

/// The algorithm. Queues work on one stream; never waits for the device.
class LayeredUpdate {
 public:
  LayeredUpdate(const Config& config, const Stream& stream, const TrainingBuffers& training,
                const LinearOperations& operations, UpdateBuffers buffers);

  /// Queues update `number` (0 for the first) of every agent: critics, actor, targets, as far as
  /// they are due. Counts the update.
  void run(std::int64_t number) const;

  /// Draws a batch without learning from it. For benchmarks.
  void sample() const;

 private:
  void run_clustered() const;
  void load_stored_states() const;
  void evaluate_batch(const DueInUpdate& due) const;
  void smooth_next_actions() const;
  void bootstrap_targets() const;
  void learn_critics(const DueInUpdate& due) const;
  void take_critic_loss() const;
  void learn_actor(const DueInUpdate& due) const;
  void take_actor_loss() const;
  void queue_actor_loss(cudaStream_t stream, float* gradient) const;
  ForwardPass target_value_pass(int critic) const;
  ForwardPass value_pass(int critic) const;
  ForwardPass policy_value_pass() const;
  kernels::StridedBatch column(const DeviceBuffer<float>& values) const;
  kernels::StridedBatch critic_column(const DeviceBuffer<float>& values, int critic) const;

  Config config_;
  int batch_rows_;  // of one agent
  bool has_target_noise_;
  cudaStream_t stream_;
  const TrainingBuffers& training_;
  UpdateBuffers buffers_;
  BatchSampler sampler_;
  NetworkPass actor_, target_actor_;
  std::vector<NetworkPass> critics_, target_critics_;
  Optimiser optimiser_;
  ClusteredUpdate clustered_;
  mutable SideStream reporting_;
};

}  // namespace polyak::cuda
