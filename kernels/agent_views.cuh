#pragma once

// One agent's part of the arrays of a population, as the functions that CPU and GPU share see it.

#include "kernels/environments.hpp"
#include "kernels/grid.cuh"

namespace polyak::kernels {

__device__ inline ReplayView replay_of(const Replays& replays, std::int64_t agent) {
  const std::int64_t first_environment = agent * replays.environments;
  return {replays.rows + first_environment * replays.rows_per_environment * replays.layout.floats(),
          replays.rows_written + first_environment, replays.environments,
          replays.rows_per_environment, replays.layout};
}

template <Environment E>
__device__ EnvironmentsView<E> environments_of(const EnvironmentArrays& arrays,
                                               std::int64_t environments, std::int64_t agent) {
  const std::int64_t first = agent * environments;
  return {reinterpret_cast<typename E::State*>(arrays.states) + first,
          arrays.exploration_noise + first * E::action_size, arrays.episode_steps + first,
          arrays.episode_returns + first, arrays.totals + first};
}

template <Environment E>
__device__ EnvironmentSettings<E> settings_of(const typename E::Parameters& parameters,
                                              int time_limit, const ExplorationArrays& exploration,
                                              std::int64_t agent) {
  return {parameters, exploration.plans[agent], time_limit, exploration.warmup};
}

__device__ inline ObservationNormaliser normaliser_of(const Normalisers& normalisers,
                                                      std::int64_t agent) {
  if (normalisers.mean == nullptr) return {nullptr, nullptr};
  const std::int64_t first = agent * normalisers.observation_size;
  return {normalisers.mean + first, normalisers.scale + first};
}

/// Row `row` of one agent's matrix.
__device__ inline const float* row_of(const ConstStridedBatch& matrices, std::int64_t agent,
                                      std::int64_t row) {
  return matrices.data + agent * matrices.agent_stride + row * matrices.leading_dimension;
}
__device__ inline float* row_of(const StridedBatch& matrices, std::int64_t agent,
                                std::int64_t row) {
  return matrices.data + agent * matrices.agent_stride + row * matrices.leading_dimension;
}

}  // namespace polyak::kernels
