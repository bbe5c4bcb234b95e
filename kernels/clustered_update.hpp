// One whole update of DDPG in one launch, for wide networks: every agent by several clusters of
// blocks.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/arrays.hpp"
#include "polyak/core/activation.hpp"

namespace polyak::kernels {

/// One network of every agent: two hidden layers of the update's width and an output. Arrays are
/// [agents, stride], tensors as in agent/agent.hpp: W [outputs, inputs] and b [outputs].
struct ClusteredNetwork {
  float *parameters, *target, *first_moment, *second_moment;
  float* gradient;  // dL/dparameters is left here
  float* sums;      // [agents, groups, stride]: scratch, zeros before the first launch
  std::int64_t stride;
  std::int64_t weight[3], bias[3];  // floats from the agent's first
  Activation hidden[2];
  const float* learning_rate;  // [agents]
};

/// An update as Spinning Up orders it (Lillicrap et al. 2015, arXiv 1509.02971, algorithm 1): the
/// critic and its target learn first, the actor and its target from the new critic. The bits are
/// those of the layered engine's kernels.
struct ClusteredUpdate {
  int agents, batch;
  int width;           // of every hidden layer
  int cluster_blocks;  // of choose_cluster_blocks()
  int observation_size, action_size;
  ConstStridedBatch transition;     // [batch, observation | action]
  ConstStridedBatch next;           // [batch, observation] after the return's last step
  const float* reward;              // [agents, batch]
  const float* bootstrap_discount;  // [agents, batch]
  ClusteredNetwork actor, critic;
  const float* tau;  // [agents]
  float beta1, beta2, epsilon;
  const std::int64_t* updates;  // one number on the device: the updates made before this one
  float *value, *target;        // [agents, batch]: Q(o, a) and y, for the report
  float* policy_value;          // [agents, batch]: Q(o, actor(o))
  unsigned* arrivals;           // [agents]: zero before the first launch
};

/// Whether there is a kernel for these sizes.
bool has_clustered_update(int width, int batch, int observation_size, int action_size);

/// The blocks of the largest clusters of which the device has room for all of so many agents' at a
/// time, as an agent's blocks wait for each other; 0 if there are none.
cudaError_t choose_cluster_blocks(int width, int batch, int agents, int* blocks);

/// Launches the kernel for so many agents with nothing to do: whether a device takes clusters in a
/// cooperative launch is best asked of the device.
cudaError_t probe_clustered_update(int width, int batch, int agents, int cluster_blocks,
                                   cudaStream_t stream);

/// cudaErrorInvalidValue without has_clustered_update().
cudaError_t launch_clustered_update(const ClusteredUpdate& arguments, cudaStream_t stream);

}  // namespace polyak::kernels
