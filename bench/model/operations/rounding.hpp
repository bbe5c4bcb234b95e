// Arithmetic with the rounding that an instruction asks for.
#pragma once

#include <cfenv>
#include <cmath>

#include "model/operations/modifiers.hpp"

namespace polyak::model {

/// Takes RN, RZ, RP (up) or RM (down).
inline int take_rounding(Modifiers& modifiers) {
  if (modifiers.take("RZ")) return FE_TOWARDZERO;
  if (modifiers.take("RP")) return FE_UPWARD;
  if (modifiers.take("RM")) return FE_DOWNWARD;
  modifiers.ignore({"RN"});
  return FE_TONEAREST;
}

/// The rounding of the enclosing scope.
class ScopedRounding {
 public:
  explicit ScopedRounding(int mode) : before_(std::fegetround()) { std::fesetround(mode); }
  ~ScopedRounding() { std::fesetround(before_); }
  ScopedRounding(const ScopedRounding&) = delete;
  ScopedRounding& operator=(const ScopedRounding&) = delete;

 private:
  int before_;
};

/// function(values...) for every lane under a rounding. The compiler must not move the arithmetic
/// out of the scope, so it does not see into it.
template <class Result, class Function, class... Values>
[[gnu::noinline]] PerLane<Result> map_rounded(int mode, const Function& function,
                                              const PerLane<Values>&... values) {
  if (mode == FE_TONEAREST) return map_lanes<Result>(function, values...);
  const ScopedRounding rounding(mode);
  return map_lanes<Result>(
      [&](Values... operands) {
        volatile Result result = function(operands...);
        return static_cast<Result>(result);
      },
      values...);
}

/// Subnormal numbers become zeros.
inline float flushed(float value) {
  return std::fpclassify(value) == FP_SUBNORMAL ? std::copysign(0.0f, value) : value;
}

}  // namespace polyak::model
