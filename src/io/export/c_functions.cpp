#include "io/export/c_functions.hpp"

namespace polyak::c_functions {

const std::string_view arithmetic = R"(
static inline uint32_t @_bits(float x) {
  union { float value; uint32_t bits; } both;
  both.value = x;
  return both.bits;
}

static inline float @_from_bits(uint32_t bits) {
  union { float value; uint32_t bits; } both;
  both.bits = bits;
  return both.value;
}

/* a * b + c, rounded once. In double the product is exact; the sum is rounded to odd (Boldo and
   Melquiond 2008), after which rounding to float is as one rounding. */
static inline float @_fused(float a, float b, float c) {
#if defined($_INEXACT)
  return a * b + c;
#elif defined(__FP_FAST_FMAF)
  return __builtin_fmaf(a, b, c);
#else
  const double product = (double)a * (double)b;
  const double sum = product + (double)c;
  const double added = sum - product;
  const double lost = (product - (sum - added)) + ((double)c - added);
  union { double value; uint64_t bits; } odd;
  odd.value = sum;
  if ((lost > 0.0 || lost < 0.0) && (odd.bits & 1u) == 0) {
    if ((lost > 0.0) == (sum > 0.0)) odd.bits += 1u; else odd.bits -= 1u;
  }
  return (float)odd.value;
#endif
}

/* a * b, rounded before anything is added to it, whatever the compiler would fuse. */
static inline float @_product(float a, float b) {
  volatile float product = a * b;
  return product;
}
)";

const std::string_view hyperbolic_tangent = R"(
static inline float @_tanh(float x) {
  const uint32_t sign = @_bits(x) & 0x80000000u;
  const float size = @_from_bits(@_bits(x) & 0x7fffffffu);
  float result;
  if (size < 0.28f) {
    const float square = size * size;
    float sum = -0.050814625f;
    sum = @_fused(sum, square, 0.13319218f);
    sum = @_fused(sum, square, -0.33333153f);
    result = @_fused(size * square, sum, size);
  } else {
    const float twice = size + size;
    const float clipped = twice > 19.0f ? 19.0f : twice;
    const float shifted = @_fused(clipped, 1.44269504f, 12582912.0f);
    const float r = @_fused(shifted - 12582912.0f, -0.693147182f, clipped);
    const float half_power = @_from_bits((@_bits(shifted) << 23) + 0x3f000000u);
    float sum = 0.00138645275f, h;
    sum = @_fused(sum, r, 0.00836653375f);
    sum = @_fused(sum, r, 0.0416675025f);
    sum = @_fused(sum, r, 0.16666543f);
    sum = @_fused(sum, r, 0.49999997f);
    h = @_fused(half_power, @_fused(r * r, sum, r), half_power - 0.5f);
    result = h / (h + 1.0f);
  }
  return @_from_bits(@_bits(result) | sign);
}
)";

const std::string_view exponential_minus_one = R"(
static inline float @_expm1(float x) {
  float shifted, n, r, sum, power;
  x = x < -17.5f ? -17.5f : x;
  x = x > 87.0f ? 87.0f : x;
  shifted = @_fused(x, 1.44269504f, 12582912.0f);
  n = shifted - 12582912.0f;
  r = @_fused(n, 2.12194440e-4f, @_fused(n, -0.693359375f, x));
  power = @_from_bits((@_bits(shifted) << 23) + 0x3f800000u);
  sum = 0.00138706958f;
  sum = @_fused(sum, r, 0.00836627185f);
  sum = @_fused(sum, r, 0.0416674353f);
  sum = @_fused(sum, r, 0.166665465f);
  sum = @_fused(sum, r, 0.49999997f);
  return @_fused(power, @_fused(r * r, sum, r), power - 1.0f);
}
)";

const std::string_view logistic = R"(
static inline float @_reciprocal(float x) {
  float guess = @_from_bits(0x7ef311c7u - @_bits(x));
  float error = @_fused(-x, guess, 1.0f);
  guess = @_fused(guess, @_fused(error, error, error), guess);
  error = @_fused(-x, guess, 1.0f);
  return @_fused(guess, @_fused(error, error, error), guess);
}

