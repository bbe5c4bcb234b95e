#pragma once

// Vector steps of the environments of one block: act, explore, step, store.

#include "kernels/agent_views.cuh"
#include "kernels/fused/network_pass.cuh"
#include "kernels/random.cuh"
#include "kernels/reduction.cuh"

namespace polyak::kernels::fused {

/// The environments [first, end) of one agent, which a block steps, and what its rows are drawn of.
template <Environment E>
struct BlockEnvironments {
  std::int64_t first, end;
  EnvironmentsView<E> environments;
  EnvironmentSettings<E> settings;
  ReplayView replay;
  ReturnSettings returns;
  std::int64_t* max_closed_rows;
};

/// The actor and where it runs.
struct Acting {
  const Network& actor;
  const float* parameters;
  float* input;  // [observation | action]: the action's features become the actor's output
  float* hidden;
};

/// One vector step of up to rows.count environments from `first` on; thread i has number first + i.
template <class Shape, Precision precision, Environment E>
__device__ POLYAK_INLINE std::int64_t step_environments(const BlockEnvironments<E>& block,
                                                        std::int64_t first,
                                                        std::int64_t vector_step,
                                                        const CurandRandom& random,
                                                        const Acting& acting, const Rows& rows) {
  std::int64_t max_closed = 0;
  const auto for_each_environment = [&](const auto& visit) {
    for (int i = static_cast<int>(threadIdx.x); i < rows.count; i += Shape::threads()) {
      if (first + i < block.end) visit(i, first + i);
    }
  };
  float* const actions = acting.input + E::observation_size * rows.pitch;
  if (!block.settings.warmup) {
    for_each_environment([&](int row, std::int64_t environment) {
      float observation[E::observation_size];
      E::observe(block.environments.states[environment], observation);
      for (int f = 0; f < E::observation_size; ++f) {
        acting.input[f * rows.pitch + row] = observation[f];
      }
    });
    __syncthreads();
    forward<Shape, precision>(
        {acting.actor, acting.parameters, acting.input, acting.hidden, actions}, rows);
  }
  for_each_environment([&](int row, std::int64_t environment) {
    float policy_action[E::action_size], action[E::action_size];
    for (int i = 0; i < E::action_size; ++i) policy_action[i] = actions[i * rows.pitch + row];
    choose_action(block.settings, policy_action, environment, vector_step, random,
                  block.environments.exploration_noise + environment * E::action_size, action);
    if (!block.settings.warmup) {
      note_saturation<E::action_size>(policy_action, block.environments.totals[environment]);
    }
    step_and_store(block.settings, block.environments, block.replay, action, environment,
                   vector_step, random);
    const std::int64_t closed = closed_rows(block.replay, environment);
    max_closed = closed > max_closed ? closed : max_closed;
  });
  return max_closed;
}

/// One vector step of all environments of the block. Ends with the block's threads apart: what they
/// stored is for others after a barrier over the agent's blocks.
template <class Shape, Precision precision, Environment E>
__device__ POLYAK_INLINE void step_block(const BlockEnvironments<E>& block,
                                         std::int64_t vector_step, const CurandRandom& random,
                                         const Acting& acting, const Rows& rows) {
  std::int64_t max_closed = 0;
  for (std::int64_t first = block.first; first < block.end; first += rows.count) {
    const std::int64_t closed =
        step_environments<Shape, precision>(block, first, vector_step, random, acting, rows);
    max_closed = closed > max_closed ? closed : max_closed;
  }
  // The maximum of integers does not depend on the order.
  max_closed = warp_max(max_closed);
  if (threadIdx.x % 32 == 0 && max_closed > 0) {
    atomicMax(reinterpret_cast<long long*>(block.max_closed_rows),
              static_cast<long long>(max_closed));
  }
}

}  // namespace polyak::kernels::fused
