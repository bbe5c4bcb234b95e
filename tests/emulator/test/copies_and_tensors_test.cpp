#include "emulator/test/kernels/kernels.cuh"
#include "emulator/test/launch_helpers.hpp"

namespace polyak::emulator_tests {
namespace {

class AsyncCopies : public testing::TestWithParam<unsigned> {};

TEST_P(AsyncCopies, ArriveAtTheirWait) {
  const unsigned n = GetParam();
  std::vector<float> x(n);
  for (std::size_t i = 0; i < n; ++i) x[i] = static_cast<float>(i + 1);
  const DeviceArray<float> device_x(x);
  const DeviceArray<float> out(n);
  run({dim3(1), dim3(32)}, double_with_async_copies, device_x.data(), out.data(), n);
  const std::vector<float> result = out.read();
  for (std::size_t i = 0; i < n; ++i) EXPECT_EQ(result[i], 2.0f * x[i]);
}

INSTANTIATE_TEST_SUITE_P(Sizes, AsyncCopies, testing::Values(4u, 128u, 300u));

TEST(AsyncCopy, MissingWaitShowsAsNotANumber) {
  const DeviceArray<float> x(std::vector<float>(32, 1.0f));
  const DeviceArray<float> out(32);
  run({dim3(1), dim3(32)}, bug_missing_copy_wait, x.data(), out.data());
  for (float value : out.read()) EXPECT_TRUE(std::isnan(value));
}

TEST(AsyncCopy, WaitForTooFewGroupsShowsAsNotANumber) {
  const DeviceArray<float> x(std::vector<float>(64, 1.0f));
  const DeviceArray<float> out(64);
  run({dim3(1), dim3(32)}, bug_waits_for_too_few_groups, x.data(), out.data());
  EXPECT_EQ(out.read()[0], 1.0f);
  EXPECT_TRUE(std::isnan(out.read()[32]));
}

TEST(AsyncCopy, CatchesACopyThatNobodyWaitsFor) {
  const DeviceArray<float> x(32);
  expect_kernel_error(
      [&] {
        run({dim3(1), dim3(32)}, bug_abandoned_copy, x.data());
      },
      {"asynchronous copies it never waited for"});
}

TEST(AsyncCopy, CatchesMisalignedAddresses) {
  const DeviceArray<float> x(8);
  expect_kernel_error(
      [&] {
        run({dim3(1), dim3(1)}, bug_misaligned_copy, x.data());
      },
      {"not aligned", "begin_async_copy at copies_and_tensors.cu:"});
}

/// Small numbers with few bits: their products and sums are exact in every format used.
std::vector<float> small_numbers(std::size_t size, unsigned factor) {
  std::vector<float> values(size);
  for (std::size_t i = 0; i < size; ++i) {
    values[i] = static_cast<float>(static_cast<int>(i * factor % 17) - 8) / 8.0f;
  }
  return values;
}

using MatrixKernel = void (*)(const float*, const float*, float*, unsigned);

void expect_exact_product(MatrixKernel kernel, unsigned depth) {
  const std::vector<float> a = small_numbers(std::size_t{16} * depth, 37);
  const std::vector<float> b = small_numbers(std::size_t{8} * depth, 53);
  const DeviceArray<float> device_a(a);
  const DeviceArray<float> device_b(b);
  const DeviceArray<float> d(16 * 8);
  run({dim3(1), dim3(32)}, kernel, device_a.data(), device_b.data(), d.data(), depth);
  const std::vector<float> result = d.read();
  for (std::size_t row = 0; row < 16; ++row) {
    for (std::size_t column = 0; column < 8; ++column) {
      float expected = 0.0f;
      for (std::size_t k = 0; k < depth; ++k)
        expected += a[row * depth + k] * b[column * depth + k];
      EXPECT_EQ(result[row * 8 + column], expected) << row << ", " << column;
    }
  }
}

TEST(TensorCore, MultipliesTf32) {
  expect_exact_product(multiply_tf32, 8);
  expect_exact_product(multiply_tf32, 40);
}

TEST(TensorCore, MultipliesTf32InThreeProducts) {
  expect_exact_product(multiply_tf32x3, 8);
  expect_exact_product(multiply_tf32x3, 40);
}

TEST(TensorCore, ThreeProductsAreNearlyAsAccurateAsFp32) {
  constexpr std::size_t depth = 64;
  std::vector<float> a(16 * depth), b(8 * depth);
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = std::sin(static_cast<float>(i) + 0.3f);
  for (std::size_t i = 0; i < b.size(); ++i) b[i] = std::cos(static_cast<float>(i) * 1.7f);
  const DeviceArray<float> device_a(a), device_b(b), once(16 * 8), thrice(16 * 8);
  run({dim3(1), dim3(32)}, multiply_tf32, device_a.data(), device_b.data(), once.data(), depth);
  run({dim3(1), dim3(32)}, multiply_tf32x3, device_a.data(), device_b.data(), thrice.data(), depth);
  const std::vector<float> one_product = once.read(), three_products = thrice.read();
  double worst_of_one = 0.0;
  for (std::size_t row = 0; row < 16; ++row) {
    for (std::size_t column = 0; column < 8; ++column) {
      double expected = 0.0, magnitude = 0.0;
      for (std::size_t k = 0; k < depth; ++k) {
        const double term =
            static_cast<double>(a[row * depth + k]) * static_cast<double>(b[column * depth + k]);
        expected += term;
        magnitude += std::abs(term);
      }
      const std::size_t at = row * 8 + column;
      // Per product: two splits of 2^-23 and the small parts' product of 2^-22; then fp32's sums.
      EXPECT_NEAR(three_products[at], expected, (0x1p-21 + (depth + 2) * 0x1p-24) * magnitude);
      worst_of_one = std::max(worst_of_one, std::abs(one_product[at] - expected) / magnitude);
    }
  }
  EXPECT_GT(worst_of_one, 0x1p-16) << "one product must show tf32's rounding";
}

TEST(TensorCore, SplitsIntoTwoTf32Numbers) {
  for (const float value : {1.0f, -3.1415927f, 1.0f / 3.0f, 0x1.fffffep0f, 0x1.fffffep100f}) {
    const kernels::Tf32Parts parts = kernels::split_tf32(value);
    EXPECT_EQ((parts.big | parts.small) & 0x1fffu, 0u);
    const double sum = static_cast<double>(std::bit_cast<float>(parts.big)) +
                       static_cast<double>(std::bit_cast<float>(parts.small));
    EXPECT_LE(std::abs(sum - static_cast<double>(value)), 0x1p-23 * std::abs(value));
  }
}

TEST(TensorCore, MultipliesBf16) {
  expect_exact_product(multiply_bf16, 16);
  expect_exact_product(multiply_bf16, 48);
}

TEST(TensorCore, RoundsToTf32) {
  EXPECT_EQ(kernels::to_tf32(1.0f), 0x3f800000u);
  EXPECT_EQ(kernels::to_tf32(std::bit_cast<float>(0x3f800fffu)), 0x3f800000u);
  EXPECT_EQ(kernels::to_tf32(std::bit_cast<float>(0x3f801000u)), 0x3f802000u);  // a tie
  EXPECT_EQ(kernels::to_tf32(std::bit_cast<float>(0xbf801000u)), 0xbf802000u);
  EXPECT_EQ(kernels::to_tf32(std::bit_cast<float>(0x7f800000u)), 0x7f800000u);  // infinity
}

}  // namespace
}  // namespace polyak::emulator_tests
