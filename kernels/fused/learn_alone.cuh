#pragma once

// One network learns in an agent's only block, where the compiler knows the shape. Sums and results
// are those of learn.cuh, but a warp takes two weight tiles at a time, so that what it reads serves
// twice as many products, and what has few elements does not fill tiles: a lane has a bias, or an
// input's weights of a thin layer, whose tiles would be empty but for a row.

#include "kernels/fused/learn.cuh"

namespace polyak::kernels::fused {

/// The moments of a tile, which has this number in the order of visit_tiles(): [2, tile_floats].
__device__ POLYAK_INLINE float* moments_at(const LearningOutput& output, int number) {
  return output.moments + number * 2 * tile_floats;
}

/// One parameter learns.
__device__ POLYAK_INLINE void learn_parameter(float gradient, int at, const AdamStep& step,
                                              const LearningOutput& output, float* moment) {
  const float gradients[1] = {gradient};
  float parameter[1] = {output.parameters[at]}, first[1] = {moment[0]};
  float second[1] = {moment[tile_floats]};
  adam_updates(step, gradients, parameter, first, second);
  replace_parameter(output, at, parameter[0]);
  moment[0] = first[0];
  moment[tile_floats] = second[0];
}

/// Four rows of a feature.
__device__ POLYAK_INLINE void read_rows(const BatchFeatures& features, int feature, int row,
                                        float (&values)[4]) {
  read_vector(features.data + feature * features.pitch + row, values);
}

/// A lane's sums over the batch, which were 0: of the first features above, up to thin_outputs,
/// times its feature below.
__device__ POLYAK_INLINE void sum_over_batch(const LearningInput& batch, const BatchFeatures& above,
                                             int outputs, const BatchFeatures& below, int feature,
                                             float (&totals)[thin_outputs]) {
  for (int first = 0; first < batch.depth; first += batch.group_depth) {
    float sums[thin_outputs] = {};
    for (int k = first; k < min(first + batch.group_depth, batch.depth); k += 4) {
      float inputs[4];
      read_rows(below, feature, k, inputs);
#pragma unroll
      for (int output = 0; output < thin_outputs; ++output) {
        if (output >= outputs) break;
        float gradients[4];
        read_rows(above, output, k, gradients);
#pragma unroll
        for (int i = 0; i < 4; ++i) sums[output] = fmaf(gradients[i], inputs[i], sums[output]);
      }
    }
#pragma unroll
    for (int output = 0; output < thin_outputs; ++output) totals[output] += sums[output];
  }
}

/// A lane's sum of a feature over the batch.
__device__ POLYAK_INLINE float feature_sum(const LearningInput& batch,
                                           const BatchFeatures& features, int feature) {
  float total = 0.0f;
  for (int first = 0; first < batch.depth; first += batch.group_depth) {
    float sum = 0.0f;
    for (int k = first; k < min(first + batch.group_depth, batch.depth); k += 4) {
      float values[4];
      read_rows(features, feature, k, values);
#pragma unroll
      for (int i = 0; i < 4; ++i) sum += values[i];
    }
    total += sum;
  }
  return total;
}

/// 32 biases of a layer learn, from number `first` on: two tiles.
__device__ POLYAK_INLINE void learn_biases(const Layer& layer, int first,
                                           const BatchFeatures& above, const LearningInput& input,
                                           const AdamStep& step, const LearningOutput& output) {
  const int lane = static_cast<int>(threadIdx.x) % 32, row = first + lane;
  const bool exists = row < layer.outputs;
  const float gradient = feature_sum(input, above, exists ? row : 0);
  const int across = layer.tiles_across(), rows = layer.tiles() / across, down = row / tile_rows;
  const double square = exists ? static_cast<double>(gradient) * gradient : 0.0;
  const double squares = butterfly(square, 8 + 4 + 2 + 1);
  if (lane % tile_rows == 0 && down < rows) {
    output.squared_gradients[layer.first_tile + rows * (across - 1) + down] = squares;
  }
  if (!exists) return;
  float* const moment =
      moments_at(output, layer.first_tile + down * across + across - 1) + row % tile_rows * 8;
  learn_parameter(gradient, layer.bias + row, step, output, moment);
}

/// A thin layer's weights of 32 inputs learn, from input `first` on: four tiles of a few rows.
__device__ POLYAK_INLINE void learn_thin_weights(const Layer& layer, int first,
                                                 const LayerInput& from, const LearningInput& input,
                                                 const AdamStep& step,
                                                 const LearningOutput& output) {
  const int lane = static_cast<int>(threadIdx.x) % 32, column = first + lane;
  const bool exists = column < layer.inputs;
  float gradients[thin_outputs] = {};
  sum_over_batch(input, from.above, layer.outputs, from.below, exists ? column : 0, gradients);
  double squares[thin_outputs];
#pragma unroll
  for (int row = 0; row < thin_outputs; ++row) {
    squares[row] = exists ? static_cast<double>(gradients[row]) * gradients[row] : 0.0;
  }
  const double of_tile = butterfly(sum_of_lanes(squares), 4 + 2 + 1);
  if (!exists) return;
  const int number = layer.first_tile + column / tile_columns;
  if (lane % tile_columns == 0) output.squared_gradients[number] = of_tile;
#pragma unroll
  for (int row = 0; row < thin_outputs; ++row) {
    if (row >= layer.outputs) break;
    float* const moment =
        moments_at(output, number) + (row * 4 + column % tile_columns / 2) * 4 + column % 2;
    learn_parameter(gradients[row], layer.weight + row * layer.pitch + column, step, output,
                    moment);
  }
}

/// Two weight tiles side by side, or one where there is no other.
struct TilePair {
  Tile first;
  int count;
  int number;  // the first's, in the order of visit_tiles()
};
/// Pairs of a layer's tiles; a thin one has none.
__device__ POLYAK_INLINE int pairs_of_layer(const Layer& layer) {
  if (product_order(layer.outputs) == SumOrder::interleaved) return 0;
  const int across = layer.tiles_across();
  return layer.tiles() / across * (across / 2);
}
__device__ POLYAK_INLINE TilePair pair_of_layer(const Layer& layer, int index) {
  const int across = layer.tiles_across(), pairs_across = across / 2;
  const int right = index % pairs_across * 2;
  const int number = layer.first_tile + index / pairs_across * across + right;
  Tile first = tile_of_layer(layer, number);
  first.is_bias = false;  // as the compiler may know
  return {first, right + 1 < across - 1 ? 2 : 1, number};
}

/// A pair learns: each value of dY that is read serves both tiles.
template <class Shape, Precision precision>
__device__ POLYAK_INLINE void learn_pair(const TilePair& pair, const LayerInput& from,
                                         const LearningInput& input, const AdamStep& step,
                                         const LearningOutput& output) {
  constexpr int to_next = 2 * tile_floats / 4;
  float4* const moments = reinterpret_cast<float4*>(moments_at(output, pair.number)) +
                          static_cast<int>(threadIdx.x) % 32;
  const bool is_single = pair.count == 1;
  // They are in the second level's cache, and take a while to arrive.
  const LaneMoments first = load_moments(moments);
  const LaneMoments second = load_moments(is_single ? moments : moments + to_next);
  float gradient[2][4] = {};
  if (is_single) {
    float own[1][4] = {};
    tile_gradient<Shape, precision>(pair.first, from.below, from.above, input, own);
#pragma unroll
    for (int i = 0; i < 4; ++i) gradient[0][i] = own[0][i];
  } else {
    tile_gradient<Shape, precision>(pair.first, from.below, from.above, input, gradient);
  }
  // One copy of what a tile does then.
#pragma unroll 1
  for (int tile = 0; tile < pair.count; ++tile) {
    Tile place = pair.first;
    place.column += tile * tile_columns;
    place.number += tile;
    float own[4];
#pragma unroll
    for (int i = 0; i < 4; ++i) own[i] = tile == 0 ? gradient[0][i] : gradient[1][i];
    store_squares(place, own, output.squared_gradients);
    apply_gradient(place, own, step, output, tile == 0 ? first : second, moments + tile * to_next,
                   ReplaceParameters{output});
  }
}

/// A network learns, by all warps of the block: it has the places of `network`, but its first layer
/// so many inputs.
template <class Shape, Precision precision>
struct LearnAlone {
  __device__ POLYAK_INLINE void operator()(const Network& network, int first_inputs,
                                           const LearningInput& input, const AdamStep& step,
                                           const LearningOutput& output) const {
    int pairs = 0;
    for_each_layer<Shape>(
        network, [&](int i) POLYAK_INLINE_LAMBDA { pairs += pairs_of_layer(network.layers[i]); });
    for (int index = warp_of_block(); index < pairs; index += warps_of_block<Shape>()) {
      learn_pair_number(network, first_inputs, index, input, step, output);
    }
    // The warps that have fewer pairs begin with the rest.
    int turn = pairs;
    for_each_layer<Shape>(network, [&](int i) POLYAK_INLINE_LAMBDA {
      const Layer& layer = network.layers[i];
      const LayerInput from = layer_input<Shape>(network, i, input);
      for (int first = 0; first < layer.outputs; first += 32) {
        if (has_turn(turn++)) learn_biases(layer, first, from.above, input, step, output);
      }
      if (product_order(layer.outputs) != SumOrder::interleaved) return;
      for (int first = 0; first < layer.inputs; first += 32) {
        if (has_turn(turn++)) learn_thin_weights(layer, first, from, input, step, output);
      }
    });
  }

