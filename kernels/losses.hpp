// The losses of critic and actor: their gradients, their values, and whether these are finite.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/update_totals.hpp"

namespace polyak::kernels {

/// The critic's loss is L = mean (Q(s, a) - y)^2 over the batch: dL/dQ = 2 (Q - y) / batch. L is
/// added to the agent's totals; the first L that is not finite is noted there.
struct CriticLoss {
  int agents, batch;
  const float* value;           // Q: [agents, batch]
  const float* target;          // y: [agents, batch]
  float* value_gradient;        // dL/dQ: [agents, batch]
  const std::int64_t* updates;  // one number on the device: the updates made before this one
  UpdateTotals* totals;         // [agents]
};
cudaError_t launch_critic_loss(const CriticLoss& arguments, cudaStream_t stream);

/// The actor's loss is L = -mean Q(s, actor(s)) over the batch: dL/dQ = -1 / batch.
struct ActorLoss {
  int agents, batch;
  const float* value;           // Q: [agents, batch]
  float* value_gradient;        // dL/dQ: [agents, batch]
  const std::int64_t* updates;  // one number on the device: the updates made before this one
  UpdateTotals* totals;         // [agents]
};
cudaError_t launch_actor_loss(const ActorLoss& arguments, cudaStream_t stream);

}  // namespace polyak::kernels
