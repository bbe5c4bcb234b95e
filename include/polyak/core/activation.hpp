// The activations of a multilayer perceptron, shared by CPU and GPU.
#pragma once

#include "polyak/core/elementary_functions.hpp"

namespace polyak {

enum class Activation : int { identity, relu, tanh, elu };

/// y = f(x). ELU has alpha = 1 (Clevert et al. 2015).
POLYAK_HOST_DEVICE float activate(Activation activation, float x) {
  switch (activation) {
    case Activation::relu:
      return x < 0.0f ? 0.0f : x;  // written so that NaN stays NaN and is found
    case Activation::tanh:
      return hyperbolic_tangent(x);
    case Activation::elu:
      return x > 0.0f ? x : exponential_minus_one(x);
    case Activation::identity:
      break;
  }
  return x;
}

/// f'(x) as a function of y = f(x), so that the backward pass needs only the stored output.
POLYAK_HOST_DEVICE float activation_derivative(Activation activation, float y) {
  switch (activation) {
    case Activation::relu:
      return y > 0.0f ? 1.0f : 0.0f;
    case Activation::tanh:
      return fmaf(-y, y, 1.0f);
    case Activation::elu:
      return y > 0.0f ? 1.0f : y + 1.0f;
    case Activation::identity:
      break;
  }
  return 1.0f;
}

}  // namespace polyak
