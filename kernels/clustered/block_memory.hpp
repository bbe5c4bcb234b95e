// How an update is shared out (clustered_update.hpp), and what a block keeps in shared memory.
//
// An agent has a cluster for each group of rows of the batch (RowOrder), and a block of it has some
// features of every hidden layer. Matrices are feature-major: a feature is a row of `pitch` floats,
// one for each row of the group. Every block of a cluster has whole hidden layers: each stores its
// features into all. Plain C++: no CUDA syntax.
#pragma once

#include "polyak/core/adam.hpp"
#include "polyak/core/host_device.hpp"

namespace polyak::kernels::clustered {

inline constexpr int threads = 256, warps = threads / 32;
inline constexpr int max_inputs = 8, max_actions = 2;  // of a critic; of an actor's outputs

/// What the compiler knows: the hidden layers' width, the rows of a group, and the blocks of a
/// cluster.
template <int Width, int Rows, int Blocks>
struct Sizes {
  static constexpr int width = Width, rows = Rows, blocks = Blocks;
  static constexpr int features = width / blocks;  // of a hidden layer, in a block
  static_assert(features % 16 == 0 && rows % 16 == 0);
  // Four floats more, so that eight features' 16 bytes meet in no bank.
  static constexpr int pitch = rows + 4, weight_pitch = width + 4;
  // For fused/block_product.cuh.
  static constexpr int unrolled_thin_steps = 16;
  POLYAK_HOST_DEVICE static constexpr int threads() { return clustered::threads; }
};

/// A network's output layer, and the biases of the block's features of the second hidden one.
template <class S>
struct EdgeParameters {
  float second_bias[S::features];
  float last_weight[max_actions * S::width];  // [outputs, width]
  float last_bias[4];
};

/// A network's hidden layers, each [width, pitch]: outputs, and later gradients in their place.
template <class S>
struct HiddenLayers {
  float first[S::width * S::pitch], second[S::width * S::pitch];
};

template <class S>
struct BlockMemory {
  HiddenLayers<S> critic, other;  // the other is of whichever network has its turn
  // Two slices of hidden products' weights, forwards [features, weight_pitch], back [width,
  // features].
  float weights[2][S::features * S::weight_pitch];
  float transition[max_inputs * S::pitch];  // [observation | action]
  float next[max_inputs * S::pitch];        // [observation | action] of the next step
  float policy[max_inputs * S::pitch];      // [observation | actor's action]
  float reward[S::pitch], bootstrap_discount[S::pitch];
  float value[S::pitch], next_value[S::pitch];
  float value_gradient[S::pitch];                 // dL/dQ
  float action_gradient[max_actions * S::pitch];  // before the actor's output activation
  EdgeParameters<S> actor_edge, critic_edge, target_actor_edge, target_critic_edge;
  AdamStep actor_step, critic_step;
};

}  // namespace polyak::kernels::clustered
