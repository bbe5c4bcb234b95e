// How one agent's training is laid out for the fused engine: its networks packed for fast reading,
// the matrices of a block, and which of it lies in shared memory. Made by plan_builder.hpp, read by
// the kernel. Plain C++: no CUDA syntax.
//
// Matrices over a batch are feature-major: a feature is a row of `row_pitch` floats, one for
// each row of the batch. All three products of a linear layer then read four floats at a time.
#pragma once

#include <cstdint>

#include "polyak/core/activation.hpp"
#include "polyak/core/host_device.hpp"
#include "polyak/core/precision.hpp"
#include "polyak/core/summation.hpp"

namespace polyak::kernels::fused {

inline constexpr int max_layers = 5;  // four hidden ones and the output

/// A weight tile: what one warp learns at a time.
inline constexpr int tile_rows = TileOrder::tile_rows, tile_columns = TileOrder::tile_columns;
inline constexpr int tile_floats = tile_rows * tile_columns;

/// The depth of every product is a multiple of this; what is beyond the real depth is zero.
POLYAK_HOST_DEVICE constexpr int depth_multiple(Precision precision) {
  return precision == Precision::fp32 ? 4 : precision == Precision::bf16 ? 16 : 8;
}

POLYAK_HOST_DEVICE constexpr int round_up(int value, int multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

/// A pitch of at least `floats` at which the 16-byte reads of eight neighbouring rows meet in no
/// bank of shared memory: an odd multiple of four.
POLYAK_HOST_DEVICE constexpr int conflict_free_pitch(int floats) {
  const int quads = (floats + 3) / 4;
  return (quads % 2 == 1 ? quads : quads + 1) * 4;
}

/// One linear layer, y = activation(W x + b), in packed parameters: W [outputs, pitch] with zeros
/// after its inputs and in rows up to a multiple of the depth, then b [outputs].
struct Layer {
  int inputs, outputs;
  int pitch;
  int weight, bias;  // floats from the start of the packed parameters
  Activation activation;
  int hidden;      // the feature, among the network's hidden ones, where its outputs begin
  int first_tile;  // its tiles: for every 16 outputs, the inputs by eights and then the bias
  std::int64_t flat_weight, flat_bias;  // floats from the start of the flat parameters

  POLYAK_HOST_DEVICE constexpr int tiles_across() const {
    return (inputs + tile_columns - 1) / tile_columns + 1;
  }
  POLYAK_HOST_DEVICE constexpr int tiles() const {
    return (outputs + tile_rows - 1) / tile_rows * tiles_across();
  }
  bool operator==(const Layer&) const = default;
};

/// A multilayer perceptron in packed parameters.
struct Network {
  int layer_count;
  Layer layers[max_layers];
  int floats;  // packed parameters, a multiple of 4
  int tiles;   // weight tiles of all layers

  POLYAK_HOST_DEVICE constexpr const Layer& output_layer() const { return layers[layer_count - 1]; }
  bool operator==(const Network&) const = default;
};

/// Whether what runs through the packed parameters of one network may run through the other's: all
/// is in the same places but for the first layer's inputs and the output's activation.
POLYAK_HOST_DEVICE constexpr bool has_same_layout(const Network& a, const Network& b) {
  if (a.layer_count != b.layer_count || a.floats != b.floats || a.tiles != b.tiles) return false;
  for (int i = 0; i < a.layer_count; ++i) {
    const Layer &first = a.layers[i], &second = b.layers[i];
    if (first.outputs != second.outputs || first.pitch != second.pitch ||
        first.weight != second.weight || first.bias != second.bias ||
        first.hidden != second.hidden || first.first_tile != second.first_tile ||
        first.tiles() != second.tiles()) {
      return false;
    }
    const bool is_output = i + 1 == a.layer_count;
    if (!is_output && first.activation != second.activation) return false;
    if (i > 0 && first.inputs != second.inputs) return false;
  }
  return true;
}

/// Where a block's rows of the batch are drawn to, by the number of the first feature of each.
struct SampledFeatures {
  int transition;          // [observation | action]: the critic's input
  int next;                // [observation | action] of the next step; also where the actor acts
  int reward;              // or the return of several steps
  int bootstrap_discount;  // 0 after a termination
  bool operator==(const SampledFeatures&) const = default;
};

/// The features of one block, by the number of the first of each matrix.
struct Features {
  // Where the next batch is drawn while this one is learnt, of updates with an even number and with
  // an odd one. Elsewhere all are the first.
  SampledFeatures sampled[2];
  int actor_hidden, critic_hidden;  // hidden outputs, or the other network's gradients
  int target_hidden;  // of both targets, and then the critic's hidden gradients; the actor's place
                      // where passes come one by one
  int policy_action;  // of the actor, before it may take the place of the batch's own
  int critic_gradient;  // dL/dQ
  int actor_gradient;   // [action_size]: dL/d(action before its activation)
  int exchanged;        // the features before this one are what learning reads of other blocks
  int value;            // Q
  int target;           // y
  int count;

  bool operator==(const Features&) const = default;
};

/// Where an array lies: in the block's shared memory, or in the agent's scratch memory, where every
/// block has its own or all share one.
struct Place {
  bool shared;
  std::int64_t offset;  // floats from the start of that memory
  std::int64_t
      block_stride;  // in scratch memory: floats from one block's to the next; 0: one array

  POLYAK_HOST_DEVICE constexpr bool is_common() const { return !shared && block_stride == 0; }
  bool operator==(const Place&) const = default;
};

struct Plan {
  Network actor, critic;
  int observation_size, action_size;
  int batch;
  int cluster_blocks;  // blocks per agent
  int threads;         // of a block
  int rows;            // of the batch in one block, padded
  int group_blocks;    // whose rows lie side by side in each of their matrices: learn_groups.cuh
  int row_pitch;       // floats from one feature to the next in a block
  bool draws_ahead;    // the next batch, while this one is learnt
  Features features;

  Place matrices;                             // [features.count, row_pitch]
  Place actor_parameters, critic_parameters;  // packed
  Place actor_target, critic_target;          // packed
  Place actor_moments, critic_moments;  // [tiles of the block, 2, tile_floats] by lanes of a warp

  // Where every block, or every two, have the rows of one group (RowOrder) and all their arrays are
  // in shared memory: learn_groups.cuh.
  bool sums_by_block;
  int block_tiles;   // of the network with more tiles, in a block, at most
  Place group_sums;  // [groups, block_tiles, tile_floats]

  // In scratch memory, for what goes between the blocks of an agent.
  std::int64_t exchange;                           // [features.exchanged, rows of all blocks]
  std::int64_t published_actor, published_critic;  // packed
  std::int64_t losses;  // doubles: [2, the critic's, the actor's and Q, rows of all blocks]
  std::int64_t squared_gradients;  // doubles: [2, the critic's and then the actor's tiles]
  std::int64_t scratch_floats;     // of one agent
  int shared_bytes;                // of one block

  POLYAK_HOST_DEVICE constexpr int all_rows() const { return cluster_blocks * rows; }
  POLYAK_HOST_DEVICE constexpr int group_rows() const { return group_blocks * rows; }
  /// Whether a block has so few rows that two networks are passed through at once.
  POLYAK_HOST_DEVICE constexpr bool pairs_passes() const { return group_blocks > 1; }
  bool operator==(const Plan&) const = default;
};

/// Whether a kernel may have this plan as a constant (shape.cuh): both networks pass through the
/// same code, and the functions that it calls find their arrays in shared memory. Such a kernel is
/// for devices with clusters. Those before them, with at most 163 KiB for a block, never get such a
/// plan.
POLYAK_HOST_DEVICE constexpr bool may_be_constant(const Plan& plan) {
  constexpr int max_bytes_without_clusters = 163 * 1024;
  return has_same_layout(plan.actor, plan.critic) && plan.matrices.shared &&
         plan.actor_target.shared && plan.critic_target.shared &&
         (plan.cluster_blocks > 1 || plan.shared_bytes > max_bytes_without_clusters);
}

}  // namespace polyak::kernels::fused
