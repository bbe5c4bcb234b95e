#pragma once

// The tiles of a network's weights and biases: who has which, and where their elements are.

#include "kernels/fused/block_product.cuh"

namespace polyak::kernels::fused {

/// Which of an agent's tiles a warp has: first, first + stride, ... The moments of its number
/// `index` of them begin at tile_moments(index) of the block's.
struct TileShare {
  int first, stride;
};
template <class Shape>
__device__ POLYAK_INLINE TileShare tile_share(int block, int blocks) {
  return {warp_of_block() * blocks + block, warps_of_block<Shape>() * blocks};
}
template <class Shape>
__device__ POLYAK_INLINE int tile_moments(int index) {
  return (index * warps_of_block<Shape>() + warp_of_block()) * 2 * tile_floats;
}

/// Where a tile stands, and its layer's sizes and places (Layer).
struct Tile {
  int row, column;  // its first element; for biases the column is that of the first input beyond
  bool is_bias;
  int number;  // in the order of squared gradients: a layer's biases follow its weights
  int inputs, outputs, pitch, weight, bias;
};
__device__ POLYAK_INLINE Tile tile_of_layer(const Layer& layer, int number) {
  const int local = number - layer.first_tile, across = layer.tiles_across();
  const int down = local / across, right = local % across, rows = layer.tiles() / across;
  const bool is_bias = right == across - 1;
  const int place = is_bias ? rows * (across - 1) + down : down * (across - 1) + right;
  return {down * tile_rows, right * tile_columns, is_bias,     layer.first_tile + place,
          layer.inputs,     layer.outputs,        layer.pitch, layer.weight,
          layer.bias};
}

/// Calls visit(layer's index, tile, index) for the share's tiles, index being their number in the
/// share. There is one copy of `visit`, whatever the layer: a warp has few tiles. Where the shape
/// is known, so are the divisors: the tile is found in every layer, and one of these is taken.
template <class Shape, class Visit>
__device__ POLYAK_INLINE void visit_tiles(const Network& network, const TileShare& share,
                                          const Visit& visit) {
  for (int number = share.first, index = 0; number < network.tiles;
       number += share.stride, ++index) {
    int layer = 0;
    Tile tile{};
    for_each_layer<Shape>(network, [&](int i) POLYAK_INLINE_LAMBDA {
      if (i > 0 && number < network.layers[i].first_tile) return;
      layer = i;
      if constexpr (Shape::is_known) tile = tile_of_layer(network.layers[i], number);
    });
    if constexpr (!Shape::is_known) tile = tile_of_layer(network.layers[layer], number);
    visit(layer, tile, index);
  }
}

/// Which parameter a lane's element 0 to 3 of a tile is, from the start of the packed parameters,
/// and whether it is one. Of the elements 0 and 1, and 2 and 3, the second follows the first.
struct TileElement {
  int row, column;
  int offset;
  bool exists;
};
__device__ POLYAK_INLINE TileElement tile_element(const Tile& tile, int lane, int i) {
  if (tile.is_bias) {
    const int row = tile.row + lane / 2;
    return {row, 0, tile.bias + row, i == 0 && lane % 2 == 0 && row < tile.outputs};
  }
  const int row = tile.row + lane / 4 + i / 2 * 8;
  const int column = tile.column + lane % 4 * 2 + i % 2;
  return {row, column, tile.weight + row * tile.pitch + column,
          row < tile.outputs && column < tile.inputs};
}

}  // namespace polyak::kernels::fused
