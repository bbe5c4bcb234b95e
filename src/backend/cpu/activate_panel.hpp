// Activations of whole panels, for what comes between a product and its activation.
#pragma once

#include <cstddef>

#include "backend/cpu/vector_math.hpp"

namespace polyak::cpu {

template <Activation activation>
void activate_panel(float* values, std::ptrdiff_t count) {
  for (std::ptrdiff_t i = 0; i < count; i += lanes) {
    store(values + i, activated<activation>(load(values + i)));
  }
}

/// count: a multiple of the registers' lanes.
inline void activate_panel(Activation activation, float* values, std::ptrdiff_t count) {
  switch (activation) {
    case Activation::relu:
      return activate_panel<Activation::relu>(values, count);
    case Activation::tanh:
      return activate_panel<Activation::tanh>(values, count);
    case Activation::elu:
      return activate_panel<Activation::elu>(values, count);
    case Activation::identity:
      return;
  }
}

}  // namespace polyak::cpu
