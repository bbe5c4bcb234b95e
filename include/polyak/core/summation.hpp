// The order of every sum that a training depends on, for the CPU, every GPU engine and the
// emulator. Floating-point addition is not associative: only sums of one order have the same bits
// everywhere. An order may depend on the configuration (batch, widths), never on threads, blocks,
// lanes, tiles, other agents or the device. Each is chosen so that every engine has it at its own
// full speed.
//
//   a layer's product over its inputs (forwards) or its outputs (backwards):
//     from 0 one fmaf() after the other, k rising, then the bias. Nothing is gained by cutting it:
//     a matrix has sums enough to fill any machine.
//   such a product with up to thin_outputs results (a critic's value, an action):
//     four interleaved sums, of every fourth k, then (s0 + s1) + (s2 + s3). It has too few sums to
//     hide the latency of one fmaf() after the other.
//   sums in float32 over the rows of a batch (gradients of weights, biases and norms, statistics of
//   batch normalisation): by groups of rows (RowOrder), each from 0 with its rows rising, then the
//     groups rising. So the blocks of a GPU's cluster can each sum their own rows.
//   sums in double over a batch or over environments (losses, moments, returns):
//     by the same groups, each as row_lanes interleaved sums and a tree; then the groups rising.
//     128 threads have one running sum each, and the CPU a few registers full.
//   sums over a layer's features (layer normalisation): feature_lanes interleaved sums and a tree,
//     as a warp has them.
//   the sum of a network's squared gradients: by tiles of 16 x 8 (TileOrder).
#pragma once

#include <cmath>
#include <cstdint>

#include "polyak/core/host_device.hpp"

namespace polyak {

/// Of a product's sums over k.
enum class SumOrder { rising, interleaved, grouped };

inline constexpr int thin_outputs = 4, interleaved_sums = 4;

/// The order of a layer's product with so many results for each row.
POLYAK_HOST_DEVICE constexpr SumOrder product_order(std::int64_t results) {
  return results <= thin_outputs ? SumOrder::interleaved : SumOrder::rising;
}

/// bias + the sum over k < depth of weight(k) * input(k), in the order of a layer with so many
/// results.
template <class Weight, class Input>
POLYAK_HOST_DEVICE float layer_sum(std::int64_t results, int depth, float bias,
                                   const Weight& weight, const Input& input) {
  if (product_order(results) == SumOrder::rising) {
    float sum = 0.0f;
    for (int k = 0; k < depth; ++k) sum = fmaf(weight(k), input(k), sum);
    return sum + bias;
  }
  float sums[interleaved_sums] = {};
  for (int k = 0; k < depth; ++k) {
    sums[k % interleaved_sums] = fmaf(weight(k), input(k), sums[k % interleaved_sums]);
  }
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + bias;
}

/// lanes[0] + ... by a tree: the second half is added to the first until one is left. `Lanes` is a
/// power of two. A butterfly over a warp's lanes gives the same bits.
template <int Lanes, class T>
POLYAK_HOST_DEVICE T& sum_of_lanes(T (&lanes)[Lanes]) {
  for (int half = Lanes / 2; half > 0; half /= 2) {
    for (int lane = 0; lane < half; ++lane) lanes[lane] += lanes[lane + half];
  }
  return lanes[0];
}

inline constexpr int row_lanes = 16, max_row_groups = 8;

/// The order of a batch's rows in sums, and their groups. A row is a transition, or one step of one
/// of `sequences` sequences; step t of sequence b is row t * sequences + b. Sums take the sequences
/// by sixteens, and of these step after step. There are up to 8 groups, of 16 sequences (for a
/// batch of 128) or a multiple: one for each block of a cluster.
struct RowOrder {
  int sequences;
  int steps = 1;

  /// Places in the order; those at the end of the last sixteen sequences may have no row.
  POLYAK_HOST_DEVICE constexpr int places() const {
    return steps == 1 ? sequences : (sequences + row_lanes - 1) / row_lanes * row_lanes * steps;
  }

