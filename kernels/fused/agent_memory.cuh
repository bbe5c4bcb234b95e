#pragma once

// An agent's networks between the flat arrays of a training and the packed ones of a block. The
// functions are called by all threads of a block; no barrier within.

#include "kernels/fused/learn.cuh"

namespace polyak::kernels::fused {

/// The threads of a block, or of all blocks of an agent, that share a loop.
struct ThreadShare {
  int first, stride;
};
__device__ inline ThreadShare threads_of_block() {
  return {static_cast<int>(threadIdx.x), static_cast<int>(blockDim.x)};
}
__device__ inline ThreadShare threads_of_agent(int block, int blocks) {
  const int threads = static_cast<int>(blockDim.x);
  return {block * threads + static_cast<int>(threadIdx.x), blocks * threads};
}

/// Calls visit(packed, flat) for every float of packed parameters: its place there and in the flat
/// array, or -1 for padding.
template <class Visit>
__device__ void visit_parameters(const Network& network, const ThreadShare& share,
                                 const Visit& visit) {
  for (int index = 0; index < network.layer_count; ++index) {
    const Layer& layer = network.layers[index];
    const bool is_last = index + 1 == network.layer_count;
    const int end = is_last ? network.floats : network.layers[index + 1].weight;
    for (int at = share.first; at < end - layer.weight; at += share.stride) {
      const int packed = layer.weight + at;
      std::int64_t flat = -1;
      if (packed >= layer.bias) {
        if (packed - layer.bias < layer.outputs) flat = layer.flat_bias + (packed - layer.bias);
      } else {
        const int row = at / layer.pitch, column = at % layer.pitch;
        if (row < layer.outputs && column < layer.inputs) {
          flat = layer.flat_weight + row * layer.inputs + column;
        }
      }
      visit(packed, flat);
    }
  }
}

__device__ inline void pack_parameters(const Network& network, const float* flat, float* packed,
                                       const ThreadShare& share) {
  visit_parameters(network, share,
                   [&](int to, std::int64_t from) { packed[to] = from < 0 ? 0.0f : flat[from]; });
}

__device__ inline void unpack_parameters(const Network& network, const float* packed, float* flat,
                                         const ThreadShare& share) {
  visit_parameters(network, share, [&](int from, std::int64_t to) {
    if (to >= 0) flat[to] = packed[from];
  });
}

/// Calls visit(place in the block's moments, flat) for every first moment of the block's tiles;
/// the second one is tile_floats behind it.
template <class Visit>
__device__ void visit_moments(const Network& network, int block, int blocks, const Visit& visit) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  visit_tiles<AnyShape>(
      network, tile_share<AnyShape>(block, blocks), [&](int at, const Tile& tile, int index) {
        const Layer& layer = network.layers[at];
        for (int i = 0; i < 4; ++i) {
          const TileElement element = tile_element(tile, lane, i);
          const std::int64_t flat =
              tile.is_bias ? layer.flat_bias + element.row
                           : layer.flat_weight + element.row * layer.inputs + element.column;
          visit(tile_moments<AnyShape>(index) + lane * 4 + i, element.exists ? flat : -1);
        }
      });
}

__device__ inline void pack_moments(const Network& network, const float* first, const float* second,
                                    float* moments, int block, int blocks) {
  visit_moments(network, block, blocks, [&](int to, std::int64_t from) {
    moments[to] = from < 0 ? 0.0f : first[from];
    moments[to + tile_floats] = from < 0 ? 0.0f : second[from];
  });
}

__device__ inline void unpack_moments(const Network& network, const float* moments, float* first,
                                      float* second, int block, int blocks) {
  visit_moments(network, block, blocks, [&](int from, std::int64_t to) {
    if (to < 0) return;
    first[to] = moments[from];
    second[to] = moments[from + tile_floats];
  });
}

}  // namespace polyak::kernels::fused
