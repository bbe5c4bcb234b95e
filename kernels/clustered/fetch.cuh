#pragma once

// What a block reads of the training's arrays: its rows of the batch and its part of the networks.

#include "kernels/clustered/network_pass.cuh"
#include "kernels/clustered_update.hpp"

namespace polyak::kernels::clustered {

/// Begins to copy a network's output layer and the second's biases, by one warp.
template <class S>
__device__ POLYAK_OUT_OF_LINE void fetch_edge(int place, const ClusteredNetwork& network,
                                              const float* parameters, int outputs) {
  auto& edge = at_place<EdgeParameters<S>>(place);
  const int first = static_cast<int>(cluster_rank()) * S::features;
  const int lane = thread_of_block() % 32;
  for (int i = lane * 4; i < outputs * S::width; i += 32 * 4) {
    begin_async_copy<16>(edge.last_weight + i, parameters + network.weight[2] + i);
  }
  if (lane < S::features) {
    begin_async_copy<4>(edge.second_bias + lane, parameters + network.bias[1] + first + lane);
  }
  if (lane < outputs) {
    begin_async_copy<4>(edge.last_bias + lane, parameters + network.bias[2] + lane);
  }
  commit_async_copies();
}

/// The same of the critic's first weights of the action: [actions, width].
template <class S>
__device__ POLYAK_INLINE void fetch_action_weights(float* weights, const ClusteredNetwork& critic,
                                                   const float* parameters, int observation_size,
                                                   int action_size) {
  const int inputs = observation_size + action_size;
  for (int i = thread_of_block(); i < action_size * S::width; i += threads) {
    const int action = i / S::width, feature = i % S::width;
    begin_async_copy<4>(
        weights + i, parameters + critic.weight[0] + feature * inputs + observation_size + action);
  }
  commit_async_copies();
}

/// The group's rows, with zeros where there are fewer.
template <class S>
__device__ POLYAK_INLINE void load_rows(BlockMemory<S>& memory, const ClusteredUpdate& arguments,
                                        std::int64_t agent, int first_row, int batch_rows) {
  const int observation = arguments.observation_size;
  const int inputs = observation + arguments.action_size;
  const auto value = [&](const ConstStridedBatch& matrix, int row, int column) {
    return matrix
        .data[agent * matrix.agent_stride + (first_row + row) * matrix.leading_dimension + column];
  };
  for (int i = thread_of_block(); i < S::rows * inputs; i += threads) {
    const int row = i % S::rows, column = i / S::rows, at = column * S::pitch + row;
    const bool is_real = row < batch_rows, is_observed = column < observation;
    const float now = is_real ? value(arguments.transition, row, column) : 0.0f;
    memory.next[at] = is_real && is_observed ? value(arguments.next, row, column) : 0.0f;
    memory.transition[at] = now;
    memory.policy[at] = now;  // the action's place is the actor's
  }
  for (int row = thread_of_block(); row < S::rows; row += threads) {
    const std::int64_t at = agent * arguments.batch + first_row + row;
    memory.reward[row] = row < batch_rows ? arguments.reward[at] : 0.0f;
    memory.bootstrap_discount[row] = row < batch_rows ? arguments.bootstrap_discount[at] : 0.0f;
  }
}

}  // namespace polyak::kernels::clustered
