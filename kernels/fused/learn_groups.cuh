#pragma once

// One network learns, where every block of an agent has the rows of one group in the order of sums
// (RowOrder of polyak/core/summation.hpp), or two blocks have half of them each. A group's blocks
// sum its rows for all weights and send the sums of a tile to the block that learns it. That one
// adds up the groups, rising, makes Adam's step and sends the new parameters to all.
//
// Two blocks of a group first give each other their rows of what learning reads; then both have all
// rows of the group, and sum them for half of the tiles each.
//
// All goes through distributed shared memory, by stores that the receiver counts
// (transfer_barrier.cuh): sums that have all arrived say that every block has done with the
// network's parameters and may get new ones; parameters that have all arrived, that every block has
// done with the sums and with the rows.
//
// Tile t of a network is learnt by block t % blocks, as number t / blocks of its tiles.

#include "kernels/fused/learn.cuh"
#include "kernels/fused/network_pass.cuh"
#include "kernels/transfer_barrier.cuh"

namespace polyak::kernels::fused {

/// Whether the device that this is compiled for has clusters; elsewhere all this need not be.
__device__ POLYAK_INLINE constexpr bool clusters_exist() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 900
  return false;
#else
  return true;
#endif
}

/// What arrives in a block while a network learns.
struct Transfers {
  TransferBarrier rows, sums, parameters;

  __device__ POLYAK_INLINE void initialise() {
    rows.initialise();
    sums.initialise();
    parameters.initialise();
  }

  /// By one thread: all that a network's learning brings to block `block`. The other blocks of its
  /// group send so many features of their rows.
  __device__ POLYAK_INLINE void expect(const Plan& plan, const Network& network, int features,
                                       int block) {
    if (plan.group_blocks > 1) {
      rows.expect(static_cast<unsigned>(features * (plan.group_rows() - plan.rows)) *
                  sizeof(float));
    }
    const int tiles = divide_up(network.tiles - block, plan.cluster_blocks);
    const int groups = RowOrder{plan.batch}.groups();
    sums.expect(static_cast<unsigned>(tiles * groups * tile_floats) * sizeof(float));
    int count = 0;
    for (int i = 0; i < network.layer_count; ++i) {
      count += (network.layers[i].inputs + 1) * network.layers[i].outputs;
    }
    parameters.expect(static_cast<unsigned>(count) * sizeof(float));
  }
};

/// The sums that a block gets, and what it has to do with groups.
struct GroupSums {
  float* sums;  // [groups, tiles of a block, tile_floats] by lanes
  int tiles;    // of a block, at most
  int block, blocks;
  int groups;                 // with rows
  int group_blocks;           // of each
  int group, block_of_group;  // this block's
  Transfers* transfers;

  __device__ POLYAK_INLINE float* from(int sender, int tile) const {
    return sums + (sender * tiles + tile) * tile_floats +
           static_cast<int>(threadIdx.x) % 32 * (tile_floats / 32);
  }
};

__device__ POLYAK_INLINE GroupSums group_sums_of(const Plan& plan, float* sums, int block,
                                                 Transfers* transfers) {
  return {sums,
          plan.block_tiles,
          block,
          plan.cluster_blocks,
          RowOrder{plan.batch}.groups(),
          plan.group_blocks,
          block / plan.group_blocks,
          block % plan.group_blocks,
          transfers};
}

/// Gives the other blocks of the group `count` features from `first` on, of this block's rows.
template <class Shape>
__device__ POLYAK_INLINE void share_rows(const GroupSums& group, float* first, int count,
                                         const Rows& rows) {
  const int quads = rows.count / 4;
  for (int i = static_cast<int>(threadIdx.x); i < count * quads; i += Shape::threads()) {
    auto* const at = reinterpret_cast<float4*>(first + i / quads * rows.pitch + i % quads * 4);
    for (int other = 1; other < group.group_blocks; ++other) {
      group.transfers->rows.store(at, *at, static_cast<unsigned>(group.block ^ other));
    }
  }
}

/// Sends a lane's elements of a tile's sums over this block's rows.
__device__ POLYAK_INLINE void send_sums(const GroupSums& group, int number,
                                        const float (&sums)[4]) {
  float* const place = group.from(group.group, number / group.blocks);
  const auto owner = static_cast<unsigned>(number % group.blocks);
  group.transfers->sums.store(reinterpret_cast<float4*>(place),
                              float4{sums[0], sums[1], sums[2], sums[3]}, owner);
}

