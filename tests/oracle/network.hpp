// A multilayer perceptron in double precision with plain loops, written from the formulas and not
// from the project's code.
#pragma once

#include <span>
#include <vector>

#include "agent/agent.hpp"
#include "polyak/core/precision.hpp"

namespace polyak::oracle {

/// f(x), and f'(x) from the argument.
double activated(Activation activation, double x);
double derivative(Activation activation, double x);

inline constexpr double norm_epsilon = 1e-5;

/// The formats to which both factors of a layer's products are rounded first: of W x, of the
/// gradient of x, and of that of W. fp32 and tf32x3: not at all.
struct Rounding {
  Precision forward = Precision::fp32, to_input = Precision::fp32, to_weight = Precision::fp32;
};

/// y = f(W x + b); without weights y = f(x).
struct Layer {
  int inputs, outputs;
  Activation activation;
  std::vector<double> weight;  // [outputs, inputs]
  std::vector<double> bias;    // [outputs]
  // Of the inputs, those at the end that come from the end of the network's input. No layer before
  // sees them.
  int joined_inputs = 0;
  // Layer normalisation before the activation: y = f(g * normalised(W x + b) + h); empty: none.
  std::vector<double> norm_weight = {}, norm_bias = {};  // g, h: [outputs]
  // With running statistics it is batch normalisation instead.
  std::vector<double> running_mean = {}, running_variance = {};  // [outputs]
  Rounding rounding = {};
};
using Network = std::vector<Layer>;

/// The number of a format that is next to `value`: of tf32, 10 bits of fraction, ties away from
/// zero; of bf16, 7 bits, ties to even; otherwise the value itself.
double rounded_to_few_bits(Precision precision, double value);
inline double rounded(Precision precision, double value) {
  // Of each factor of each product: the trainings that round nothing shall not call a function.
  const bool few_bits = precision == Precision::tf32 || precision == Precision::bf16;
  return few_bits ? rounded_to_few_bits(precision, value) : value;
}

/// What a forward pass leaves for the backward pass, for one input.
struct ForwardPass {
  std::vector<std::vector<double>> inputs;          // per layer
  std::vector<std::vector<double>> preactivations;  // per layer: the activation's argument
  std::vector<std::vector<double>> sums;            // per layer: W x + b
  std::vector<double> output;
};

/// One input alone, as in evaluation: batch normalisation is by the running statistics.
ForwardPass forward(std::span<const Layer> network, std::vector<double> input);

/// Given dLoss/dOutput adds dLoss/dParameters to `gradient` and returns dLoss/dInput.
std::vector<double> backward(std::span<const Layer> network, const ForwardPass& pass,
                             std::vector<double> output_gradient, std::span<Layer> gradient);

// Steps of these, for passes over whole batches (oracle/batch_norm.hpp).

/// W x + b.
std::vector<double> product(const Layer& layer, const std::vector<double>& input);
/// Given dLoss/d(W x + b) adds those of W and b to `gradient` and returns that of x.
std::vector<double> backward_product(const Layer& layer, const std::vector<double>& input,
                                     const std::vector<double>& deltas, Layer& gradient);
/// The activation's argument, by the running statistics if they are batch normalisation's.
std::vector<double> normalised_sums(const Layer& layer, const std::vector<double>& sums);
inline bool is_batch_normalised(const Layer& layer) { return !layer.running_mean.empty(); }
/// Cuts the joined inputs off the end of a network's input.
std::vector<double> take_joined_inputs(std::span<const Layer> network, std::vector<double>& input);

/// The same shape, all parameters zero.
Network zeros_like(const Network& network);

/// Calls visit(parameter) for every weight and bias, in the same order for equal shapes.
template <class AnyNetwork, class Visitor>
void visit_parameters(AnyNetwork& network, const Visitor& visit) {
  for (auto& layer : network) {
    for (auto& value : layer.weight) visit(value);
    for (auto& value : layer.bias) visit(value);
    for (auto& value : layer.norm_weight) visit(value);
    for (auto& value : layer.norm_bias) visit(value);
  }
}

/// Reads network `index` out of one agent's flat parameters [layout.stride]. A recurrent cell's two
/// products become two layers in front of the others (oracle/recurrent.hpp), the input's
/// normalisation becomes one without weights.
///   statistics  the agent's [layout.statistics_stride]; without them the networks have none
///   precision   to which the factors of all products are rounded
Network unpack(const NetworkLayout& layout, std::span<const float> parameters, int index = 0,
               std::span<const float> statistics = {}, Precision precision = Precision::fp32);

}  // namespace polyak::oracle
