#pragma once

// One network learns: weight gradients over the whole batch, Adam, and the target's Polyak step.
//
// The blocks of an agent share out the weight tiles. A warp computes a tile's gradient in its
// registers and applies it there, so gradients are never stored; of each tile only the sum of its
// squares is, for the report of the gradient's norm. Each element is summed over the batch by one
// warp, in the order of polyak/core/summation.hpp, whatever the number of blocks.

#include "kernels/fused/adam_updates.hpp"
#include "kernels/fused/weight_tiles.cuh"
#include "kernels/gradient_tile.cuh"

namespace polyak::kernels::fused {

/// A matrix of features over the whole batch.
struct BatchFeatures {
  const float* data;  // [features, pitch]
  int pitch;
};

/// What a network learns from: the inputs of its first layer, the outputs of its hidden layers, the
/// gradients before their activations, and the gradient before the output's.
struct LearningInput {
  BatchFeatures input, hidden, hidden_gradient, output_gradient;
  int depth;        // rows of the batch, padded: a multiple of depth_multiple(precision)
  int group_depth;  // of which so many are a group
};

/// Where new parameters go. With one block, or where all blocks read the same copy, they replace
/// the old ones at once and the target follows. Otherwise they are published, and every block
/// fetches them after a barrier (adopt_parameters).
struct LearningOutput {
  float* parameters;
  float* target;
  float* published;  // nullptr: replace at once
  float* moments;    // of this block's tiles, plan.hpp
  float tau;
  double* squared_gradients;  // [tiles of the network]
};

/// A bias's gradient, to the lanes 2 r and 2 r + 1 of row r: the two sum groups of rows in turn.
__device__ POLYAK_INLINE float bias_gradient(const DepthContiguous& above, int row, int depth,
                                             int group_depth) {
  const int odd = static_cast<int>(threadIdx.x) % 2;
  float total = 0.0f;
  for (int first = 0; first < depth; first += 2 * group_depth) {
    float sum = 0.0f;
    const int begin = first + odd * group_depth;
    for (int k = begin; k < min(begin + group_depth, depth); k += 4) {
      float four[4];
      above.read<tile_rows>(row, k, four);
#pragma unroll
      for (int i = 0; i < 4; ++i) sum += four[i];
    }
    const float other = __shfl_xor_sync(0xffffffffu, sum, 1);
    total += odd == 0 ? sum : other;
    total += odd == 0 ? other : sum;
  }
  return total;
}

/// The gradient's elements of a lane, which were 0: dW = dY X^T, or db = the sums of dY's rows. Of
/// this tile and of those to its right.
template <class Shape, Precision precision, int tiles>
__device__ POLYAK_INLINE void tile_gradient(const Tile& tile, const BatchFeatures& input,
                                            const BatchFeatures& output_gradient,
                                            const LearningInput& batch,
                                            float (&gradient)[tiles][4]) {
  const DepthContiguous above{output_gradient.data, output_gradient.pitch, tile.outputs};
  if (tile.is_bias) {
    gradient[0][0] = bias_gradient(above, tile.row + static_cast<int>(threadIdx.x) % 32 / 2,
                                   batch.depth, batch.group_depth);
    return;
  }
  const DepthContiguous below{input.data, input.pitch, tile.inputs};
  for (int first = 0; first < batch.depth; first += batch.group_depth) {
    WarpProduct<precision, 1, tiles> product;
    product.template accumulate<Shape::unrolled_steps>(above, below, tile.row, tile.column, first,
                                                       min(first + batch.group_depth, batch.depth));
#pragma unroll
    for (int j = 0; j < tiles; ++j) {
#pragma unroll
      for (int i = 0; i < 4; ++i) gradient[j][i] += product.sums[0][j][i];
    }
  }
}

/// Stores the sum of a tile's squared gradients; called by one warp.
__device__ POLYAK_INLINE void store_squares(const Tile& tile, const float (&gradient)[4],
                                            double* of_tiles) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  float existing[4];
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    existing[i] = tile_element(tile, lane, i).exists ? gradient[i] : 0.0f;
  }
  const double squares = tile.is_bias ? squares_of_column(existing[0]) : squares_of_tile(existing);
  if (lane == 0) of_tiles[tile.number] = squares;
}

/// A lane's moments of a tile.
struct LaneMoments {
  float4 first, second;
};

/// The moments of the warp's tile number `index`: [2, lanes].
template <class Shape>
__device__ POLYAK_INLINE float4* moments_of_tile(const LearningOutput& output, int index) {
  return reinterpret_cast<float4*>(output.moments + tile_moments<Shape>(index)) +
         static_cast<int>(threadIdx.x) % 32;
}
__device__ POLYAK_INLINE LaneMoments load_moments(const float4* moments) {
  return {moments[0], moments[tile_floats / 4]};
}

/// Adam on a lane's elements of one tile: store(elements, their new parameters).
template <class Store>
__device__ POLYAK_INLINE void apply_gradient(const Tile& tile, const float (&gradient)[4],
                                             const AdamStep& step, const LearningOutput& output,
                                             const LaneMoments& loaded, float4* moments,
                                             const Store& store) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  float first[4] = {loaded.first.x, loaded.first.y, loaded.first.z, loaded.first.w};
  float second[4] = {loaded.second.x, loaded.second.y, loaded.second.z, loaded.second.w};
  TileElement elements[4];
  float parameters[4], existing[4];
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    elements[i] = tile_element(tile, lane, i);
    existing[i] = elements[i].exists ? gradient[i] : 0.0f;
    parameters[i] = elements[i].exists ? output.parameters[elements[i].offset] : 0.0f;
  }
  adam_updates(step, existing, parameters, first, second);
  store(elements, parameters);
  moments[0] = {first[0], first[1], first[2], first[3]};
  moments[tile_floats / 4] = {second[0], second[1], second[2], second[3]};
}

