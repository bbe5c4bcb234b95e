// The tests' own statistics against published values.
#include "support/statistics.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace polyak::test {
namespace {

// Critical values as tables of the chi-squared distribution give them (for example NIST/SEMATECH
// e-Handbook, section 1.3.6.7.4).
TEST(Statistics, ChiSquaredMatchesTables) {
  EXPECT_NEAR(chi_squared_p_value(3.841, 1), 0.05, 1e-4);
  EXPECT_NEAR(chi_squared_p_value(10.828, 1), 0.001, 1e-5);
  EXPECT_NEAR(chi_squared_p_value(18.307, 10), 0.05, 1e-4);
  EXPECT_NEAR(chi_squared_p_value(124.342, 100), 0.05, 1e-4);
  EXPECT_NEAR(chi_squared_p_value(77.929, 100), 0.95, 1e-4);
}

TEST(Statistics, ChiSquaredTestTellsFairFromUnfair) {
  const std::array<std::int64_t, 4> fair = {1010, 985, 1003, 1002};
  const std::array<std::int64_t, 4> unfair = {1200, 900, 950, 950};
  EXPECT_GT(chi_squared_test(fair), 0.5);
  EXPECT_LT(chi_squared_test(unfair), 1e-6);
  EXPECT_GT(chi_squared_test(unfair, std::array{12.0, 9.0, 9.5, 9.5}), 0.99);
}

TEST(Statistics, KolmogorovSmirnovTellsUniformFromShifted) {
  std::vector<float> uniform, shifted;
  for (int i = 0; i < 1000; ++i) {
    uniform.push_back((static_cast<float>(i) + 0.5f) / 1000.0f);
    shifted.push_back(uniform.back() * 0.9f);
  }
  const auto identity = [](double x) { return x; };
  EXPECT_GT(kolmogorov_smirnov_test(uniform, identity), 0.99);
  EXPECT_LT(kolmogorov_smirnov_test(shifted, identity), 1e-6);
}

TEST(Statistics, NormalDistributionFunction) {
  EXPECT_NEAR(normal_cdf(0.0), 0.5, 1e-15);
  EXPECT_NEAR(normal_cdf(1.959963985), 0.975, 1e-9);
  EXPECT_NEAR(normal_cdf(-3.0), 0.0013498980316301, 1e-13);
}

}  // namespace
}  // namespace polyak::test
