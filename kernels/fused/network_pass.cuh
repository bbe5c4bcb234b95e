#pragma once

// A multilayer perceptron over the rows of one block, forwards and backwards. Every matrix is
// feature-major with the same pitch; parameters are packed (plan.hpp). Each function begins after a
// barrier, is called by all threads of the block, and ends with a barrier.

#include "kernels/fused/block_product.cuh"

namespace polyak::kernels::fused {

/// The rows that a block works on.
struct Rows {
  int count;  // a multiple of 8, and of the depth
  int pitch;  // floats from one feature to the next
};

/// One layer's outputs [outputs, rows], by a team of warps. The barrier is of the whole block.
template <class Shape, Precision precision>
struct ForwardLayer {
  __device__ POLYAK_INLINE void operator()(const Layer& layer, Activation activation,
                                           const float* parameters, const float* input,
                                           float* output, const Rows& rows,
                                           const Team& team) const {
    const float* const bias = parameters + layer.bias;
    if (product_order(layer.outputs) == SumOrder::interleaved) {
      thin_product<Shape>(
          parameters + layer.weight, layer.pitch, 1, layer.outputs, input, rows.pitch, rows.count,
          layer.inputs,
          [&](int feature, int row, float sum) {
            output[feature * rows.pitch + row] = activate(activation, sum + bias[feature]);
          },
          team);
    } else {
      block_product<Shape, precision>(
          DepthContiguous{parameters + layer.weight, layer.pitch, layer.outputs},
          ExtentContiguous{input, rows.pitch, rows.count},
          round_up(layer.inputs, depth_multiple(precision)),
          [&](int feature, int row, float first, float second) {
            *reinterpret_cast<float2*>(output + feature * rows.pitch + row) = {
                activate(activation, first + bias[feature]),
                activate(activation, second + bias[feature])};
          },
          team);
    }
    __syncthreads();
  }
};

/// forward(), with the activation of the output as an argument.
template <class Shape, Precision precision>
__device__ POLYAK_INLINE void forward_layers(const Network& network, Activation output_activation,
                                             const float* parameters, const float* input,
                                             float* hidden, float* output, const Rows& rows,
                                             const Team& team) {
  for_each_layer<Shape>(network, [&](int i) POLYAK_INLINE_LAMBDA {
    const Layer& layer = network.layers[i];
    const bool is_output = i + 1 == Shape::layers(network);
    float* const result = is_output ? output : hidden + layer.hidden * rows.pitch;
    call<Shape, ForwardLayer<Shape, precision>>(layer,
                                                is_output ? output_activation : layer.activation,
                                                parameters, input, result, rows, team);
    input = result;
  });
}

/// A network's forward pass: hidden = the outputs of the hidden layers; output = the network's
/// output [outputs, rows].
struct ForwardPass {
  const Network& network;
  const float* parameters;
  const float* input;
  float *hidden, *output;
};

/// forward_layers() of either network of a known shape, by the warps of a team.
template <class Shape, Precision precision>
struct ForwardEitherNetwork {
  __device__ POLYAK_INLINE void operator()(Activation output_activation, int parameters, int input,
                                           int hidden, int output, int warp, int warps) const {
    const Plan& plan = Shape::plan();
    // Where passes come one by one, the team is known.
    const Team team = plan.pairs_passes() ? Team{warp, warps} : whole_block<Shape>();
    forward_layers<Shape, precision>(plan.critic, output_activation, shared_array(parameters),
                                     shared_array(input), shared_array(hidden),
                                     shared_array(output), {plan.rows, plan.row_pitch}, team);
  }
};

template <class Shape, Precision precision>
__device__ POLYAK_INLINE void forward_by(const Team& team, Activation activation,
                                         const ForwardPass& pass) {
  detail::call_out_of_line<ForwardEitherNetwork<Shape, precision>, Activation, int, int, int, int,
                           int, int>(activation, shared_offset(pass.parameters),
                                     shared_offset(pass.input), shared_offset(pass.hidden),
                                     shared_offset(pass.output), team.warp, team.warps);
}

/// One pass.
template <class Shape, Precision precision>
__device__ POLYAK_INLINE void forward(const ForwardPass& pass, const Rows& rows) {
  const Activation activation = pass.network.output_layer().activation;
  if constexpr (Shape::is_known) {
    forward_by<Shape, precision>(whole_block<Shape>(), activation, pass);
  } else {
    forward_layers<Shape, precision>(pass.network, activation, pass.parameters, pass.input,
                                     pass.hidden, pass.output, rows, whole_block<Shape>());
  }
}

/// Two passes, of which neither needs the other. With few rows each has work for half of the warps
/// only; a known shape, whose networks have the same layers, makes both at once.
template <class Shape, Precision precision>
__device__ POLYAK_INLINE void forward_two(const ForwardPass& one, const ForwardPass& other,
                                          const Rows& rows) {
  if constexpr (Shape::is_known) {
    const int warps = warps_of_block<Shape>() / 2, warp = warp_of_block();
    const bool is_first = warp < warps;
    const auto activation_of = [](const ForwardPass& pass) {
      return pass.network.output_layer().activation;
    };
    detail::call_out_of_line<ForwardEitherNetwork<Shape, precision>, Activation, int, int, int, int,
                             int, int>(is_first ? activation_of(one) : activation_of(other),
                                       shared_offset(is_first ? one.parameters : other.parameters),
                                       shared_offset(is_first ? one.input : other.input),
                                       shared_offset(is_first ? one.hidden : other.hidden),
                                       shared_offset(is_first ? one.output : other.output),
                                       warp % warps, warps);
  } else {
    forward<Shape, precision>(one, rows);
    forward<Shape, precision>(other, rows);
  }
}

/// One layer's part of backward_hidden(): from `above`, the gradients before its activation, those
/// before the activation of the layer below, whose outputs are `outputs`.
template <class Shape, Precision precision>
struct BackwardLayer {
  __device__ POLYAK_INLINE void operator()(const Layer& layer, Activation activation,
                                           const float* parameters, const float* above,
                                           const float* outputs, float* result,
                                           const Rows& rows) const {
    if (product_order(layer.inputs) == SumOrder::interleaved) {
      thin_product<Shape>(parameters + layer.weight, 1, layer.pitch, layer.inputs, above,
                          rows.pitch, rows.count, layer.outputs,
                          [&](int feature, int row, float sum) {
                            const int at = feature * rows.pitch + row;
                            result[at] = sum * activation_derivative(activation, outputs[at]);
                          });
    } else {
      block_product<Shape, precision>(
          ExtentContiguous{parameters + layer.weight, layer.pitch, layer.inputs},
          ExtentContiguous{above, rows.pitch, rows.count},
          round_up(layer.outputs, depth_multiple(precision)),
          [&](int feature, int row, float first, float second) {
            const int at = feature * rows.pitch + row;
            const float2 output = *reinterpret_cast<const float2*>(outputs + at);
            *reinterpret_cast<float2*>(result + at) = {
                first * activation_derivative(activation, output.x),
                second * activation_derivative(activation, output.y)};
          });
    }
    __syncthreads();
  }
};

/// backward_hidden(), layer by layer.
template <class Shape, Precision precision>
__device__ POLYAK_INLINE void backward_layers(const Network& network, const float* parameters,
                                              const float* output_gradient, const float* hidden,
                                              float* gradient, const Rows& rows) {
  const float* above = output_gradient;
  for_each_layer<Shape>(network, [&](int from_the_end) POLYAK_INLINE_LAMBDA {
    const int i = Shape::layers(network) - 1 - from_the_end;
    if (i == 0) return;
    const Layer& layer = network.layers[i];
    const Layer& below = network.layers[i - 1];
    float* const result = gradient + below.hidden * rows.pitch;
    call<Shape, BackwardLayer<Shape, precision>>(layer, below.activation, parameters, above,
                                                 hidden + below.hidden * rows.pitch, result, rows);
    above = result;
  });
}

/// backward_layers() of either network of a known shape.
template <class Shape, Precision precision>
struct BackwardEitherNetwork {
  __device__ POLYAK_INLINE void operator()(int parameters, int output_gradient, int hidden,
                                           int gradient) const {
    const Plan& plan = Shape::plan();
    backward_layers<Shape, precision>(plan.critic, shared_array(parameters),
                                      shared_array(output_gradient), shared_array(hidden),
                                      shared_array(gradient), {plan.rows, plan.row_pitch});
  }
};

/// gradient = the gradients before the activations of the hidden layers, from that before the
/// output's activation: g[i - 1] = (W[i]^T g[i]) * activation'(hidden[i - 1]) (the chain rule).
/// `gradient` may be `hidden` itself, whose outputs are then lost.
template <class Shape, Precision precision>
__device__ POLYAK_INLINE void backward_hidden(const Network& network, const float* parameters,
                                              const float* output_gradient, const float* hidden,
                                              float* gradient, const Rows& rows) {
  if constexpr (Shape::is_known) {
    detail::call_out_of_line<BackwardEitherNetwork<Shape, precision>, int, int, int, int>(
        shared_offset(parameters), shared_offset(output_gradient), shared_offset(hidden),
        shared_offset(gradient));
  } else {
    backward_layers<Shape, precision>(network, parameters, output_gradient, hidden, gradient, rows);
  }
}

/// result = the gradient with respect to `count` input features from `first_input` on, before the
/// activation that made them; `input` are just these features.
template <class Shape, class Store>
__device__ POLYAK_INLINE void input_gradient(const Network& network, const float* parameters,
                                             const float* gradient, int first_input, int count,
                                             const Rows& rows, const Store& store) {
  const Layer& first = network.layers[0];
  thin_product<Shape>(parameters + first.weight + first_input, 1, first.pitch, count,
                      gradient + first.hidden * rows.pitch, rows.pitch, rows.count, first.outputs,
                      store);
  __syncthreads();
}

}  // namespace polyak::kernels::fused