/// A layer's inputs and its gradients before the activation, of the group's rows.
struct LayerFeatures {
  DepthContiguous above, below;  // [outputs, rows], [inputs, rows]
  int rows;
};

template <class Shape>
__device__ POLYAK_INLINE int warps_of_group(const GroupSums& group) {
  return warps_of_block<Shape>() * group.group_blocks;
}

/// The pieces of work of a group go to the warps of its blocks in turn: the first of this warp,
/// after so many.
template <class Shape>
__device__ POLYAK_INLINE int first_piece(const GroupSums& group, int pieces_before) {
  const int warps = warps_of_group<Shape>(group);
  const int warp = warp_of_block() * group.group_blocks + group.block_of_group;
  return (warp + warps - pieces_before % warps) % warps;
}

/// Sums for a layer's weights, RowTiles x ColumnTiles tiles to a warp. Returns how many pieces.
template <class Shape, Precision precision, int RowTiles, int ColumnTiles>
__device__ POLYAK_INLINE int send_weight_sums(const Layer& layer, const LayerFeatures& features,
                                              const GroupSums& group, int pieces_before) {
  const int tiles_across = layer.tiles_across() - 1,
            tiles_down = layer.tiles() / (tiles_across + 1);
  const int across = divide_up(tiles_across, ColumnTiles);
  const int pieces = divide_up(tiles_down, RowTiles) * across;
  for (int piece = first_piece<Shape>(group, pieces_before); piece < pieces;
       piece += warps_of_group<Shape>(group)) {
    const int down = piece / across * RowTiles, right = piece % across * ColumnTiles;
    WarpProduct<precision, RowTiles, ColumnTiles> product;
    product.template accumulate<Shape::unrolled_steps>(
        features.above, features.below, down * tile_rows, right * tile_columns, 0, features.rows);
#pragma unroll
    for (int i = 0; i < RowTiles; ++i) {
#pragma unroll
      for (int j = 0; j < ColumnTiles; ++j) {
        if (down + i < tiles_down && right + j < tiles_across) {
          const int local = (down + i) * (tiles_across + 1) + right + j;
          send_sums(group, layer.first_tile + local, product.sums[i][j]);
        }
      }
    }
  }
  return pieces;
}

/// Sums for a layer's biases; lane 2 r has row r of a tile. Returns how many pieces.
template <class Shape>
__device__ POLYAK_INLINE int send_bias_sums(const Layer& layer, const LayerFeatures& features,
                                            const GroupSums& group, int pieces_before) {
  const int across = layer.tiles_across(), pieces = layer.tiles() / across;
  for (int piece = first_piece<Shape>(group, pieces_before); piece < pieces;
       piece += warps_of_group<Shape>(group)) {
    const int row = piece * tile_rows + static_cast<int>(threadIdx.x) % 32 / 2;
    float sums[4] = {};
    for (int k = 0; k < features.rows; k += 4) {
      float four[4];
      features.above.read<tile_rows>(row, k, four);
#pragma unroll
      for (int i = 0; i < 4; ++i) sums[0] += four[i];
    }
    send_sums(group, layer.first_tile + piece * across + across - 1, sums);
  }
  return pieces;
}

/// Sums for all tiles of a network over the group's rows, `input` being the group's own, or for
/// this block's share of the tiles.
template <class Shape, Precision precision>
struct SendSums {
  __device__ POLYAK_INLINE void operator()(const Network& network, const LearningInput& input,
                                           int rows, const GroupSums& group) const {
    if (group.group >= group.groups) return;
    int pieces = 0;
    for_each_layer<Shape>(network, [&](int index) POLYAK_INLINE_LAMBDA {
      const Layer& layer = network.layers[index];
      const LayerInput from = layer_input<Shape>(network, index, input);
      const LayerFeatures features{{from.above.data, from.above.pitch, layer.outputs},
                                   {from.below.data, from.below.pitch, layer.inputs},
                                   rows};
      if (layer.outputs % 32 == 0 && layer.inputs % 16 == 0) {
        pieces += send_weight_sums<Shape, precision, 2, 2>(layer, features, group, pieces);
      } else {
        pieces += send_weight_sums<Shape, precision, 1, 1>(layer, features, group, pieces);
      }
      pieces += send_bias_sums<Shape>(layer, features, group, pieces);
    });
  }
};

