// Adam on several parameters of one thread at once. Plain C++: no CUDA syntax.
#pragma once

#include "polyak/core/adam.hpp"
#include "polyak/core/ieee_arithmetic.hpp"

namespace polyak::kernels::fused {

/// The root of x that is 0 or from 2^-100 to 2^120; for other x a number that means nothing, for
/// NaN NaN. nvcc's root is these operations behind a test.
POLYAK_HOST_DEVICE float root_without_test(float x) {
#if defined(__CUDA_ARCH__)
  float inverse;
  asm("rsqrt.approx.ftz.f32 %0, %1;" : "=f"(inverse) : "f"(x));
  const float guess = x * inverse;
  const float root = fmaf(fmaf(-guess, guess, x), 0.5f * inverse, guess);
  return x == 0.0f ? 0.0f : root;
#else
  return sqrtf(x);
#endif
}

/// A step of one parameter, as adam_update() makes it.
struct AdamQuotient {
  float numerator, denominator;

  POLYAK_HOST_DEVICE AdamQuotient(const AdamStep& step, float first_moment, float second_moment)
      : numerator(step.learning_rate_corrected * first_moment),
        denominator(
            fmaf(root_without_test(second_moment), step.second_moment_correction, step.epsilon)) {}

  /// Whether value() is the quotient of adam_update(): root_without_test() and
  /// IeeeArithmetic::quotient() are for such numbers. Nothing that is NaN is one.
  POLYAK_HOST_DEVICE bool is_ordinary(float second_moment) const {
    constexpr float smallest_radicand = 0x1p-100f, smallest = 0x1p-60f, largest = 0x1p60f;
    const float size = fabsf(numerator);
    const bool has_root = second_moment == 0.0f || second_moment >= smallest_radicand;
    const bool is_in_range = size >= denominator * smallest && size <= denominator * largest;
    return has_root && (numerator == 0.0f || is_in_range) && denominator >= smallest &&
           denominator <= largest;
  }
  POLYAK_HOST_DEVICE float value() const {
    const float quotient = IeeeArithmetic<float>::quotient(numerator, denominator);
    return numerator == 0.0f ? numerator : quotient;
  }
};

/// adam_update() for each, with the same bits. A GPU's root and quotient have branches, for
/// operands near the ends of the range, behind which each parameter would wait for the one before:
/// here it is asked once whether any needs them.
template <int Count>
POLYAK_HOST_DEVICE void adam_updates(const AdamStep& step, const float (&gradients)[Count],
                                     float (&parameters)[Count], float (&first_moments)[Count],
                                     float (&second_moments)[Count]) {
  float firsts[Count], seconds[Count], steps[Count];
  bool are_ordinary = true;
  for (int i = 0; i < Count; ++i) {
    firsts[i] = first_moments[i];
    seconds[i] = second_moments[i];
    // For the moments: nobody reads the parameter, so the compiler leaves it out.
    float parameter = 0.0f;
    adam_update(step, gradients[i], parameter, firsts[i], seconds[i]);
    const AdamQuotient quotient(step, firsts[i], seconds[i]);
    steps[i] = quotient.value();
    are_ordinary = are_ordinary && quotient.is_ordinary(seconds[i]);
  }
  if (!are_ordinary) {
    for (int i = 0; i < Count; ++i) {
      adam_update(step, gradients[i], parameters[i], first_moments[i], second_moments[i]);
    }
    return;
  }
  for (int i = 0; i < Count; ++i) {
    parameters[i] -= steps[i];
    first_moments[i] = firsts[i];
    second_moments[i] = seconds[i];
  }
}

}  // namespace polyak::kernels::fused
