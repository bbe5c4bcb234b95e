// Loops whose count the compiler knows, without a loop.
#pragma once

#include <utility>

namespace polyak::cpu {

/// Calls body(0), body(1), ... body(Count - 1) with constants, so that arrays indexed by them can
/// live in registers. The compiler's own unrolling comes too late for that.
template <int Count, class Body>
[[gnu::always_inline]] inline void unrolled(const Body& body) {
  [&]<int... Index>(std::integer_sequence<int, Index...>) __attribute__((always_inline)) {
    (body(std::integral_constant<int, Index>{}), ...);
  }
  (std::make_integer_sequence<int, Count>{});
}

}  // namespace polyak::cpu
