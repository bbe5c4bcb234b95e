// A dense layer for one input: what policies are made of outside the back ends.
#pragma once

#include <span>

#include "polyak/core/activation.hpp"

namespace polyak {

/// output = W input + bias, each sum in the order of polyak/core/summation.hpp.
///   weight  [output.size(), input.size()], row-major;  bias  [output.size()]
/// output must not overlap input.
void affine_map(std::span<const float> weight, std::span<const float> bias,
                std::span<const float> input, std::span<float> output);

/// Each value's activation in its place.
void activate_all(Activation activation, std::span<float> values);

/// g * normalised(values) + h in place, as polyak/core/layer_norm.hpp has it; g, h [values.size()].
void normalise_features(std::span<const float> g, std::span<const float> h,
                        std::span<float> values);

}  // namespace polyak
