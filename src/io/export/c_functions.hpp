// The functions of an exported C header, as text. In it @ stands for the header's prefix and $ for
// the same in capitals.
#pragma once

#include <string_view>

namespace polyak::c_functions {

/// Fused multiplication and addition, products that are rounded, floats and their bits.
extern const std::string_view arithmetic;

// The same operations as polyak/core/elementary_functions.hpp has, in the same order.
extern const std::string_view hyperbolic_tangent, exponential_minus_one, logistic;

/// W x + b in the order of polyak/core/summation.hpp.
extern const std::string_view layer;

/// Layer normalisation, with a square root that is rounded correctly.
extern const std::string_view layer_norm;

// One unit's step, as polyak/core/recurrent_cell.hpp has it.
extern const std::string_view lstm, gru;

}  // namespace polyak::c_functions
