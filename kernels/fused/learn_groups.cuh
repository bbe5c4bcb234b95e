#pragma once

// One network learns, where every block of an agent has the rows of one group in the order of sums
// (RowOrder of polyak/core/summation.hpp). Each block sums its own rows for all weights and sends
// the sums of a tile to the block that learns it. That one adds up the groups, rising, makes Adam's
// step and sends the new parameters to all. Both go through distributed shared memory, by stores
// that the receiver counts (transfer_barrier.cuh): sums that have all arrived say that every block
// has done with the network's parameters and may get new ones; parameters that have all arrived,
// that every block has done with the sums. Nobody reads another block's features.
//
// Tile t of a network is learnt by block t % blocks, as number t / blocks of its tiles.

#include "kernels/fused/learn.cuh"
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
  TransferBarrier sums, parameters;

  /// By one thread: all that a network's learning brings to block `block` of so many.
  __device__ POLYAK_INLINE void expect(const Network& network, int block, int blocks) {
    const int tiles = divide_up(network.tiles - block, blocks);
    sums.expect(static_cast<unsigned>(tiles * blocks * tile_floats) * sizeof(float));
    int count = 0;
    for (int i = 0; i < network.layer_count; ++i) {
      count += (network.layers[i].inputs + 1) * network.layers[i].outputs;
    }
    parameters.expect(static_cast<unsigned>(count) * sizeof(float));
  }
};

/// The sums that a block gets.
struct GroupSums {
  float* sums;  // [blocks, tiles of a block, tile_floats] by lanes
  int tiles;    // of a block, at most
  int block, blocks;
  Transfers* transfers;

  __device__ POLYAK_INLINE float* from(int sender, int tile) const {
    return sums + (sender * tiles + tile) * tile_floats +
           static_cast<int>(threadIdx.x) % 32 * (tile_floats / 32);
  }
};

/// Sends a lane's elements of a tile's sums over this block's rows.
__device__ POLYAK_INLINE void send_sums(const GroupSums& group, int number,
                                        const float (&sums)[4]) {
  float* const place = group.from(group.block, number / group.blocks);
  const auto owner = static_cast<unsigned>(number % group.blocks);
  group.transfers->sums.store(reinterpret_cast<float4*>(place),
                              float4{sums[0], sums[1], sums[2], sums[3]}, owner);
}

/// A layer's inputs and its gradients before the activation, of the block's rows.
struct LayerFeatures {
  DepthContiguous above, below;  // [outputs, rows], [inputs, rows]
  int rows;
};

/// The pieces of work of a block go to its warps in turn: the first of this warp, after so many.
template <class Shape>
__device__ POLYAK_INLINE int first_piece(int pieces_before) {
  const int warps = warps_of_block<Shape>();
  return (warp_of_block() + warps - pieces_before % warps) % warps;
}

/// Sums for a layer's weights, RowTiles x ColumnTiles tiles to a warp. Returns how many pieces.
template <class Shape, Precision precision, int RowTiles, int ColumnTiles>
__device__ POLYAK_INLINE int send_weight_sums(const Layer& layer, const LayerFeatures& features,
                                              const GroupSums& group, int pieces_before) {
  const int tiles_across = layer.tiles_across() - 1,
            tiles_down = layer.tiles() / (tiles_across + 1);
  const int across = divide_up(tiles_across, ColumnTiles);
  const int pieces = divide_up(tiles_down, RowTiles) * across;
  for (int piece = first_piece<Shape>(pieces_before); piece < pieces;
       piece += warps_of_block<Shape>()) {
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
  for (int piece = first_piece<Shape>(pieces_before); piece < pieces;
       piece += warps_of_block<Shape>()) {
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

/// Sums for all tiles of a network over this block's rows, `input` being its own.
template <class Shape, Precision precision>
struct SendSums {
  __device__ POLYAK_INLINE void operator()(const Network& network, const LearningInput& input,
                                           int rows, const GroupSums& group) const {
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
    const GroupSums group{shared_array(sums), plan.block_tiles, block, plan.cluster_blocks,
                          transfers};
    const LearningInput features{{shared_array(input), pitch},
                                 {shared_array(hidden), pitch},
                                 {shared_array(hidden_gradient), pitch},
                                 {shared_array(output_gradient), pitch},
                                 plan.rows,
                                 plan.rows};
    SendSums<Shape, precision>{}(plan.critic, features, plan.rows, group);
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

/// Puts a lane's new parameters of a tile into every block's copy.
struct SendParameters {
  float* parameters;
  const GroupSums& group;

  __device__ POLYAK_INLINE void operator()(const TileElement (&elements)[4],
                                           const float (&values)[4]) const {
    TransferBarrier& arrived = group.transfers->parameters;
    for (int block = 0; block < group.blocks; ++block) {
      const auto rank = static_cast<unsigned>(block);
#pragma unroll
      for (int i = 0; i < 4; i += 2) {
        float* const to = parameters + elements[i].offset;
        if (elements[i].exists && elements[i + 1].exists) {  // neighbours
          arrived.store(reinterpret_cast<float2*>(to), float2{values[i], values[i + 1]}, rank);
        } else if (elements[i].exists) {
          arrived.store(to, values[i], rank);
        }
      }
    }
  }
};

/// The tiles of this block learn from the sums of all blocks, which have arrived. The squares are
/// for the report, while the parameters travel.
template <class Shape>
struct LearnFromSums {
  __device__ POLYAK_INLINE void operator()(const Network& network, const Network& launched,
                                           const AdamStep& step, const LearningOutput& output,
                                           const GroupSums& group) const {
    const TileShare share = tile_share<Shape>(group.block, group.blocks);
    visit_tiles<Shape>(network, share, [&](int at, int number, int index) POLYAK_INLINE_LAMBDA {
      const Layer& layer = launched.layers[at];
      const int slot = number / group.blocks;
      float gradient[4] = {};
#pragma unroll
      for (int sender = 0; sender < group.blocks; ++sender) {
        float sums[4];
        read_vector(group.from(sender, slot), sums);
#pragma unroll
        for (int i = 0; i < 4; ++i) gradient[i] += sums[i];
      }
      const Tile tile = tile_of_layer(layer, number);
      float4* const moments = moments_of_tile<Shape>(output, index);
      apply_gradient(layer, tile, gradient, step, output, load_moments(moments), moments,
                     SendParameters{output.parameters, group});
      store_squares(layer, tile, gradient, output.squared_gradients);
    });
  }
};

}  // namespace polyak::kernels::fused