static inline float @_logistic(float x) {
  const float negative = @_from_bits(@_bits(x) | 0x80000000u);
  const float clipped = negative < -87.0f ? -87.0f : negative;
  const float shifted = @_fused(clipped, 1.44269504f, 12582912.0f);
  const float n = shifted - 12582912.0f;
  const float r = @_fused(n, 2.12194440e-4f, @_fused(n, -0.693359375f, clipped));
  const float power = @_from_bits((@_bits(shifted) << 23) + 0x3f800000u);
  float sum = 0.00138201355f, exponential, denominator, lost, guess, quotient, left;
  sum = @_fused(sum, r, 0.00836868584f);
  sum = @_fused(sum, r, 0.0416682735f);
  sum = @_fused(sum, r, 0.166665211f);
  sum = @_fused(sum, r, 0.49999994f);
  exponential = @_fused(power, @_fused(r * r, sum, r), power);
  denominator = 1.0f + exponential;
  lost = exponential - (denominator - 1.0f);
  guess = @_reciprocal(denominator);
  quotient = (x < 0.0f ? exponential : 1.0f) * guess;
  left = @_fused(-denominator, quotient, x < 0.0f ? exponential : 1.0f);
  left = @_fused(-lost, quotient, left);
  return x < -87.0f ? 0.0f : @_fused(left, guess, quotient);
}
)";

const std::string_view layer = R"(
/* weight [outputs][inputs] times input, plus bias. */
static inline void @_layer(const float *weight, const float *bias, const float *input,
                           float *output, int inputs, int outputs) {
  int o, i;
  for (o = 0; o < outputs; ++o, weight += inputs) {
    float sums[4];
    sums[0] = sums[1] = sums[2] = sums[3] = 0.0f;
    for (i = 0; i < inputs; ++i) {
      float *const sum = &sums[outputs <= 4 ? i % 4 : 0];
      *sum = @_fused(weight[i], input[i], *sum);
    }
    output[o] = (outputs <= 4 ? (sums[0] + sums[1]) + (sums[2] + sums[3]) : sums[0]) + bias[o];
  }
}
)";

const std::string_view layer_norm = R"(
/* The square root of a positive, normal number. */
static inline float @_root(float x) {
  const uint32_t bits = @_bits(x);
  int exponent = (int)(bits >> 23) - 127;
  uint64_t square = (uint64_t)((bits & 0x7fffffu) | 0x800000u) << 25;
  uint32_t root = 0, digit;
  if (exponent % 2 != 0) {
    square <<= 1;
    exponent -= 1;
  }
  for (digit = 0x1000000u; digit != 0; digit >>= 1) {
    const uint64_t next = root | digit;
    if (next * next <= square) root |= digit;
  }
  return @_from_bits(((uint32_t)(exponent / 2 + 126) << 23) + ((root + 1) >> 1));
}

/* The sum of values, or of their squared distances from mean. */
static inline float @_feature_sum(const float *values, int count, int squared, float mean) {
  float lanes[32];
  int lane, i, half;
  for (lane = 0; lane < 32; ++lane) {
    float sum = 0.0f;
    for (i = lane; i < count; i += 32) {
      const float distance = values[i] - mean;
      sum += squared ? @_product(distance, distance) : values[i];
    }
    lanes[lane] = sum;
  }
  for (half = 16; half > 0; half /= 2) {
    for (lane = 0; lane < half; ++lane) lanes[lane] += lanes[lane + half];
  }
  return lanes[0];
}

static inline void @_normalise(const float *scale, const float *shift, float *values, int count) {
  const float share = 1.0f / (float)count;
  const float mean = @_product(share, @_feature_sum(values, count, 0, 0.0f));
  const float variance = @_product(share, @_feature_sum(values, count, 1, mean));
  const float inverse = 1.0f / @_root(variance + 1e-5f);
  int i;
  for (i = 0; i < count; ++i) {
    values[i] = @_product(scale[i], (values[i] - mean) * inverse) + shift[i];
  }
}
)";

const std::string_view lstm = R"(
static inline void @_step(@_memory *memory, const float *x, const float *u) {
  enum { units = $_UNITS };
  int j;
  for (j = 0; j < units; ++j) {
    const float in = @_logistic(x[j] + u[j]);
    const float keep = @_logistic(x[units + j] + u[units + j]);
    const float candidate = @_tanh(x[2 * units + j] + u[2 * units + j]);
    const float out = @_logistic(x[3 * units + j] + u[3 * units + j]);
    memory->cell[j] = @_fused(keep, memory->cell[j], in * candidate);
    memory->hidden[j] = out * @_tanh(memory->cell[j]);
  }
}
)";

const std::string_view gru = R"(
static inline void @_step(@_memory *memory, const float *x, const float *u) {
  enum { units = $_UNITS };
  int j;
  for (j = 0; j < units; ++j) {
    const float reset = @_logistic(x[j] + u[j]);
    const float keep = @_logistic(x[units + j] + u[units + j]);
    const float candidate = @_tanh(@_fused(reset, u[2 * units + j], x[2 * units + j]));
    memory->hidden[j] = @_fused(keep, memory->hidden[j] - candidate, candidate);
  }
}
)";

}  // namespace polyak::c_functions
