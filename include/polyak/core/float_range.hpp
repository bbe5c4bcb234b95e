// What can be told as a float32, shared by CPU and GPU.
#pragma once

#include <cfloat>
#include <cmath>

#include "polyak/core/host_device.hpp"

namespace polyak {

/// Whether a value is a number that float32 can hold: not NaN, not infinite, not beyond its range.
/// Sums are made in double, which would hide that their parts had long left what training is in.
POLYAK_HOST_DEVICE bool is_in_float_range(double value) {
  return fabs(value) <= static_cast<double>(FLT_MAX);
}

}  // namespace polyak
