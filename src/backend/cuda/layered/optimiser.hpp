// Learning from gradients: their norms, clipping, weight decay, Adam, and the targets' Polyak step.
#pragma once

#include <cstdint>

#include "backend/cuda/device/memory_budget.hpp"
#include "backend/cuda/device/side_stream.hpp"
#include "backend/cuda/device/stream.hpp"
#include "backend/cuda/training_buffers.hpp"
#include "kernels/gradient_norm.hpp"
#include "polyak/config.hpp"

namespace polyak::cuda {

/// Scratch memory for the norms of gradients.
struct OptimiserBuffers {
  OptimiserBuffers(const Config& config, MemoryBudget& budget);
  DeviceBuffer<float> gradient_scale;  // [agents, networks], or empty without clipping
  DeviceBuffer<kernels::GradientMatrix> actor_matrices, critic_matrices;
  DeviceBuffer<double> tile_sums;   // [agents, networks, tiles]
  DeviceBuffer<unsigned> arrivals;  // [agents]
};

/// What differs between the networks that learn.
struct LearningRule {
  const float* learning_rate;  // [agents]
  const float* weight_decay;   // [agents]
  int updates_per_step;        // the network learns once in so many updates
  bool moves_targets;
  bool is_actors;  // for the reports
};

/// Queues steps of learning of all agents on one stream.
class Optimiser {
 public:
  /// `updates` is one number on the device: the updates made before the one under way.
  Optimiser(const Config& config, const Stream& stream, const TrainingBuffers& training,
            const std::int64_t* updates, OptimiserBuffers buffers);

  /// One step from network.gradient. A target is read next in the following update, so it may move
  /// as soon as its network has. Nobody but the report waits for the gradients' norms, unless they
  /// are clipped: then they are measured on `reporting`.
  void learn(const NetworkBuffers& network, const LearningRule& rule, SideStream& reporting) const;

  /// Adds the norms of network.gradient to the report, on any stream; for clipping they are kept.
  void measure_gradient(const NetworkBuffers& network, bool is_actors, cudaStream_t stream) const;

  /// The targets' Polyak step alone.
  void move_targets(const NetworkBuffers& network) const;

 private:
  void move_target_statistics(const NetworkBuffers& network) const;
  void move(std::int64_t floats_per_agent, const DeviceBuffer<float>& values,
            const DeviceBuffer<float>& targets) const;

  Config config_;
  cudaStream_t stream_;
  const AgentSettings& settings_;
  kernels::UpdateTotals* totals_;  // [agents]
  const std::int64_t* updates_;
  OptimiserBuffers buffers_;
  bool clips_, decays_weights_;
  std::int64_t decay_updates_;  // over which learning rates fall to zero; 0: they do not
};

}  // namespace polyak::cuda
