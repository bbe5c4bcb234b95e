#pragma once

// A network learns from the sums of all groups: each thread of an agent's blocks adds up the
// groups' gradients of four parameters, rising, makes their steps of Adam (Kingma & Ba 2015, arXiv
// 1412.6980, algorithm 1) and their target's Polyak step.

#include "kernels/clustered/block_memory.hpp"
#include "kernels/clustered_update.hpp"
#include "kernels/fused/adam_updates.hpp"
#include "kernels/fused/warp_product.cuh"
#include "polyak/core/summation.hpp"

namespace polyak::kernels::clustered {

/// Four parameters with all that their step needs.
struct LearningQuad {
  float gradient[4], parameters[4], first_moments[4], second_moments[4], targets[4];
};

__device__ POLYAK_INLINE void load_quad(float (&values)[4], const float* array, std::int64_t quad) {
  fused::read_vector(array + 4 * quad, values);
}
__device__ POLYAK_INLINE void store_quad(float* array, std::int64_t quad,
                                         const float (&values)[4]) {
  reinterpret_cast<float4*>(array)[quad] = {values[0], values[1], values[2], values[3]};
}

/// Quad i of the agent's, its gradient from sums [groups, stride].
__device__ POLYAK_INLINE LearningQuad load_learning_quad(const ClusteredNetwork& network,
                                                         std::int64_t agent, int groups,
                                                         std::int64_t i) {
  LearningQuad quad{};
  const std::int64_t at = agent * network.stride / 4 + i;
  float parts[max_row_groups][4] = {};
#pragma unroll
  for (int group = 0; group < max_row_groups; ++group) {
    if (group < groups) {
      load_quad(parts[group], network.sums + (agent * groups + group) * network.stride, i);
    }
  }
  load_quad(quad.parameters, network.parameters, at);
  load_quad(quad.first_moments, network.first_moment, at);
  load_quad(quad.second_moments, network.second_moment, at);
  load_quad(quad.targets, network.target, at);
#pragma unroll
  for (int group = 0; group < max_row_groups; ++group) {
    if (group >= groups) break;
#pragma unroll
    for (int j = 0; j < 4; ++j) quad.gradient[j] += parts[group][j];
  }
  return quad;
}

__device__ POLYAK_INLINE void learn_quad(const ClusteredNetwork& network, std::int64_t at,
                                         const AdamStep& step, float tau, LearningQuad& quad) {
  fused::adam_updates(step, quad.gradient, quad.parameters, quad.first_moments,
                      quad.second_moments);
  for (int j = 0; j < 4; ++j) {
    quad.targets[j] = polyak_average(quad.targets[j], quad.parameters[j], tau);
  }
  store_quad(network.parameters, at, quad.parameters);
  store_quad(network.first_moment, at, quad.first_moments);
  store_quad(network.second_moment, at, quad.second_moments);
  store_quad(network.target, at, quad.targets);
  store_quad(network.gradient, at, quad.gradient);
}

/// By thread `thread` of block `block` of the agent's `blocks`. A thread has one quad or two; the
/// second ones go to a few threads of every block, which do not wait for memory a second time.
__device__ POLYAK_OUT_OF_LINE inline void learn(const ClusteredNetwork& network, std::int64_t agent,
                                                int groups, const AdamStep& step, float tau,
                                                int thread, int block, int blocks) {
  const int quads = static_cast<int>(network.stride / 4), all = threads * blocks;
  const std::int64_t first = agent * quads;
  for (int begin = 0; begin < quads; begin += 2 * all) {
    const int i = begin + block * threads + thread, left = begin + all + thread * blocks + block;
    LearningQuad one{}, other{};
    if (i < quads) one = load_learning_quad(network, agent, groups, i);
    if (left < quads) other = load_learning_quad(network, agent, groups, left);
    if (i < quads) learn_quad(network, first + i, step, tau, one);
    if (left < quads) learn_quad(network, first + left, step, tau, other);
  }
}

}  // namespace polyak::kernels::clustered
