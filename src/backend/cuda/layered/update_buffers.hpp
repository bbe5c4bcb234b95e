// The scratch memory of the layered engine's updates.
#pragma once

#include <vector>

#include "backend/cuda/layered/batch_sampler.hpp"
#include "backend/cuda/layered/clustered_update.hpp"
#include "backend/cuda/layered/network_pass.hpp"
#include "backend/cuda/layered/optimiser.hpp"
#include "kernels/losses.hpp"

namespace polyak::cuda {

struct UpdateBuffers {
  UpdateBuffers(const Config& config, MemoryBudget& budget);

  SampledBatch batch;
  DeviceBuffer<float> target;                 // [agents, batch]: y
  DeviceBuffer<float> next_value;             // [agents, critics, batch]: Q'(o', actor'(o'))
  DeviceBuffer<float> value, value_gradient;  // [agents, critics, batch]: Q(o, a), dL/dQ
  DeviceBuffer<float> policy_value;           // [agents, batch]: Q(o, actor(o))
  DeviceBuffer<float> policy_value_gradient;  // [agents, batch]: dL/dQ of the actor, a constant
                                              // for single transitions
  BatchMatrix action_gradient;  // [batch, action_size]: before the actor's output activation
  HiddenLayers actor_hidden, target_actor_hidden;
  std::vector<HiddenLayers> critic_hidden, target_critic_hidden;  // [critics]
  OptimiserBuffers optimiser;
  ClusteredBuffers clustered;
};

}  // namespace polyak::cuda
