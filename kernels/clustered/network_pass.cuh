#pragma once

// A network's passes over a group of rows by the blocks of a cluster, layer by layer. No function
// but the last ones has a barrier within; after one that stores to all blocks a barrier over the
// cluster is needed.
//
// What an update does several times is called, not inlined, so that its code fits the instruction
// cache. Functions that are called find their arrays by places in shared memory: a pointer would
// not tell the compiler that it may read shared memory alone.

#include "kernels/clustered/block_memory.hpp"
#include "kernels/fused/block_product.cuh"
#include "polyak/core/activation.hpp"

namespace polyak::kernels::clustered {

using fused::DepthContiguous, fused::ExtentContiguous, fused::Team, fused::WarpProduct;
using fused::tile_columns, fused::tile_rows;

template <class S>
__device__ POLYAK_INLINE BlockMemory<S>& block_memory() {
  POLYAK_DYNAMIC_SHARED(BlockMemory<S>, memory);
  return *memory;
}

__device__ POLYAK_INLINE int thread_of_block() { return static_cast<int>(threadIdx.x); }
__device__ POLYAK_INLINE int warp_of_block() { return thread_of_block() / 32; }
__device__ POLYAK_INLINE Team whole_block() { return {warp_of_block(), warps}; }
__device__ POLYAK_INLINE Team half_of_block() { return {warp_of_block() % (warps / 2), warps / 2}; }
__device__ POLYAK_INLINE bool is_first_half() { return warp_of_block() < warps / 2; }

/// What a pass through a network works on. Places are floats from the start of shared memory.
struct Pass {
  int edge, hidden;  // EdgeParameters, HiddenLayers
  int input;         // [inputs, pitch]
  int weights;       // of the product of hidden layers, as the pass needs them
  int inputs;
  Activation first, second;                // of the hidden layers
  const float *first_weight, *first_bias;  // of the block's features, in global memory
};

template <class T>
__device__ POLYAK_INLINE T& at_place(int place) {
  return *reinterpret_cast<T*>(fused::shared_array(place));
}
template <class T>
__device__ POLYAK_INLINE int place_of(const T& object) {
  return fused::shared_offset(reinterpret_cast<const float*>(&object));
}

/// Stores to the same place in every block of the cluster, the next block first: so none gets all
/// at once.
template <class S, class Value>
__device__ POLYAK_INLINE void store_to_all(float* to, const Value& value) {
  const unsigned rank = cluster_rank();
#pragma unroll
  for (unsigned i = 1; i <= S::blocks; ++i) {
    *map_to_rank(reinterpret_cast<Value*>(to), (rank + i) % S::blocks) = value;
  }
}

template <Activation activation>
struct KnownActivation {
  static constexpr Activation value = activation;
};

/// Calls visit(activation) with a KnownActivation, so that the choice is made once and not for each
/// element.
template <class Visit>
__device__ POLYAK_INLINE void with_activation(Activation activation, const Visit& visit) {
  switch (activation) {
    case Activation::tanh:
      return visit(KnownActivation<Activation::tanh>{});
    case Activation::relu:
      return visit(KnownActivation<Activation::relu>{});
    case Activation::elu:
      return visit(KnownActivation<Activation::elu>{});
    case Activation::identity:
      return visit(KnownActivation<Activation::identity>{});
  }
}

/// Of four rows of one of the block's features, for its threads in turn.
struct FeatureRows {
  int feature, row;
};
template <class S>
__device__ POLYAK_INLINE FeatureRows feature_rows(int i) {
  constexpr int quads = S::rows / 4;
  return {i / quads, i % quads * 4};
}
template <class S>
constexpr int feature_quads = S::features* S::rows / 4;

/// The block's features of a layer [width, pitch], until now sums, become outputs in all blocks.
template <class S>
__device__ POLYAK_OUT_OF_LINE void activate_and_send(int layer, Activation activation) {
  float* const own =
      fused::shared_array(layer) + static_cast<int>(cluster_rank()) * S::features * S::pitch;
  with_activation(activation, [&](auto known) POLYAK_INLINE_LAMBDA {
    for (int i = thread_of_block(); i < feature_quads<S>; i += threads) {
      const FeatureRows at = feature_rows<S>(i);
      float* const place = own + at.feature * S::pitch + at.row;
      float values[4];
      fused::read_vector(place, values);
#pragma unroll
      for (float& value : values) value = activate(known.value, value);
      store_to_all<S>(place, float4{values[0], values[1], values[2], values[3]});
    }
  });
}

/// The block's features of the first hidden layer, to all: tanh of all of them would take longer.
template <class S>
__device__ POLYAK_OUT_OF_LINE void first_layer(const Pass pass) {
  float* const hidden = at_place<HiddenLayers<S>>(pass.hidden).first;
  const int first = static_cast<int>(cluster_rank()) * S::features;
  for (int i = thread_of_block(); i < feature_quads<S>; i += threads) {
    const FeatureRows at = feature_rows<S>(i);
    const float* const weights = pass.first_weight + at.feature * pass.inputs;
    const float* const input = fused::shared_array(pass.input) + at.row;
    const float bias = pass.first_bias[at.feature];
    float sums[4] = {};
#pragma unroll
    for (int k = 0; k < max_inputs; ++k) {
      if (k >= pass.inputs) break;
      const float weight = weights[k];
      float values[4];
      fused::read_vector(input + k * S::pitch, values);
#pragma unroll
      for (int j = 0; j < 4; ++j) sums[j] = fmaf(weight, values[j], sums[j]);
    }
    *reinterpret_cast<float4*>(hidden + (first + at.feature) * S::pitch + at.row) = {
        sums[0] + bias, sums[1] + bias, sums[2] + bias, sums[3] + bias};
  }
  activate_and_send<S>(place_of(*hidden), pass.first);
}

/// Calls visit(feature, row, C[feature, row], C[feature, row + 1]) for the block's features of a
/// product of hidden layers, C = A B^T over the layers' width. By half of the block: with fewer
/// elements for each lane, shared memory would be read more often, which is what bounds it.
template <class S, class A, class Visit>
__device__ POLYAK_INLINE void hidden_product(const A& weights, const float* input,
                                             const Visit& visit) {
  constexpr int down = S::features / tile_rows, all_across = S::rows / tile_columns;
  constexpr int share = warps / 2 / down, across = share < all_across ? share : all_across;
  constexpr int columns = S::rows / across, tiles = columns / tile_columns, unrolled_steps = 8;
  static_assert(down * across <= warps / 2 && across * columns == S::rows);
  const int warp = half_of_block().warp;
  if (warp >= down * across) return;
  const int first_feature = warp / across * tile_rows, first_row = warp % across * columns;
  WarpProduct<Precision::fp32, 1, tiles> product;
  product.template accumulate<unrolled_steps>(weights, ExtentContiguous{input, S::pitch, S::rows},
                                              first_feature, first_row, 0, S::width);
  product.template visit_pairs<A>(first_feature, first_row, visit);
}

/// The block's features of the second hidden layer before their activation, from all of the first.
/// By half of the block.
template <class S>
__device__ POLYAK_OUT_OF_LINE void second_layer_sums(const Pass pass) {
  const auto& edge = at_place<EdgeParameters<S>>(pass.edge);
  auto& hidden = at_place<HiddenLayers<S>>(pass.hidden);
  float* const own = hidden.second + static_cast<int>(cluster_rank()) * S::features * S::pitch;
  hidden_product<S>(
      DepthContiguous{fused::shared_array(pass.weights), S::weight_pitch, S::features},
      hidden.first, [&](int feature, int row, float sum, float next_sum) POLYAK_INLINE_LAMBDA {
        const float bias = edge.second_bias[feature];
        *reinterpret_cast<float2*>(own + feature * S::pitch + row) = {sum + bias, next_sum + bias};
      });
}

/// A network's outputs [outputs, pitch] of all rows, in every block alike.
template <class S>
__device__ POLYAK_OUT_OF_LINE void output_layer(const Team team, int edge_place, int outputs,
                                                Activation activation, int hidden_place,
                                                int output_place) {
  const auto& edge = at_place<EdgeParameters<S>>(edge_place);
  const auto& hidden = at_place<HiddenLayers<S>>(hidden_place);
  float* const output = fused::shared_array(output_place);
  fused::thin_product<S>(
      edge.last_weight, S::width, 1, outputs, hidden.second, S::pitch, S::rows, S::width,
      [&](int feature, int row, float sum) POLYAK_INLINE_LAMBDA {
        output[feature * S::pitch + row] = activate(activation, sum + edge.last_bias[feature]);
      },
      team);
}

/// The second hidden layer's outputs become the gradients before their activation, all of them in
/// every block: g = (W3^T output_gradient) * activation'(output).
template <class S>
__device__ POLYAK_INLINE void second_gradient(const Pass& pass, int outputs,
                                              const float* output_gradient) {
  constexpr int parts = threads / S::width, part_rows = S::rows / parts;
  const auto& edge = at_place<EdgeParameters<S>>(pass.edge);
  const int feature = thread_of_block() % S::width;
  const int first_row = thread_of_block() / S::width * part_rows;
  float* const hidden = at_place<HiddenLayers<S>>(pass.hidden).second + feature * S::pitch;
  float weights[max_actions];
#pragma unroll
  for (int i = 0; i < max_actions; ++i) {
    weights[i] = i < outputs ? edge.last_weight[i * S::width + feature] : 0.0f;
  }
  with_activation(pass.second, [&](auto activation) POLYAK_INLINE_LAMBDA {
#pragma unroll 8
    for (int row = first_row; row < first_row + part_rows; row += 4) {
      float values[4], sums[4] = {};
      fused::read_vector(hidden + row, values);
#pragma unroll
      for (int i = 0; i < max_actions; ++i) {
        if (i >= outputs) break;
        float above[4];
        fused::read_vector(output_gradient + i * S::pitch + row, above);
#pragma unroll
        for (int j = 0; j < 4; ++j) sums[j] = fmaf(weights[i], above[j], sums[j]);
      }
#pragma unroll
      for (int j = 0; j < 4; ++j)
        values[j] = sums[j] * activation_derivative(activation.value, values[j]);
      *reinterpret_cast<float4*>(hidden + row) = {values[0], values[1], values[2], values[3]};
    }
  });
}

/// The gradients of the block's features of the first hidden layer before their activation, from
/// all of the second's: store(place of two rows in a matrix [width, pitch], gradients). By half of
/// the block.
template <class S, class Store>
__device__ POLYAK_INLINE void first_gradient(const Pass& pass, const Store& store) {
  const auto& hidden = at_place<HiddenLayers<S>>(pass.hidden);
  const int first = static_cast<int>(cluster_rank()) * S::features;
  hidden_product<S>(ExtentContiguous{fused::shared_array(pass.weights), S::features, S::features},
                    hidden.second,
                    [&](int feature, int row, float sum, float next_sum) POLYAK_INLINE_LAMBDA {
                      const int at = (first + feature) * S::pitch + row;
                      const float2 output = *reinterpret_cast<const float2*>(hidden.first + at);
                      store(at, float2{sum * activation_derivative(pass.first, output.x),
                                       next_sum * activation_derivative(pass.first, output.y)});
                    });
}

/// Weights of a hidden product that are fetched by a half of the block that has nothing else to do:
/// those of the block's features, forwards or back; none without an address.
struct Fetch {
  int place;
  const float* weights;  // of the second hidden layer, [width, width]
  bool is_backward;
};

/// Copies a matrix [rows, columns] of `from_pitch` to one of `to_pitch`, by `count` threads of
/// which this is one.
template <int rows, int columns, int from_pitch, int to_pitch, int count>
__device__ POLYAK_INLINE void begin_copy(float* to, const float* from, int thread) {
  constexpr int quads = columns / 4, rows_at_once = count / quads;
  static_assert(quads * rows_at_once == count && rows % rows_at_once == 0);
  const int row = thread / quads, column = thread % quads * 4;
  to += row * to_pitch + column;
  from += row * from_pitch + column;
#pragma unroll
  for (int i = 0; i < rows; i += rows_at_once) {
    begin_async_copy<16>(to + i * to_pitch, from + i * from_pitch);
  }
}

/// Begins to copy them to the place, forwards [features, weight_pitch], back [width, features], by
/// the last `count` threads of the block.
template <class S, int count>
__device__ POLYAK_OUT_OF_LINE void fetch_weights(const Fetch fetch) {
  float* const to = fused::shared_array(fetch.place);
  const int first = static_cast<int>(cluster_rank()) * S::features;
  const int thread = thread_of_block() - (threads - count);
  if (fetch.is_backward) {
    begin_copy<S::width, S::features, S::width, S::features, count>(to, fetch.weights + first,
                                                                    thread);
  } else {
    begin_copy<S::features, S::width, S::width, S::weight_pitch, count>(
        to, fetch.weights + first * S::width, thread);
  }
  commit_async_copies();
}

/// For what this block's threads have begun to copy and what they have written.
__device__ POLYAK_INLINE void wait_for_block() {
  wait_for_async_copies();
  __syncthreads();
}

/// Both hidden layers of a network, or of two side by side, in all blocks of the cluster. With one,
/// half of the block fetches weights, and calls aside() with its last warp.
template <class S, class Aside>
__device__ POLYAK_INLINE void pass_hidden_layers(const Pass& one, const Pass* other,
                                                 const Fetch& fetch, const Aside& aside) {
  first_layer<S>(one);
  if (other != nullptr) first_layer<S>(*other);
  wait_for_async_copies();
  cluster_sync();
  if (is_first_half()) {
    second_layer_sums<S>(one);
  } else if (other != nullptr) {
    second_layer_sums<S>(*other);
  } else {
    if (fetch.weights != nullptr) fetch_weights<S, threads / 2>(fetch);
    if (warp_of_block() == warps - 1) aside();
  }
  __syncthreads();
  activate_and_send<S>(place_of(at_place<HiddenLayers<S>>(one.hidden).second), one.second);
  if (other != nullptr) {
    activate_and_send<S>(place_of(at_place<HiddenLayers<S>>(other->hidden).second), other->second);
  }
  cluster_sync();
}

/// From dL/d(outputs) [outputs, pitch] the hidden layers' gradients before their activation: the
/// second's in the place of its outputs, the first's, of the block's features alone, at `gradients`
/// [width, pitch], in all blocks or in this one. Ends with a barrier of the cluster or the block.
template <class S>
__device__ POLYAK_OUT_OF_LINE void pass_gradients(const Pass pass, int outputs, int output_gradient,
                                                  int gradients, bool to_all, const Fetch fetch) {
  second_gradient<S>(pass, outputs, fused::shared_array(output_gradient));
  wait_for_block();
  float* const to = fused::shared_array(gradients);
  if (is_first_half()) {
    first_gradient<S>(pass, [&](int at, const float2& two) POLYAK_INLINE_LAMBDA {
      if (to_all) {
        store_to_all<S>(to + at, two);
      } else {
        *reinterpret_cast<float2*>(to + at) = two;
      }
    });
  } else if (fetch.weights != nullptr) {
    fetch_weights<S, threads / 2>(fetch);
  }
  if (to_all) {
    cluster_sync();
  } else {
    __syncthreads();
  }
}

}  // namespace polyak::kernels::clustered
