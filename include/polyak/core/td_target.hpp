// The critic's target (Lillicrap et al. 2015, arXiv 1509.02971, algorithm 1; Fujimoto et al. 2018,
// arXiv 1802.09477, algorithm 1), shared by CPU and GPU.
#pragma once

#include <cmath>

#include "polyak/core/host_device.hpp"

namespace polyak {

/// The smaller of two critics' values. NaN if one of them is, so that it is found.
POLYAK_HOST_DEVICE float smaller_value(float a, float b) { return a < b || std::isnan(a) ? a : b; }

/// y = reward + discount * next_value. Where the discount is zero, as after a termination, the next
/// value has no say, not even if it is infinite.
POLYAK_HOST_DEVICE float td_target(float reward, float discount, float next_value) {
  return discount == 0.0f ? reward : reward + discount * next_value;
}

}  // namespace polyak
