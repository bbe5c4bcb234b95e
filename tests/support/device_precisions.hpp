// What of the tests' cases the GPU at hand can run: before Ampere there are no tensor cores for
// tf32 and bf16. Cases are chosen, because a skipped test counts as a failed one.
#pragma once

#include <algorithm>
#include <vector>

#include "backend/cuda/device_info.hpp"
#include "polyak/core/error.hpp"

namespace polyak::test {

/// True without a GPU, too: its tests are to fail there, not to be fewer.
inline bool device_has(Precision precision) {
  if (cuda::count_devices().count == 0) return true;
  try {
    cuda::select_device();
    cuda::require_precision(precision);
    return true;
  } catch (const UsageError&) {
    return false;
  }
}

inline Precision precision_of(Precision precision) { return precision; }
template <class Case>
Precision precision_of(const Case& one) {
  return one.precision;
}

/// Those of the cases, each of which is or has a precision, that the device can run.
template <class Case>
std::vector<Case> on_this_device(std::vector<Case> cases) {
  std::erase_if(cases, [](const Case& one) { return !device_has(precision_of(one)); });
  return cases;
}

/// The precisions that this device has, fp32 first.
inline std::vector<Precision> device_precisions() {
  return on_this_device(
      std::vector{Precision::fp32, Precision::tf32, Precision::tf32x3, Precision::bf16});
}

}  // namespace polyak::test