  /// Consecutive places that form a group.
  POLYAK_HOST_DEVICE constexpr int group_places() const {
    constexpr int group_multiple = row_lanes * max_row_groups;
    const int multiple = (sequences + group_multiple - 1) / group_multiple;
    return row_lanes * (multiple > 0 ? multiple : 1) * steps;
  }

  POLYAK_HOST_DEVICE constexpr int groups() const {
    return (places() + group_places() - 1) / group_places();
  }

  /// The row at a place, or -1.
  POLYAK_HOST_DEVICE constexpr int row(int place) const {
    if (steps == 1) return place;
    const int block = place / (row_lanes * steps), within = place % (row_lanes * steps);
    const int sequence = block * row_lanes + within % row_lanes;
    return sequence < sequences ? within / row_lanes * sequences + sequence : -1;
  }
};

/// The sum in float32 over rows of value(row): for one thread.
template <class Value>
POLYAK_HOST_DEVICE float sum_over_rows(const RowOrder& order, const Value& value) {
  float total = 0.0f;
  for (int first = 0; first < order.places(); first += order.group_places()) {
    float sum = 0.0f;
    for (int place = first; place < first + order.group_places() && place < order.places();
         ++place) {
      if (const int row = order.row(place); row >= 0) sum += value(row);
    }
    total += sum;
  }
  return total;
}

/// The sum in double over rows of value(row): for one thread.
template <class Value>
POLYAK_HOST_DEVICE double double_sum_over_rows(const RowOrder& order, const Value& value) {
  double total = 0.0;
  for (int first = 0; first < order.places(); first += order.group_places()) {
    double lanes[row_lanes] = {};
    for (int place = first; place < first + order.group_places() && place < order.places();
         ++place) {
      if (const int row = order.row(place); row >= 0) lanes[place % row_lanes] += value(row);
    }
    total += sum_of_lanes(lanes);
  }
  return total;
}

inline constexpr int feature_lanes = 32;

/// The sum over a layer's features of value(feature), which is a float or a register of them, one
/// for each row: for one thread.
template <class T, class Value>
POLYAK_HOST_DEVICE T sum_over_features(int features, const Value& value) {
  T lanes[feature_lanes] = {};
  for (int lane = 0; lane < feature_lanes && lane < features; ++lane) {
    T sum{};
    for (int feature = lane; feature < features; feature += feature_lanes) sum += value(feature);
    lanes[lane] = sum;
  }
  return sum_of_lanes(lanes);
}

/// The order in which a network's gradient is squared and summed. Its matrices, and its vectors as
/// matrices of one column, are cut into tiles, as a warp has them in a product; each tile's sum is
/// a tree over its rows, then over its columns, and missing elements count as 0. The tiles,
/// numbered matrix after matrix and row after row, form tile_lanes interleaved sums and a tree.
struct TileOrder {
  static constexpr int tile_rows = 16, tile_columns = 8, tile_lanes = 32;

  POLYAK_HOST_DEVICE static constexpr std::int64_t tiles_across(std::int64_t columns) {
    return (columns + tile_columns - 1) / tile_columns;
  }
  POLYAK_HOST_DEVICE static constexpr std::int64_t tiles(std::int64_t rows, std::int64_t columns) {
    return (rows + tile_rows - 1) / tile_rows * tiles_across(columns);
  }

  /// A tile's sum of the squares of value(row, column): for one thread.
  template <class Value>
  POLYAK_HOST_DEVICE static double sum_of_squares(int rows, int columns, const Value& value) {
    double sums[tile_columns] = {};
    for (int column = 0; column < columns; ++column) {
      double squares[tile_rows] = {};
      for (int row = 0; row < rows; ++row) {
        const auto element = static_cast<double>(value(row, column));
        squares[row] = element * element;
      }
      sums[column] = sum_of_lanes(squares);
    }
    return sum_of_lanes(sums);
  }

  /// The sum over all tiles of value(tile): for one thread.
  template <class Value>
  POLYAK_HOST_DEVICE static double sum_over_tiles(std::int64_t tiles, const Value& value) {
    double sums[tile_lanes] = {};
    for (std::int64_t tile = 0; tile < tiles; ++tile) sums[tile % tile_lanes] += value(tile);
    return sum_of_lanes(sums);
  }
};

}  // namespace polyak