 private:
  __device__ POLYAK_INLINE static bool has_turn(int turn) {
    return turn % warps_of_block<Shape>() == warp_of_block();
  }

  /// There is one copy of this, whatever the layer.
  __device__ POLYAK_INLINE static void learn_pair_number(const Network& network, int first_inputs,
                                                         int index, const LearningInput& input,
                                                         const AdamStep& step,
                                                         const LearningOutput& output) {
    int layer = 0, before = 0;
    TilePair pair{};
    for_each_layer<Shape>(network, [&](int i) POLYAK_INLINE_LAMBDA {
      if (index >= before && pairs_of_layer(network.layers[i]) > 0) {
        layer = i;
        pair = pair_of_layer(network.layers[i], index - before);
      }
      before += pairs_of_layer(network.layers[i]);
    });
    if (layer == 0) pair.first.inputs = first_inputs;
    learn_pair<Shape, precision>(pair, layer_input_of<Shape>(network, layer, input), input, step,
                                 output);
  }
};

/// LearnAlone of either network of a known shape.
template <class Shape, Precision precision>
struct LearnAloneEitherNetwork {
  __device__ POLYAK_INLINE void operator()(int first_inputs, int input, int hidden,
                                           int hidden_gradient, int output_gradient,
                                           const AdamStep& step, int parameters, int target,
                                           float* moments, double* squared_gradients,
                                           float tau) const {
    const Plan& plan = Shape::plan();
    const int pitch = plan.row_pitch;
    const LearningInput features{{shared_array(input), pitch},
                                 {shared_array(hidden), pitch},
                                 {shared_array(hidden_gradient), pitch},
                                 {shared_array(output_gradient), pitch},
                                 plan.all_rows(),
                                 RowOrder{plan.batch}.group_places()};
    const LearningOutput output{
        shared_array(parameters), shared_array(target), nullptr, moments, tau, squared_gradients};
    LearnAlone<Shape, precision>{}(plan.critic, first_inputs, features, step, output);
  }
};

/// Begins after a barrier that follows the last write to `input`; must be followed by another
/// before the parameters are read.
template <class Shape, Precision precision>
__device__ POLYAK_INLINE void learn_alone(const Network& network, const LearningInput& input,
                                          const AdamStep& step, const LearningOutput& output) {
  detail::call_out_of_line<LearnAloneEitherNetwork<Shape, precision>, int, int, int, int, int,
                           AdamStep, int, int, float*, double*, float>(
      network.layers[0].inputs, shared_offset(input.input.data), shared_offset(input.hidden.data),
      shared_offset(input.hidden_gradient.data), shared_offset(input.output_gradient.data), step,
      shared_offset(output.parameters), shared_offset(output.target), output.moments,
      output.squared_gradients, output.tau);
}

}  // namespace polyak::kernels::fused
