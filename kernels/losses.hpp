// The losses of critic and actor: their gradients, their values, and whether these are finite.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/update_totals.hpp"
#include "polyak/core/losses.hpp"

namespace polyak::kernels {

/// A critic's loss is L = mean (Q(s, a) - y)^2 over the batch (polyak/core/losses.hpp). L, the
/// mean over an agent's critics, is added to the agent's totals, and so is the mean of Q; the first
/// loss that is NaN or beyond float32's range is noted there.
///
/// With weights, of sequences, the mean is over the rows with weight 1 (without any, L is 0). The
/// others, with weight 0, are ignored, even if they are NaN, and have gradient 0.
struct CriticLoss {
  int agents, batch;
  const float* value;           // Q: [agents, critics, batch]
  const float* target;          // y: [agents, batch]
  float* value_gradient;        // dL/dQ: [agents, critics, batch]
  const std::int64_t* updates;  // one number on the device: the updates made before this one
  UpdateTotals* totals;         // [agents]
  std::int64_t* count;          // another number on the device, set to *updates + 1; may be nullptr
  int critics = 1;              // of an agent
  const float* weight = nullptr;                // [agents, batch], or all rows count
  const std::int32_t* weighted_rows = nullptr;  // [agents]: rows with weight 1; with `weight`
  int steps = 1;  // the batch is of sequences of so many steps (RowOrder)
};
cudaError_t launch_critic_loss(const CriticLoss& arguments, cudaStream_t stream);

/// The actor's loss is L = -mean Q(s, actor(s)) over the batch, added to the agent's totals as the
/// critic's. Its gradient with respect to Q is the same number everywhere: actor_loss_gradient().
/// With weights, which are as the critic's, it is -weight / weighted_rows.
struct ActorLoss {
  int agents, batch;
  const float* value;             // Q: [agents, batch]
  const std::int64_t* updates;    // one number on the device: the updates made before this one
  UpdateTotals* totals;           // [agents]
  const float* weight = nullptr;  // [agents, batch], or all rows count
  const std::int32_t* weighted_rows = nullptr;  // [agents]: rows with weight 1; with `weight`
  float* value_gradient = nullptr;              // dL/dQ: [agents, batch], or not written
  int steps = 1;                                // as the critic\'s
};
cudaError_t launch_actor_loss(const ActorLoss& arguments, cudaStream_t stream);

}  // namespace polyak::kernels
