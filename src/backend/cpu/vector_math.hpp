// The activations and their derivatives on whole vector registers, without branches.
#pragma once

#include "backend/cpu/vector_register.hpp"
#include "polyak/core/activation.hpp"
#include "polyak/core/elementary_functions.hpp"

namespace polyak::cpu {

/// y = f(x), as activate() of polyak/core/activation.hpp.
template <Activation activation>
Vector activated(Vector x) {
  if constexpr (activation == Activation::relu) {
    return x < 0.0f ? Vector{} : x;  // written so that NaN stays NaN and is found
  } else if constexpr (activation == Activation::tanh) {
    return hyperbolic_tangent(x);
  } else if constexpr (activation == Activation::elu) {
    return x > 0.0f ? x : exponential_minus_one(x);
  } else {
    return x;
  }
}

/// f'(x) as a function of y = f(x), as activation_derivative().
template <Activation activation>
Vector derivative(Vector y) {
  if constexpr (activation == Activation::relu) {
    return y > 0.0f ? broadcast(1.0f) : Vector{};
  } else if constexpr (activation == Activation::tanh) {
    return multiply_add(-y, y, broadcast(1.0f));
  } else if constexpr (activation == Activation::elu) {
    return y > 0.0f ? broadcast(1.0f) : y + 1.0f;
  } else {
    return broadcast(1.0f);
  }
}

}  // namespace polyak::cpu
