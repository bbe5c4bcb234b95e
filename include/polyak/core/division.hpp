// Division of whole numbers that are 64 bits wide and seldom need them; shared by CPU and GPU.
#pragma once

#include <cstdint>

#include "polyak/core/host_device.hpp"

namespace polyak {

struct Division {
  std::uint64_t quotient, remainder;
};

/// dividend / divisor, which is not 0. A GPU takes some five times as long where either of them
/// needs more than 32 bits.
POLYAK_HOST_DEVICE Division divide(std::uint64_t dividend, std::uint64_t divisor) {
  if (((dividend | divisor) >> 32) == 0) {
    const auto small_dividend = static_cast<std::uint32_t>(dividend);
    const auto small_divisor = static_cast<std::uint32_t>(divisor);
    const std::uint32_t quotient = small_dividend / small_divisor;
    return {quotient, small_dividend - quotient * small_divisor};
  }
  const std::uint64_t quotient = dividend / divisor;
  return {quotient, dividend - quotient * divisor};
}

}  // namespace polyak
