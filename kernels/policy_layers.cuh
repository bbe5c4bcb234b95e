#pragma once

// The layers of a policy for several episodes side by side, by one block.
//
//   activations [2][features, Episodes] in shared memory, so that a weight is read once for all
//   episodes; weights [outputs, inputs] and biases [outputs] in an agent's flat array.
//
// Every layer is computed by all threads, one output of all episodes at a time. The sums are in the
// orders of polyak/core/summation.hpp. Bound by reading the weights from the caches.

#include "kernels/episodes.hpp"
#include "kernels/reduction.cuh"
#include "polyak/core/layer_norm.hpp"
#include "polyak/core/summation.hpp"

namespace polyak::kernels {

inline constexpr int episode_threads = 256;
inline constexpr int activation_floats = 4096;  // 16 KiB: features times episodes of one layer

/// Policies as device code can read them: std::array is for the host.
struct PolicyArguments {
  int layer_count;
  PolicyLayer layers[max_policy_layers];
  const float* parameters;
  std::int64_t agent_stride;
  Normalisers normalisers;
};

template <int Count>
__device__ void add_to(float (&sums)[Count], const float (&more)[Count]) {
#pragma unroll
  for (int i = 0; i < Count; ++i) sums[i] += more[i];
}

template <int Count>
__device__ void clear(float (&values)[Count]) {
#pragma unroll
  for (int i = 0; i < Count; ++i) values[i] = 0.0f;
}

/// Of one output for every episode of the block, the sum of every `step`-th product from input
/// `first` on.
template <int Episodes>
__device__ void sum_products(const float* weights, int first, int step, int inputs,
                             const float* input, float (&sums)[Episodes]) {
  const auto add = [&](int i, float weight) {
    const float* const features = input + i * Episodes;
#pragma unroll
    for (int episode = 0; episode < Episodes; ++episode) {
      sums[episode] = fmaf(weight, features[episode], sums[episode]);
    }
  };
  int i = first;
  if (step == 1 && reinterpret_cast<std::uintptr_t>(weights) % 16 == 0) {
    for (; i + 4 <= inputs; i += 4) {
      const float4 four = *reinterpret_cast<const float4*>(weights + i);
      add(i, four.x);
      add(i + 1, four.y);
      add(i + 2, four.z);
      add(i + 3, four.w);
    }
  }
  for (; i < inputs; i += step) add(i, weights[i]);
}

/// The bias, activation and sums of one of a layer's outputs for every episode of the block.
template <int Episodes>
__device__ void compute_output(const float* weights, int inputs, int outputs, float bias,
                               Activation activation, const float* input, float* output) {
  float sums[Episodes] = {};
  if (product_order(outputs) == SumOrder::rising) {
    sum_products(weights, 0, 1, inputs, input, sums);
  } else {
    // (s0 + s1) + (s2 + s3)
    float others[Episodes] = {}, part[Episodes] = {};
    sum_products(weights, 0, interleaved_sums, inputs, input, sums);
    sum_products(weights, 1, interleaved_sums, inputs, input, part);
    add_to(sums, part);
    sum_products(weights, 2, interleaved_sums, inputs, input, others);
    clear(part);
    sum_products(weights, 3, interleaved_sums, inputs, input, part);
    add_to(others, part);
    add_to(sums, others);
  }
#pragma unroll
  for (int episode = 0; episode < Episodes; ++episode) {
    output[episode] = activate(activation, sums[episode] + bias);
  }
}

/// Normalises a layer's sums [outputs, Episodes] and applies its activation; a warp for each
/// episode in turn.
template <int Episodes>
__device__ void normalise_layer(const PolicyLayer& layer, const float* parameters, float* values) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const float scale = 1.0f / static_cast<float>(layer.outputs);
  for (int episode = static_cast<int>(threadIdx.x) / 32; episode < Episodes;
       episode += episode_threads / 32) {
    const auto sum_over_features = [&](const auto& term) {
      float sum = 0.0f;
      for (int i = lane; i < layer.outputs; i += 32) sum += term(values[i * Episodes + episode]);
      return warp_sum(sum);
    };
    const float mean = scale * sum_over_features([](float value) { return value; });
    const float variance =
        scale * sum_over_features([mean](float value) { return (value - mean) * (value - mean); });
    const float inverse = inverse_deviation(variance);
    for (int i = lane; i < layer.outputs; i += 32) {
      float& value = values[i * Episodes + episode];
      value = activate(layer.activation,
                       parameters[layer.norm_weight_offset + i] * ((value - mean) * inverse) +
                           parameters[layer.norm_bias_offset + i]);
    }
  }
}

/// Runs the layers on activations[first_input], 0 or what is behind both; returns which of the two
/// holds the actions. Begins and ends with a barrier.
template <int Episodes, int first_input>
__device__ int run_layers(const PolicyArguments& policies, const float* parameters,
                          float (*activations)[activation_floats]) {
  int current = 0;
  __syncthreads();
  for (int number = 0; number < policies.layer_count; ++number) {
    const PolicyLayer& layer = policies.layers[number];
    const int input = first_input > 0 && number == 0 ? first_input : current;
    for (int output = static_cast<int>(threadIdx.x); output < layer.outputs;
         output += episode_threads) {
      compute_output<Episodes>(
          parameters + layer.weight_offset + static_cast<std::int64_t>(output) * layer.inputs,
          layer.inputs, layer.outputs, parameters[layer.bias_offset + output],
          layer.layer_norm ? Activation::identity : layer.activation, activations[input],
          activations[1 - current] + output * Episodes);
    }
    current = 1 - current;
    __syncthreads();
    if (!layer.layer_norm) continue;
    normalise_layer<Episodes>(layer, parameters, activations[current]);
    __syncthreads();
  }
  return current;
}

}  // namespace polyak::kernels
