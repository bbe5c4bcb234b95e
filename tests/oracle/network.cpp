#include "oracle/network.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace polyak::oracle {
namespace {

/// The derivative from the argument, not from the function's value as the project computes it.
double derivative(Activation activation, double x) {
  switch (activation) {
    case Activation::relu:
      return x > 0.0 ? 1.0 : 0.0;
    case Activation::tanh:
      return 1.0 / (std::cosh(x) * std::cosh(x));
    case Activation::elu:
      return x > 0.0 ? 1.0 : std::exp(x);
    case Activation::identity:
      break;
  }
  return 1.0;
}

std::size_t weight_index(const Layer& layer, int output, int input) {
  return static_cast<std::size_t>(output) * static_cast<std::size_t>(layer.inputs) +
         static_cast<std::size_t>(input);
}

constexpr double norm_epsilon = 1e-5;

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double deviation(const std::vector<double>& values) {
  const double centre = mean(values);
  double sum = 0.0;
  for (const double value : values) sum += (value - centre) * (value - centre);
  return std::sqrt(sum / static_cast<double>(values.size()) + norm_epsilon);
}

std::vector<double> normalised(const std::vector<double>& values) {
  std::vector<double> result = values;
  const double centre = mean(values), scale = deviation(values);
  for (double& value : result) value = (value - centre) / scale;
  return result;
}

/// By the Jacobian d normalised_i / d x_j = (delta_ij - 1/n - normalised_i normalised_j / n) /
/// deviation, written out.
std::vector<double> backward_norm(const Layer& layer, const std::vector<double>& sums,
                                  const std::vector<double>& deltas, Layer& gradient) {
  const std::vector<double> x = normalised(sums);
  const double n = static_cast<double>(sums.size()), scale = deviation(sums);
  std::vector<double> result(sums.size(), 0.0);
  for (std::size_t i = 0; i < sums.size(); ++i) {
    gradient.norm_weight[i] += deltas[i] * x[i];
    gradient.norm_bias[i] += deltas[i];
    for (std::size_t j = 0; j < sums.size(); ++j) {
      const double jacobian = ((i == j ? 1.0 : 0.0) - 1.0 / n - x[i] * x[j] / n) / scale;
      result[j] += layer.norm_weight[i] * deltas[i] * jacobian;
    }
  }
  return result;
}

/// Cuts the late inputs off the end of a network's input.
std::vector<double> take_late_inputs(const Network& network, std::vector<double>& input) {
  std::ptrdiff_t count = 0;
  for (const Layer& layer : network) count += layer.late_inputs;
  const std::vector<double> late(input.end() - count, input.end());
  input.resize(input.size() - static_cast<std::size_t>(count));
  return late;
}

}  // namespace

double activated(Activation activation, double x) {
  switch (activation) {
    case Activation::relu:
      return x > 0.0 ? x : 0.0;
    case Activation::tanh:
      return std::tanh(x);
    case Activation::elu:
      return x > 0.0 ? x : std::expm1(x);
    case Activation::identity:
      break;
  }
  return x;
}

ForwardPass forward(const Network& network, std::vector<double> input) {
  ForwardPass pass;
  const std::vector<double> late = take_late_inputs(network, input);
  for (const Layer& layer : network) {
    if (layer.late_inputs > 0) input.insert(input.end(), late.begin(), late.end());
    std::vector<double> sums = layer.bias, output;
    for (int o = 0; o < layer.outputs; ++o) {
      double& sum = sums[static_cast<std::size_t>(o)];
      for (int i = 0; i < layer.inputs; ++i) {
        sum += layer.weight[weight_index(layer, o, i)] * input[static_cast<std::size_t>(i)];
      }
    }
    std::vector<double> preactivation = sums;
    if (!layer.norm_weight.empty()) {
      preactivation = normalised(sums);
      for (std::size_t o = 0; o < sums.size(); ++o) {
        preactivation[o] = layer.norm_weight[o] * preactivation[o] + layer.norm_bias[o];
      }
    }
    for (const double argument : preactivation)
      output.push_back(activated(layer.activation, argument));
    pass.inputs.push_back(std::move(input));
    pass.sums.push_back(std::move(sums));
    pass.preactivations.push_back(std::move(preactivation));
    input = std::move(output);
  }
  pass.output = std::move(input);
  return pass;
}

std::vector<double> backward(const Network& network, const ForwardPass& pass,
                             std::vector<double> output_gradient, Network& gradient) {
  std::vector<double> late_gradient;
  for (std::size_t l = network.size(); l-- > 0;) {
    const Layer& layer = network[l];
    std::vector<double> input_gradient(static_cast<std::size_t>(layer.inputs), 0.0);
    std::vector<double> deltas = output_gradient;
    for (std::size_t o = 0; o < deltas.size(); ++o) {
      deltas[o] *= derivative(layer.activation, pass.preactivations[l][o]);
    }
    if (!layer.norm_weight.empty()) {
      deltas = backward_norm(layer, pass.sums[l], deltas, gradient[l]);
    }
    for (int o = 0; o < layer.outputs; ++o) {
      const auto output = static_cast<std::size_t>(o);
      const double delta = deltas[output];
      gradient[l].bias[output] += delta;
      for (int i = 0; i < layer.inputs; ++i) {
        const auto at = static_cast<std::size_t>(i);
        gradient[l].weight[weight_index(layer, o, i)] += delta * pass.inputs[l][at];
        input_gradient[at] += delta * layer.weight[weight_index(layer, o, i)];
      }
    }
    if (layer.late_inputs > 0) late_gradient = take_late_inputs({layer}, input_gradient);
    output_gradient = std::move(input_gradient);
  }
  output_gradient.insert(output_gradient.end(), late_gradient.begin(), late_gradient.end());
  return output_gradient;
}

Network zeros_like(const Network& network) {
  Network result = network;
  visit_parameters(result, [](double& parameter) { parameter = 0.0; });
  return result;
}

Network unpack(const NetworkLayout& layout, std::span<const float> parameters, int index) {
  const auto own = parameters.subspan(static_cast<std::size_t>(index * layout.network_floats),
                                      static_cast<std::size_t>(layout.network_floats));
  Network network;
  for (std::size_t l = 0; l < layout.layers.size(); ++l) {
    const LinearLayout& from = layout.layers[l];
    const auto weights =
        static_cast<std::size_t>(from.inputs) * static_cast<std::size_t>(from.outputs);
    const auto weight = own.subspan(static_cast<std::size_t>(from.weight_offset), weights);
    const auto vector_at = [&](std::int64_t offset) {
      const auto values =
          own.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(from.outputs));
      return std::vector<double>(values.begin(), values.end());
    };
    network.push_back({from.inputs,
                       from.outputs,
                       from.activation,
                       {weight.begin(), weight.end()},
                       vector_at(from.bias_offset),
                       l > 0 && l == layout.late_layer ? layout.late_inputs : 0,
                       from.layer_norm ? vector_at(from.norm_weight_offset) : std::vector<double>{},
                       from.layer_norm ? vector_at(from.norm_bias_offset) : std::vector<double>{}});
  }
  return network;
}

}  // namespace polyak::oracle
