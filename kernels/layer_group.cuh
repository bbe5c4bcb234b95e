#pragma once

// Layers that need nothing of each other, in one launch: one grid holds the tiles of all of them,
// so that small layers fill the device together and cost one launch's latency.

#include <span>
#include <type_traits>

#include "kernels/launch.cuh"
#include "kernels/matrix_product.cuh"
#include "kernels/tensor_product.cuh"

namespace polyak::kernels {

inline constexpr int max_layers_in_group = 8;

/// A kernel's argument: `count` layers and where the blocks of each begin. `Layer` is a plain
/// struct with `agents` and `precision`.
template <class Layer>
struct LayerGroup {
  int count = 0;
  std::int64_t blocks = 0;  // of one agent
  std::int64_t first_block[max_layers_in_group] = {};
  Layer layers[max_layers_in_group] = {};

  void add(const Layer& layer, std::int64_t layer_blocks) {
    first_block[count] = blocks;
    layers[count] = layer;
    blocks += layer_blocks;
    ++count;
  }

  /// Blocks of all layers in x, the one dimension of a grid without a limit worth the name; agents
  /// in y.
  dim3 grid() const { return {grid_size(blocks), grid_size(layers[0].agents), 1}; }
};

/// A block's layer, and its number within the layer.
struct LayerBlock {
  int layer;
  int block;
};
template <class Layer>
__device__ LayerBlock layer_block(const LayerGroup<Layer>& group) {
  const std::int64_t block = blockIdx.x;
  int layer = 0;
  while (layer + 1 < group.count && block >= group.first_block[layer + 1]) ++layer;
  return {layer, static_cast<int>(block - group.first_block[layer])};
}

enum class TileSize { small, medium, large, narrow };

/// C's size for one agent, and how many such products, each over a slice of k, are added.
struct ProductSize {
  std::int64_t rows, columns, slices;
};

constexpr std::int64_t padded_area(const ProductSize& size, std::int64_t tile) {
  return divide_up(size.rows, tile) * tile * divide_up(size.columns, tile) * tile;
}

/// The tiles for a product of this size; all give the same bits.
constexpr TileSize tile_size_for(Precision precision, const ProductSize& size,
                                 std::int64_t agents) {
  constexpr std::int64_t tiles_that_fill_a_device = 128;
  constexpr std::int64_t medium = Fp32Medium::rows, large = Fp32Large::rows;
  static_assert(medium == Fp32Medium::columns && large == Fp32Large::columns);
  const std::int64_t medium_tiles =
      divide_up(size.rows, medium) * divide_up(size.columns, medium) * size.slices;
  if (medium_tiles * agents < tiles_that_fill_a_device) return TileSize::small;
  if (precision != Precision::fp32) return TileSize::medium;
  if (size.columns <= Fp32Narrow::columns) return TileSize::narrow;
  // Large tiles must fill the device twice, since two share a multiprocessor, and must not spend
  // more than a tenth of it beyond the edges of C.
  const std::int64_t large_tiles =
      padded_area(size, large) / (large * large) * size.slices * agents;
  const bool fits = padded_area(size, large) * 10 <= padded_area(size, medium) * 11;
  return fits && large_tiles >= 2 * tiles_that_fill_a_device ? TileSize::large : TileSize::medium;
}

/// The tiles for a layer's product with `columns` results for each row: narrow ones have the order
/// of thin products (polyak/core/summation.hpp), and no others.
constexpr TileSize layer_tile_size(Precision precision, std::int64_t rows, std::int64_t columns,
                                   std::int64_t agents) {
  if (precision == Precision::fp32 && product_order(columns) == SumOrder::interleaved) {
    return TileSize::narrow;
  }
  return tile_size_for(precision, {rows, columns, 1}, agents);
}
static_assert(Fp32Narrow::columns == thin_outputs);

/// The order of a layer's product in tiles of this shape.
template <class Shape>
inline constexpr SumOrder layer_order =
    std::is_same_v<Shape, Fp32Narrow> ? SumOrder::interleaved : SumOrder::rising;

/// Calls visitor.operator()<Shape>() with the shape of the tiles.
template <class Visitor>
cudaError_t visit_shape(Precision precision, TileSize size, const Visitor& visitor) {
  const bool small = size == TileSize::small;
  const auto on_tensor_cores = [&]<Precision p>() {
    return small ? visitor.template operator()<TensorSmall<p>>()
                 : visitor.template operator()<TensorMedium<p>>();
  };
  switch (precision) {
    case Precision::fp32:
      break;
    case Precision::tf32:
      return on_tensor_cores.template operator()<Precision::tf32>();
    case Precision::tf32x3:
      return on_tensor_cores.template operator()<Precision::tf32x3>();
    case Precision::bf16:
      return on_tensor_cores.template operator()<Precision::bf16>();
  }
  switch (size) {
    case TileSize::small:
      return visitor.template operator()<Fp32Small>();
    case TileSize::medium:
      break;
    case TileSize::large:
      return visitor.template operator()<Fp32Large>();
    case TileSize::narrow:
      return visitor.template operator()<Fp32Narrow>();
  }
  return visitor.template operator()<Fp32Medium>();
}

/// Launches all layers that have anything to do, in one launch for each size of tiles among them
/// (and for each max_layers_in_group layers). They must agree in agents and precision.
///   Operation::is_empty(layer), Operation::tile_size(layer)
///   Operation::blocks<Shape>(layer)         tiles of one agent
///   Operation::launch<Shape>(group, stream)
template <class Operation, class Layer>
cudaError_t launch_grouped(std::span<const Layer> layers, cudaStream_t stream) {
  const auto launch_size = [&]<class Shape>(TileSize size) {
    LayerGroup<Layer> group;
    for (const Layer& layer : layers) {
      if (Operation::is_empty(layer) || Operation::tile_size(layer) != size) continue;
      group.add(layer, Operation::template blocks<Shape>(layer));
      if (group.count < max_layers_in_group) continue;
      const cudaError_t status = Operation::template launch<Shape>(group, stream);
      if (status != cudaSuccess) return status;
      group = LayerGroup<Layer>();
    }
    return group.count == 0 ? cudaSuccess : Operation::template launch<Shape>(group, stream);
  };
  for (const Layer& layer : layers) {
    if (layer.agents != layers[0].agents || layer.precision != layers[0].precision) {
      return cudaErrorInvalidValue;
    }
  }
  if (layers.empty()) return cudaSuccess;
  for (const TileSize size :
       {TileSize::small, TileSize::medium, TileSize::large, TileSize::narrow}) {
    const cudaError_t status = visit_shape(layers[0].precision, size, [&]<class Shape>() {
      return launch_size.template operator()<Shape>(size);
    });
    if (status != cudaSuccess) return status;
  }
  return cudaSuccess;
}

}  // namespace polyak::kernels
