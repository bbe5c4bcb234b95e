// How far the kernels of layer and batch normalisation may be from double precision.
#pragma once

namespace polyak::test {

/// What rounding in float32 may change in a value that was normalised by this deviation, and in a
/// gradient that went through the normalisation: a mean that is off by 2^-24 moves the one by 2^-24
/// / deviation, the other by as much over the deviation once more. Some five times what was found.
inline double normalised_error(double deviation) { return 1e-6 * (1.0 + 1.0 / deviation); }
inline double normalised_gradient_error(double deviation) {
  return 1e-6 * (1.0 + 1.0 / (deviation * deviation));
}

}  // namespace polyak::test
