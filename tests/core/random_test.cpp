#include "polyak/core/random.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "support/statistics.hpp"

namespace polyak {
namespace {

constexpr std::uint32_t all_bits = 0xffffffffu;

/// Words number 0, 1, ... of one agent.
std::uint32_t word_number(std::uint32_t number) {
  return word_of(PhiloxRandom{2024}(number / 4, 0, Purpose::warmup_action),
                 static_cast<int>(number % 4));
}

TEST(Uniform, CoversTheHalfOpenInterval) {
  EXPECT_EQ(uniform_from_bits(0), 0.0f);
  EXPECT_EQ(uniform_from_bits(255), 0.0f);
  EXPECT_EQ(uniform_from_bits(256), 0x1p-24f);
  EXPECT_EQ(uniform_from_bits(0x80000000u), 0.5f);
  EXPECT_EQ(uniform_from_bits(all_bits), 1.0f - 0x1p-24f);
}

TEST(Uniform, BetweenNeverReachesTheOpenEnd) {
  const float pi = 3.14159265358979f;
  for (const auto& [low, high] : {std::pair{-1.0f, 1.0f}, std::pair{-pi, pi},
                                  std::pair{-0.6f, -0.4f}, std::pair{1e6f, 1e6f + 0.25f}}) {
    EXPECT_EQ(uniform_between(low, high, 0), low);
    for (const std::uint32_t bits : {all_bits, all_bits - 256, all_bits - 512, 0x80000000u}) {
      EXPECT_GE(uniform_between(low, high, bits), low);
      EXPECT_LT(uniform_between(low, high, bits), high);
    }
  }
  EXPECT_EQ(uniform_between(-1.0f, 1.0f, 0x80000000u), 0.0f);
}

TEST(Uniform, IsUniform) {
  std::vector<std::int64_t> counts(1000);
  for (std::uint32_t i = 0; i < 1'000'000; ++i) {
    ++counts[static_cast<std::size_t>(uniform_from_bits(word_number(i)) * 1000.0f)];
  }
  EXPECT_GT(test::chi_squared_test(counts), 1e-3);
}

TEST(Uniform, LowBitsAreUniformToo) {
  std::vector<std::int64_t> counts(256);
  for (std::uint32_t i = 0; i < 1'000'000; ++i) {
    ++counts[static_cast<std::uint32_t>(uniform_from_bits(word_number(i)) * 0x1p24f) % 256];
  }
  EXPECT_GT(test::chi_squared_test(counts), 1e-3);
}

TEST(Normal, FiniteAtExtremeBits) {
  for (const std::uint32_t radius : {0u, 255u, 256u, all_bits, all_bits - 256}) {
    for (const std::uint32_t angle : {0u, 256u, 0x40000000u, 0x80000000u, 0xc0000000u, all_bits}) {
      const NormalPair pair = normal_pair(radius, angle);
      EXPECT_TRUE(std::isfinite(pair.first) && std::isfinite(pair.second));
      // The longest radius is sqrt(-2 log 2^-24).
      EXPECT_LE(std::hypot(pair.first, pair.second), 5.7682f);
    }
  }
  EXPECT_NEAR(normal_pair(0, 0).first, std::sqrt(48.0 * std::log(2.0)), 1e-5);
  EXPECT_EQ(normal_pair(all_bits, 0).first, 0.0f);
}

TEST(Normal, DimensionsAreTheFourValuesOfABlock) {
  const RandomBits bits{0x12345678u, 0x9abcdef0u, 0x0fedcba9u, 0x87654321u};
  EXPECT_EQ(normal_from_bits(bits, 0), normal_pair(bits.x, bits.y).first);
  EXPECT_EQ(normal_from_bits(bits, 1), normal_pair(bits.x, bits.y).second);
  EXPECT_EQ(normal_from_bits(bits, 2), normal_pair(bits.z, bits.w).first);
  EXPECT_EQ(normal_from_bits(bits, 3), normal_pair(bits.z, bits.w).second);
  EXPECT_EQ(word_of(bits, 0), bits.x);
  EXPECT_EQ(word_of(bits, 1), bits.y);
  EXPECT_EQ(word_of(bits, 2), bits.z);
  EXPECT_EQ(word_of(bits, 3), bits.w);
}

class NormalDimension : public testing::TestWithParam<int> {
 protected:
  static constexpr std::uint32_t count = 200'000;
  float sample(std::uint32_t i, int dimension) const {
    return normal_from_bits(PhiloxRandom{7}(i, 3, Purpose::exploration_noise), dimension);
  }
};
INSTANTIATE_TEST_SUITE_P(All, NormalDimension, testing::Range(0, 4));

TEST_P(NormalDimension, HasTheMomentsOfANormal) {
  double sums[5] = {};
  for (std::uint32_t i = 0; i < count; ++i) {
    const double x = static_cast<double>(sample(i, GetParam()));
    double power = 1.0;
    for (double& sum : sums) {
      sum += power;
      power *= x;
    }
  }
  // Standard errors of the first four moments are sqrt(1, 2, 15, 96) / sqrt(count); four of them
  // are exceeded with probability 6e-5.
  const double unit = 4.0 / std::sqrt(static_cast<double>(count));
  EXPECT_NEAR(sums[1] / count, 0.0, unit);
  EXPECT_NEAR(sums[2] / count, 1.0, unit * std::sqrt(2.0));
  EXPECT_NEAR(sums[3] / count, 0.0, unit * std::sqrt(15.0));
  EXPECT_NEAR(sums[4] / count, 3.0, unit * std::sqrt(96.0));
}

TEST_P(NormalDimension, PassesKolmogorovSmirnov) {
  std::vector<float> samples;
  for (std::uint32_t i = 0; i < count; ++i) samples.push_back(sample(i, GetParam()));
  EXPECT_GT(test::kolmogorov_smirnov_test(samples, test::normal_cdf), 1e-3);
}

TEST_P(NormalDimension, IsUncorrelatedWithTheOthers) {
  for (int other = 0; other < 4; ++other) {
    if (other == GetParam()) continue;
    double sum = 0.0;
    for (std::uint32_t i = 0; i < count; ++i) {
      sum += static_cast<double>(sample(i, GetParam())) * static_cast<double>(sample(i, other));
    }
    EXPECT_NEAR(sum / count, 0.0, 4.0 / std::sqrt(static_cast<double>(count)));
  }
}

}  // namespace
}  // namespace polyak
