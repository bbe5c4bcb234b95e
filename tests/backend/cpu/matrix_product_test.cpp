#include "backend/cpu/matrix_product.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "backend/cpu/aligned_array.hpp"
#include "backend/cpu/transpose.hpp"
#include "polyak/core/random.hpp"

namespace polyak::cpu {
namespace {

constexpr float sentinel = 1234.5f;
constexpr std::ptrdiff_t margin = 16;  // untouched floats before and after every result

/// Normal values; `number` tells one matrix from another.
std::vector<float> random_values(std::size_t count, std::uint64_t number) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = normal_from_bits(
        PhiloxRandom{1}(static_cast<std::uint32_t>(i), number, Purpose::warmup_action), 0);
  }
  return values;
}

struct Shape {
  std::ptrdiff_t rows, columns, depth;
};

/// A product with everything it needs; A is stored transposed or not.
struct Product {
  Product(Shape given, bool transposed) : shape(given) {
    const auto [m, n, k] = shape;
    a = random_values(static_cast<std::size_t>(m * k), 0);
    b = random_values(static_cast<std::size_t>(k * n), 1);
    bias = random_values(static_cast<std::size_t>(m), 2);
    c.assign(static_cast<std::size_t>(m * n + 2 * margin), sentinel);
    arguments = {m,
                 n,
                 k,
                 a.data(),
                 transposed ? 1 : k,
                 transposed ? m : 1,
                 b.data(),
                 n,
                 bias.data(),
                 c.data() + margin,
                 n,
                 false};
  }
  float result(std::ptrdiff_t row, std::ptrdiff_t column) const {
    return c[static_cast<std::size_t>(margin + row * shape.columns + column)];
  }
  /// Element of the product in double precision, and the sum of the magnitudes of its terms.
  std::pair<double, double> reference(std::ptrdiff_t row, std::ptrdiff_t column) const {
    double sum = arguments.bias ? static_cast<double>(arguments.bias[row]) : 0.0;
    double magnitude = std::abs(sum);
    for (std::ptrdiff_t k = 0; k < shape.depth; ++k) {
      const double term =
          static_cast<double>(arguments.a[row * arguments.a_row + k * arguments.a_column]) *
          static_cast<double>(arguments.b[k * arguments.b_row + column]);
      sum += term;
      magnitude += std::abs(term);
    }
    return {sum, magnitude};
  }

  Shape shape;
  std::vector<float> a, b, bias, c;
  ProductArguments arguments;
};

class MatrixProduct : public testing::TestWithParam<Shape> {};
INSTANTIATE_TEST_SUITE_P(Shapes, MatrixProduct,
                         testing::Values(Shape{1, 16, 1}, Shape{1, 16, 0}, Shape{2, 32, 3},
                                         Shape{5, 48, 31}, Shape{6, 64, 33}, Shape{7, 80, 65},
                                         Shape{31, 128, 4}, Shape{65, 16, 1023},
                                         Shape{13, 1024, 17}));

TEST_P(MatrixProduct, MatchesDoublePrecisionAndStaysInside) {
  for (const bool transposed : {false, true}) {
    for (const bool with_bias : {true, false}) {
      for (const bool relu : {false, true}) {
        Product product(GetParam(), transposed);
        if (!with_bias) product.arguments.bias = nullptr;
        product.arguments.relu = relu;
        matrix_product(product.arguments);
        for (std::ptrdiff_t m = 0; m < GetParam().rows; ++m) {
          for (std::ptrdiff_t n = 0; n < GetParam().columns; ++n) {
            auto [expected, magnitude] = product.reference(m, n);
            if (relu) expected = std::max(expected, 0.0);
            ASSERT_NEAR(static_cast<double>(product.result(m, n)), expected, 1e-6 * magnitude)
                << m << ", " << n;
          }
        }
        for (std::ptrdiff_t i = 0; i < margin; ++i) {
          ASSERT_EQ(product.c[static_cast<std::size_t>(i)], sentinel);
          ASSERT_EQ(product.c[product.c.size() - 1 - static_cast<std::size_t>(i)], sentinel);
        }
      }
    }
  }
}

// What makes results independent of threads and of the size of a batch.
TEST_P(MatrixProduct, BitsDoNotDependOnTheCut) {
  Product whole(GetParam(), false), pieces(GetParam(), false);
  matrix_product(whole.arguments);
  const auto lanes = static_cast<std::ptrdiff_t>(lane_padding);
  for (std::ptrdiff_t row = 0; row < GetParam().rows; ++row) {
    for (std::ptrdiff_t column = 0; column < GetParam().columns; column += lanes) {
      ProductArguments piece = pieces.arguments;
      piece.rows = 1;
      piece.columns = lanes;
      piece.a += row * piece.a_row;
      piece.b += column;
      piece.bias += row;
      piece.c += row * piece.c_row + column;
      matrix_product(piece);
    }
  }
  EXPECT_EQ(whole.c, pieces.c);
}

TEST(MatrixProductRelu, LetsNaNThrough) {
  Product product({3, 16, 2}, false);
  product.a[2] = std::numeric_limits<float>::quiet_NaN();
  product.arguments.relu = true;
  matrix_product(product.arguments);
  EXPECT_FALSE(std::isnan(product.result(0, 5)));
  EXPECT_TRUE(std::isnan(product.result(1, 5)));
}

TEST(TransposeChunk, MovesEveryElementAndNoOther) {
  for (const std::ptrdiff_t features : {1, 3, 4, 5, 31, 64}) {
    for (const std::ptrdiff_t count : {4, 16, 64}) {
      const std::ptrdiff_t source_row = count + 5, target_row = features + 3;
      const std::vector<float> source =
          random_values(static_cast<std::size_t>(features * source_row), 3);
      std::vector<float> target(static_cast<std::size_t>(count * target_row), sentinel);
      transpose_chunk(source.data(), source_row, features, count, target.data(), target_row);
      for (std::ptrdiff_t c = 0; c < count; ++c) {
        for (std::ptrdiff_t f = 0; f < target_row; ++f) {
          ASSERT_EQ(target[static_cast<std::size_t>(c * target_row + f)],
                    f < features ? source[static_cast<std::size_t>(f * source_row + c)] : sentinel);
        }
      }
    }
  }
}

TEST(AlignedArray, StartsZeroOnACacheLine) {
  const AlignedArray array(77);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(array.data()) % 64, 0u);
  for (std::size_t i = 0; i < 77; ++i) EXPECT_EQ(array.data()[i], 0.0f);
}

}  // namespace
}  // namespace polyak::cpu
