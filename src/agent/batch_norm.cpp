#include "agent/batch_norm.hpp"

#include <algorithm>
#include <cmath>

namespace polyak {
namespace {

/// y = scale * x + shift for each feature.
struct Affine {
  std::vector<double> scale, shift;
};

Affine affine_of(const BatchNormLayout& norm, std::span<const float> parameters,
                 std::span<const float> statistics) {
  const auto at = [](std::span<const float> values, std::int64_t offset, int feature) {
    return static_cast<double>(values[static_cast<std::size_t>(offset + feature)]);
  };
  Affine affine;
  for (int i = 0; i < norm.features; ++i) {
    const double variance = at(statistics, norm.variance_offset, i);
    const double scale = at(parameters, norm.weight_offset, i) /
                         std::sqrt(variance + static_cast<double>(batch_norm_epsilon));
    affine.scale.push_back(scale);
    affine.shift.push_back(at(parameters, norm.bias_offset, i) -
                           scale * at(statistics, norm.mean_offset, i));
  }
  return affine;
}

/// W, b of one layer with what is normalised before and behind it. An absent map is the identity.
void fold_layer(const LinearLayout& from, std::span<const float> source, const Affine* before,
                const Affine* behind, const LinearLayout& to, std::span<float> target) {
  for (int o = 0; o < from.outputs; ++o) {
    const auto output = static_cast<std::size_t>(o);
    const std::int64_t row = static_cast<std::int64_t>(o) * from.inputs;
    const double scale = behind != nullptr ? behind->scale[output] : 1.0;
    double bias = static_cast<double>(source[static_cast<std::size_t>(from.bias_offset + o)]);
    for (int i = 0; i < from.inputs; ++i) {
      const auto input = static_cast<std::size_t>(i);
      double weight =
          static_cast<double>(source[static_cast<std::size_t>(from.weight_offset + row + i)]);
      if (before != nullptr) {
        bias += weight * before->shift[input];
        weight *= before->scale[input];
      }
      target[static_cast<std::size_t>(to.weight_offset + row + i)] =
          static_cast<float>(scale * weight);
    }
    const double shift = behind != nullptr ? behind->shift[output] : 0.0;
    target[static_cast<std::size_t>(to.bias_offset + o)] = static_cast<float>(scale * bias + shift);
  }
}

NetworkLayout plain_layout(const NetworkLayout& layout) {
  std::vector<int> hidden;
  for (const LinearLayout& layer : layout.layers) hidden.push_back(layer.outputs);
  hidden.pop_back();
  return make_network_layout(layout.inputs(), hidden, layout.outputs(),
                             layout.layers.front().activation, layout.layers.back().activation);
}

}  // namespace

PlainNetworks fold_batch_norm(const NetworkLayout& layout, std::span<const float> parameters,
                              std::span<const float> statistics) {
  PlainNetworks plain{plain_layout(layout), {}};
  const auto part = [](auto values, std::int64_t stride, std::size_t agent) {
    const auto size = static_cast<std::size_t>(stride);
    return values.subspan(agent * size, size);
  };
  const std::size_t agents = parameters.size() / static_cast<std::size_t>(layout.stride);
  plain.parameters.assign(agents * static_cast<std::size_t>(plain.layout.stride), 0.0f);
  for (std::size_t agent = 0; agent < agents; ++agent) {
    const std::span<const float> source = part(parameters, layout.stride, agent);
    const std::span<const float> running = part(statistics, layout.statistics_stride, agent);
    const std::span<float> target = part(std::span(plain.parameters), plain.layout.stride, agent);
    std::optional<Affine> before, behind;
    if (layout.input_norm) before = affine_of(*layout.input_norm, source, running);
    for (std::size_t i = 0; i < layout.layers.size(); ++i) {
      const LinearLayout& layer = layout.layers[i];
      behind.reset();
      if (layer.batch_norm) behind = affine_of(*layer.batch_norm, source, running);
      fold_layer(layer, source, before ? &*before : nullptr, behind ? &*behind : nullptr,
                 plain.layout.layers[i], target);
      before.reset();
    }
  }
  return plain;
}

}  // namespace polyak