/// SendSums of either network of a known shape. Where the actor's first layer has fewer inputs, it
/// sends sums for more than it has, which nobody reads.
template <class Shape, Precision precision>
struct SendSumsOfEitherNetwork {
  __device__ POLYAK_INLINE void operator()(int input, int hidden, int hidden_gradient,
                                           int output_gradient, int sums, int block,
                                           Transfers* transfers) const {
    const Plan& plan = Shape::plan();
    const int pitch = plan.row_pitch;
    const GroupSums group = group_sums_of(plan, shared_array(sums), block, transfers);
    const LearningInput features{{shared_array(input), pitch},
                                 {shared_array(hidden), pitch},
                                 {shared_array(hidden_gradient), pitch},
                                 {shared_array(output_gradient), pitch},
                                 plan.group_rows(),
                                 plan.group_rows()};
    SendSums<Shape, precision>{}(plan.critic, features, plan.group_rows(), group);
  }
};

template <class Shape, Precision precision>
__device__ POLYAK_INLINE void send_sums_of(const Network& network, const LearningInput& input,
                                           int rows, const GroupSums& group) {
  if constexpr (Shape::is_known) {
    detail::call_out_of_line<SendSumsOfEitherNetwork<Shape, precision>, int, int, int, int, int,
                             int, Transfers*>(
        shared_offset(input.input.data), shared_offset(input.hidden.data),
        shared_offset(input.hidden_gradient.data), shared_offset(input.output_gradient.data),
        shared_offset(group.sums), group.block, group.transfers);
  } else {
    call<Shape, SendSums<Shape, precision>>(network, input, rows, group);
  }
}

/// Puts a lane's new parameters of a tile into every block's copy, the next block's first: so no
/// block gets all at once.
struct SendParameters {
  float* parameters;
  const GroupSums& group;

  __device__ POLYAK_INLINE void operator()(const TileElement (&elements)[4],
                                           const float (&values)[4]) const {
#pragma unroll
    for (int i = 0; i < 4; i += 2) {
      float* const to = parameters + elements[i].offset;
      if (elements[i + 1].exists) {  // then so does the first, its neighbour
        send(reinterpret_cast<float2*>(to), float2{values[i], values[i + 1]});
      } else if (elements[i].exists) {
        send(to, values[i]);
      }
    }
  }

 private:
  template <class Value>
  __device__ POLYAK_INLINE void send(Value* to, Value value) const {
#if defined(__CUDACC__)  // elsewhere their number is not known, and Clang warns
#pragma unroll
#endif
    for (int i = 1; i <= group.blocks; ++i) {
      group.transfers->parameters.store(to, value,
                                        static_cast<unsigned>((group.block + i) % group.blocks));
    }
  }
};

/// The tiles of this block learn from the sums of all groups, which have arrived. The squares are
/// for the report, while the parameters travel.
template <class Shape>
struct LearnFromSums {
  __device__ POLYAK_INLINE void operator()(const Network& network, const AdamStep& step,
                                           const LearningOutput& output,
                                           const GroupSums& group) const {
    const TileShare share = tile_share<Shape>(group.block, group.blocks);
    visit_tiles<Shape>(network, share, [&](int, const Tile& tile, int index) POLYAK_INLINE_LAMBDA {
      const int slot = index * warps_of_block<Shape>() + warp_of_block();
      float gradient[4] = {};
#pragma unroll
      for (int sender = 0; sender < group.groups; ++sender) {
        float sums[4];
        read_vector(group.from(sender, slot), sums);
#pragma unroll
        for (int i = 0; i < 4; ++i) gradient[i] += sums[i];
      }
      float4* const moments = moments_of_tile<Shape>(output, index);
      apply_gradient(tile, gradient, step, output, load_moments(moments), moments,
                     SendParameters{output.parameters, group});
      store_squares(tile, gradient, output.squared_gradients);
    });
  }
};

}  // namespace polyak::kernels::fused
