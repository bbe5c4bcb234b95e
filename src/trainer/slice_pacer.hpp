// How many iterations to ask of a device at once.
#pragma once

#include <algorithm>
#include <cstdint>

namespace polyak {

/// Long enough that asking costs nothing, short enough that Ctrl-C and reports do not wait.
class SlicePacer {
 public:
  std::int64_t iterations() const { return iterations_; }

  /// Tells how long a slice took, in seconds.
  void took(std::int64_t iterations, double seconds) {
    constexpr double target_seconds = 0.03;
    const double wanted =
        static_cast<double>(iterations) * target_seconds / std::max(seconds, 1e-6);
    const double most = 4.0 * static_cast<double>(iterations_);
    iterations_ = static_cast<std::int64_t>(std::clamp(wanted, 1.0, most));
  }

 private:
  std::int64_t iterations_ = 1;
};

}  // namespace polyak