/// A new parameter replaces the old one: then target <- target + tau (parameter - target).
__device__ POLYAK_INLINE void replace_parameter(const LearningOutput& output, int at, float value) {
  output.parameters[at] = value;
  output.target[at] = polyak_average(output.target[at], value, output.tau);
}

/// Publishes new parameters, or replaces the old ones.
struct ReplaceParameters {
  const LearningOutput& output;

  __device__ POLYAK_INLINE void operator()(const TileElement (&elements)[4],
                                           const float (&values)[4]) const {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const int at = elements[i].offset;
      if (!elements[i].exists) continue;
      if (output.published != nullptr) {
        output.published[at] = values[i];
      } else {
        replace_parameter(output, at, values[i]);
      }
    }
  }
};

/// The inputs of a layer and the gradients before its activation.
struct LayerInput {
  BatchFeatures below, above;
};
template <class Shape>
__device__ POLYAK_INLINE LayerInput layer_input(const Network& network, int index,
                                                const LearningInput& input) {
  LayerInput result{input.input, input.output_gradient};
  if (index > 0) {
    result.below = input.hidden;
    result.below.data += network.layers[index - 1].hidden * result.below.pitch;
  }
  if (index + 1 < Shape::layers(network)) {
    result.above = input.hidden_gradient;
    result.above.data += network.layers[index].hidden * result.above.pitch;
  }
  return result;
}

/// layer_input() of a layer whose index the compiler does not know.
template <class Shape>
__device__ POLYAK_INLINE LayerInput layer_input_of(const Network& network, int layer,
                                                   const LearningInput& input) {
  if constexpr (Shape::is_known) {
    LayerInput result{};
    for_each_layer<Shape>(network, [&](int i) POLYAK_INLINE_LAMBDA {
      if (i == layer) result = layer_input<Shape>(network, i, input);
    });
    return result;
  } else {
    return layer_input<Shape>(network, layer, input);
  }
}

/// One tile learns: number `index` of the warp's.
template <class Shape, Precision precision>
__device__ POLYAK_INLINE void learn_tile(const Tile& tile, const LayerInput& from, int index,
                                         const LearningInput& input, const AdamStep& step,
                                         const LearningOutput& output) {
  // Where there is no room for them in shared memory they take a while to arrive.
  float4* const moments = moments_of_tile<Shape>(output, index);
  const LaneMoments loaded = load_moments(moments);
  float gradient[1][4] = {};
  tile_gradient<Shape, precision>(tile, from.below, from.above, input, gradient);
  store_squares(tile, gradient[0], output.squared_gradients);
  apply_gradient(tile, gradient[0], step, output, loaded, moments, ReplaceParameters{output});
}

/// The tiles of this block learn. Begins after a barrier over the agent's blocks that follows the
/// last write to `input`; must be followed by another before the parameters are read.
template <class Shape, Precision precision>
struct LearnTiles {
  __device__ POLYAK_INLINE void operator()(const Network& network, const LearningInput& input,
                                           const AdamStep& step, const LearningOutput& output,
                                           int block, int blocks) const {
    visit_tiles<Shape>(network, tile_share<Shape>(block, blocks),
                       [&](int layer, const Tile& tile, int index) POLYAK_INLINE_LAMBDA {
                         learn_tile<Shape, precision>(tile,
                                                      layer_input_of<Shape>(network, layer, input),
                                                      index, input, step, output);
                       });
  }
};

/// Every block's own copy of the target follows new parameters, by so many of its threads, of which
/// this is one. No barrier within.
template <class Shape>
__device__ POLYAK_INLINE void follow_parameters(const Network& network,
                                                const float* __restrict__ from,
                                                float* __restrict__ to, float tau,
                                                int threads = Shape::threads()) {
  const auto* const parameters = reinterpret_cast<const float4*>(from);
  auto* const target = reinterpret_cast<float4*>(to);
  for (int i = static_cast<int>(threadIdx.x); i < network.floats / 4; i += threads) {
    const float4 value = parameters[i];
    float4 mean = target[i];
    mean.x = polyak_average(mean.x, value.x, tau);
    mean.y = polyak_average(mean.y, value.y, tau);
    mean.z = polyak_average(mean.z, value.z, tau);
    mean.w = polyak_average(mean.w, value.w, tau);
    target[i] = mean;
  }
}

/// Where parameters are published, every block takes them into its own copy and lets its own copy
/// of the target follow, after a barrier over the agent's blocks. Ends with a barrier.
template <class Shape>
__device__ POLYAK_INLINE void adopt_parameters(const Network& network,
                                               const LearningOutput& output) {
  if (output.published == nullptr) return;
  const auto* const published = reinterpret_cast<const float4*>(output.published);
  auto* const parameters = reinterpret_cast<float4*>(output.parameters);
  for (int i = static_cast<int>(threadIdx.x); i < network.floats / 4; i += Shape::threads()) {
    parameters[i] = published[i];
  }
  follow_parameters<Shape>(network, output.published, output.target, output.tau);
  __syncthreads();
}

}  // namespace polyak::kernels::fused
