// From random bits to the distributions that training needs; shared by CPU and GPU.
#pragma once

#include <cmath>
#include <cstdint>

#include "polyak/core/elementary_functions.hpp"
#include "polyak/core/philox.hpp"

namespace polyak {

/// Uniform in [0, 1): the upper 24 bits, so every value is exact in float32 and 1 never occurs.
POLYAK_HOST_DEVICE float uniform_from_bits(std::uint32_t bits) {
  return static_cast<float>(bits >> 8) * 0x1p-24f;
}

/// Uniform in [low, high).
POLYAK_HOST_DEVICE float uniform_between(float low, float high, std::uint32_t bits) {
  const float value = low + (high - low) * uniform_from_bits(bits);
  return value < high ? value : low;  // rounding of the product may reach the open end
}

/// Two independent standard normal values.
struct NormalPair {
  float first, second;
};

/// Box-Muller transform of two words. The radius uses (0, 1], so its logarithm is finite.
POLYAK_HOST_DEVICE NormalPair normal_pair(std::uint32_t radius_bits, std::uint32_t angle_bits) {
  constexpr float two_pi = 6.28318530717958647692f;
  const float uniform = static_cast<float>((radius_bits >> 8) + 1u) * 0x1p-24f;
  const float radius = sqrtf(-2.0f * logarithm(uniform));
  const SineAndCosine angle = sine_and_cosine(two_pi * uniform_from_bits(angle_bits));
  return {radius * angle.cosine, radius * angle.sine};
}

/// Component `dimension` (0 to 3) of the four standard normal values in one block of bits.
POLYAK_HOST_DEVICE float normal_from_bits(const RandomBits& bits, int dimension) {
  const NormalPair pair = dimension < 2 ? normal_pair(bits.x, bits.y) : normal_pair(bits.z, bits.w);
  return (dimension & 1) == 0 ? pair.first : pair.second;
}

/// Word `dimension` (0 to 3) of a block of bits.
POLYAK_HOST_DEVICE std::uint32_t word_of(const RandomBits& bits, int dimension) {
  return dimension == 0 ? bits.x : dimension == 1 ? bits.y : dimension == 2 ? bits.z : bits.w;
}

/// Maps 64 random bits to [0, bound) without bias (Lemire, "Fast Random Integer Generation in an
/// Interval", 2019). Returns false where the bits must be drawn again, which happens with
/// probability below bound / 2^64.
POLYAK_HOST_DEVICE bool unbiased_below(std::uint64_t bits, std::uint64_t bound,
                                       std::uint64_t& result) {
  __extension__ using uint128 = unsigned __int128;
  const uint128 product = static_cast<uint128>(bits) * bound;
  const std::uint64_t low = static_cast<std::uint64_t>(product);
  result = static_cast<std::uint64_t>(product >> 64);
  return low >= bound || low >= (0 - bound) % bound;
}

/// Draws from [0, bound) uniformly among the values that `accept(value)` lets through, by
/// rejection: exact whatever the bound. `generate(draw)` gives the RandomBits of draw 0, 1, ...
/// At least one value must be acceptable.
template <class Generate, class Accept>
POLYAK_HOST_DEVICE std::uint64_t sample_accepted(std::uint64_t bound, const Generate& generate,
                                                 const Accept& accept) {
  for (std::uint32_t draw = 0;; ++draw) {
    const RandomBits bits = generate(draw);
    const std::uint64_t words[2] = {(static_cast<std::uint64_t>(bits.x) << 32) | bits.y,
                                    (static_cast<std::uint64_t>(bits.z) << 32) | bits.w};
    for (const std::uint64_t word : words) {
      std::uint64_t value;
      if (unbiased_below(word, bound, value) && accept(value)) return value;
    }
  }
}

}  // namespace polyak
