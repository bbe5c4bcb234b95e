#include "oracle/network.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace polyak::oracle {
namespace {

std::size_t weight_index(const Layer& layer, int output, int input) {
  return static_cast<std::size_t>(output) * static_cast<std::size_t>(layer.inputs) +
         static_cast<std::size_t>(input);
}

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

/// One network's parameters and running statistics.
struct NetworkReader {
  std::span<const float> parameters, statistics;

  static std::vector<double> read(std::span<const float> from, std::int64_t offset, int count) {
    const auto values =
        from.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(count));
    return {values.begin(), values.end()};
  }

  void read_norm(const BatchNormLayout& norm, Layer& layer) const {
    layer.norm_weight = read(parameters, norm.weight_offset, norm.features);
    layer.norm_bias = read(parameters, norm.bias_offset, norm.features);
    if (statistics.empty()) return;
    layer.running_mean = read(statistics, norm.mean_offset, norm.features);
    layer.running_variance = read(statistics, norm.variance_offset, norm.features);
  }

  /// Without joined inputs.
  Layer layer(const LinearLayout& from) const {
    Layer layer{from.inputs, from.outputs, from.activation,
                read(parameters, from.weight_offset, from.inputs * from.outputs),
                read(parameters, from.bias_offset, from.outputs)};
    if (from.layer_norm) {
      layer.norm_weight = read(parameters, from.norm_weight_offset, from.outputs);
      layer.norm_bias = read(parameters, from.norm_bias_offset, from.outputs);
    }
    if (from.batch_norm) read_norm(*from.batch_norm, layer);
    return layer;
  }
};

}  // namespace

double rounded_to_few_bits(Precision precision, double value) {
  const bool tf32 = precision == Precision::tf32;
  if (value == 0.0 || !std::isfinite(value)) return value;
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);  // its first bit is one half
  const double bits = std::ldexp(fraction, tf32 ? 11 : 8);
  return std::ldexp(tf32 ? std::round(bits) : std::nearbyint(bits), exponent - (tf32 ? 11 : 8));
}

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

std::vector<double> take_joined_inputs(std::span<const Layer> network, std::vector<double>& input) {
  std::ptrdiff_t count = 0;
  for (const Layer& layer : network) count += layer.joined_inputs;
  const std::vector<double> joined(input.end() - count, input.end());
  input.resize(input.size() - static_cast<std::size_t>(count));
  return joined;
}

std::vector<double> product(const Layer& layer, const std::vector<double>& input) {
  if (layer.weight.empty()) return input;
  std::vector<double> sums = layer.bias;
  for (int o = 0; o < layer.outputs; ++o) {
    double& sum = sums[static_cast<std::size_t>(o)];
    for (int i = 0; i < layer.inputs; ++i) {
      sum += rounded(layer.rounding.forward, layer.weight[weight_index(layer, o, i)]) *
             rounded(layer.rounding.forward, input[static_cast<std::size_t>(i)]);
    }
  }
  return sums;
}

std::vector<double> normalised_sums(const Layer& layer, const std::vector<double>& sums) {
  if (layer.norm_weight.empty()) return sums;
  std::vector<double> result = is_batch_normalised(layer) ? sums : normalised(sums);
  for (std::size_t o = 0; o < sums.size(); ++o) {
    if (is_batch_normalised(layer)) {
      result[o] =
          (sums[o] - layer.running_mean[o]) / std::sqrt(layer.running_variance[o] + norm_epsilon);
    }
    result[o] = layer.norm_weight[o] * result[o] + layer.norm_bias[o];
  }
  return result;
}

ForwardPass forward(std::span<const Layer> network, std::vector<double> input) {
  ForwardPass pass;
  const std::vector<double> joined = take_joined_inputs(network, input);
  for (const Layer& layer : network) {
    if (layer.joined_inputs > 0) input.insert(input.end(), joined.begin(), joined.end());
    std::vector<double> sums = product(layer, input), output;
    std::vector<double> preactivation = normalised_sums(layer, sums);
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

std::vector<double> backward_product(const Layer& layer, const std::vector<double>& input,
                                     const std::vector<double>& deltas, Layer& gradient) {
  if (layer.weight.empty()) return deltas;
  std::vector<double> input_gradient(static_cast<std::size_t>(layer.inputs), 0.0);
  for (int o = 0; o < layer.outputs; ++o) {
    const auto output = static_cast<std::size_t>(o);
    const auto [_, to_input, to_weight] = layer.rounding;
    const double for_input = rounded(to_input, deltas[output]);
    const double for_weight = rounded(to_weight, deltas[output]);
    gradient.bias[output] += deltas[output];
    for (int i = 0; i < layer.inputs; ++i) {
      const auto at = static_cast<std::size_t>(i);
      gradient.weight[weight_index(layer, o, i)] += for_weight * rounded(to_weight, input[at]);
      input_gradient[at] += for_input * rounded(to_input, layer.weight[weight_index(layer, o, i)]);
    }
  }
  return input_gradient;
}

std::vector<double> backward(std::span<const Layer> network, const ForwardPass& pass,
                             std::vector<double> output_gradient, std::span<Layer> gradient) {
  std::vector<double> joined_gradient;
  for (std::size_t l = network.size(); l-- > 0;) {
    const Layer& layer = network[l];
    std::vector<double> deltas = output_gradient;
    for (std::size_t o = 0; o < deltas.size(); ++o) {
      deltas[o] *= derivative(layer.activation, pass.preactivations[l][o]);
    }
    if (!layer.norm_weight.empty()) {
      deltas = backward_norm(layer, pass.sums[l], deltas, gradient[l]);
    }
    std::vector<double> input_gradient =
        backward_product(layer, pass.inputs[l], deltas, gradient[l]);
    if (layer.joined_inputs > 0) joined_gradient = take_joined_inputs({&layer, 1}, input_gradient);
    output_gradient = std::move(input_gradient);
  }
  output_gradient.insert(output_gradient.end(), joined_gradient.begin(), joined_gradient.end());
  return output_gradient;
}

Network zeros_like(const Network& network) {
  Network result = network;
  visit_parameters(result, [](double& parameter) { parameter = 0.0; });
  return result;
}

Network unpack(const NetworkLayout& layout, std::span<const float> parameters, int index,
               std::span<const float> statistics, Precision precision) {
  const auto own = [index](std::span<const float> values, std::int64_t floats) {
    if (values.empty()) return values;
    return values.subspan(static_cast<std::size_t>(index * floats),
                          static_cast<std::size_t>(floats));
  };
  const NetworkReader reader{own(parameters, layout.network_floats),
                             own(statistics, layout.network_statistics)};
  Network network;
  if (layout.cell) {
    network = {reader.layer(layout.cell->input), reader.layer(layout.cell->recurrent)};
  }
  if (layout.input_norm) {
    const int features = layout.input_norm->features;
    network.push_back({features, features, Activation::identity, {}, {}});
    reader.read_norm(*layout.input_norm, network.back());
  }
  for (std::size_t l = 0; l < layout.layers.size(); ++l) {
    network.push_back(reader.layer(layout.layers[l]));
    if (l > 0 && l == layout.action_layer) network.back().joined_inputs = layout.action_inputs;
  }
  // Beside the observation, but not normalised with it.
  if (layout.input_norm && layout.action_layer == 0) {
    network[1].joined_inputs = layout.layers.front().inputs - layout.input_norm->features;
  }
  for (Layer& layer : network) layer.rounding = {precision, precision, precision};
  return network;
}

}  // namespace polyak::oracle
