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

/// A normal value; `number` tells one matrix from another.
float random_value(std::size_t index, std::uint64_t number) {
  return normal_from_bits(
      PhiloxRandom{1}(static_cast<std::uint32_t>(index), number, Purpose::warmup_action), 0);
}

std::vector<float> random_values(std::size_t count, std::uint64_t number) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = random_value(i, number);
  return values;
}

struct Shape {
  std::ptrdiff_t rows, columns, depth;
};
void PrintTo(const Shape& shape, std::ostream* out) {
  *out << shape.rows << "x" << shape.columns << "x" << shape.depth;
}

/// How A lies in memory.
enum class Storage { rows, transposed, panels };

/// A product with everything it needs.
struct Product {
  Product(Shape given, Storage storage)
      : shape(given),
        a(random_values(static_cast<std::size_t>(given.rows * round_up(given.depth, panel_columns)),
                        0)),
        b(given.depth, given.columns),
        bias(random_values(static_cast<std::size_t>(given.rows), 2)) {
    const auto [m, n, k] = shape;
    for (std::ptrdiff_t row = 0; row < k; ++row) {
      for (std::ptrdiff_t column = 0; column < n; ++column) {
        b(row, column) = random_value(static_cast<std::size_t>(row * n + column), 1);
      }
    }
    const std::ptrdiff_t c_floats = m * round_up(n, panel_columns);
    c.assign(static_cast<std::size_t>(c_floats + 2 * margin), sentinel);
    outputs = random_values(static_cast<std::size_t>(c_floats), 3);
    arguments = {.rows = m,
                 .columns = n,
                 .depth = k,
                 .order = product_order(m),
                 .group_depth = k,
                 .a = a.data(),
                 .a_row = k,
                 .a_column = 1,
                 .a_segment = k,
                 .a_segment_stride = 0,
                 .b = b.panel_at(0),
                 .b_panel = b.panel_floats(),
                 .bias = bias.data(),
                 .c = c.data() + margin,
                 .c_row = panel_columns,
                 .c_panel = m * panel_columns,
                 .activation = Activation::identity,
                 .outputs = nullptr};
    if (storage == Storage::transposed) {
      arguments.a_row = 1;
      arguments.a_column = m;
    } else if (storage == Storage::panels) {
      arguments.order = SumOrder::grouped;
      arguments.group_depth = 16;
      arguments.a_row = panel_columns;
      arguments.a_segment = panel_columns;
      arguments.a_segment_stride = m * panel_columns;
    }
  }
  std::size_t place(std::ptrdiff_t row, std::ptrdiff_t column) const {
    const std::ptrdiff_t within = column % panel_columns;
    return static_cast<std::size_t>((column - within) * shape.rows + row * panel_columns + within);
  }
  float result(std::ptrdiff_t row, std::ptrdiff_t column) const {
    return c[static_cast<std::size_t>(margin) + place(row, column)];
  }
  /// An element of bias + A B in double precision, and the sum of the magnitudes of its terms.
  std::pair<double, double> reference(std::ptrdiff_t row, std::ptrdiff_t column) const {
    const ProductArguments& p = arguments;
    double sum = p.bias ? static_cast<double>(p.bias[row]) : 0.0;
    double magnitude = std::abs(sum);
    for (std::ptrdiff_t k = 0; k < shape.depth; ++k) {
      const std::ptrdiff_t at =
          row * p.a_row + k / p.a_segment * p.a_segment_stride + k % p.a_segment * p.a_column;
      const double term = static_cast<double>(p.a[at]) * static_cast<double>(b(k, column));
      sum += term;
      magnitude += std::abs(term);
    }
    return {sum, magnitude};
  }

  Shape shape;
  std::vector<float> a;
  PanelMatrix b;
  std::vector<float> bias, c, outputs;
  ProductArguments arguments;
};

class MatrixProduct : public testing::TestWithParam<Shape> {
 protected:
  template <class Visit>
  static void for_every_element(const Visit& visit) {
    for (std::ptrdiff_t m = 0; m < GetParam().rows; ++m) {
      for (std::ptrdiff_t n = 0; n < GetParam().columns; ++n) visit(m, n);
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Shapes, MatrixProduct,
                         testing::Values(Shape{1, 16, 1}, Shape{1, 16, 0}, Shape{2, 32, 3},
                                         Shape{5, 48, 31}, Shape{6, 64, 33}, Shape{7, 80, 65},
                                         Shape{31, 128, 4}, Shape{65, 16, 1023},
                                         Shape{13, 1024, 17}, Shape{1, 336, 31},
                                         Shape{9, 3 * lanes, 33}, Shape{1, 7 * lanes, 65},
                                         Shape{19, 2 * lanes, 7}, Shape{64, 7 * lanes, 5},
                                         // The last four columns by themselves, and padded.
                                         Shape{16, 4, 1}, Shape{48, 36, 3}, Shape{64, 100, 33},
                                         Shape{32, 116, 8}, Shape{33, 100, 6}, Shape{16, 44, 5}));

TEST_P(MatrixProduct, MatchesDoublePrecisionAndStaysInside) {
  for (const Storage storage : {Storage::rows, Storage::transposed, Storage::panels}) {
    for (const bool with_bias : {true, false}) {
      Product product(GetParam(), storage);
      if (!with_bias) product.arguments.bias = nullptr;
      matrix_product(product.arguments);
      for_every_element([&](std::ptrdiff_t m, std::ptrdiff_t n) {
        const auto [expected, magnitude] = product.reference(m, n);
        ASSERT_NEAR(static_cast<double>(product.result(m, n)), expected, 1e-6 * magnitude)
            << m << ", " << n;
      });
      for (std::ptrdiff_t i = 0; i < margin; ++i) {
        ASSERT_EQ(product.c[static_cast<std::size_t>(i)], sentinel);
        ASSERT_EQ(product.c[product.c.size() - 1 - static_cast<std::size_t>(i)], sentinel);
      }
      for (std::ptrdiff_t m = 0; m < GetParam().rows; ++m) {
        for (std::ptrdiff_t n = round_up(GetParam().columns, lanes); n % panel_columns != 0; ++n) {
          ASSERT_EQ(product.result(m, n), sentinel) << m << ", " << n;
        }
      }
    }
  }
}

TEST_P(MatrixProduct, AppliesActivationsOrTheirDerivatives) {
  for (const Activation f : {Activation::relu, Activation::tanh, Activation::elu}) {
    for (const bool scaled : {false, true}) {
      Product product(GetParam(), Storage::rows);
      product.arguments.activation = f;
      if (scaled) product.arguments.outputs = product.outputs.data();
      matrix_product(product.arguments);
      for_every_element([&](std::ptrdiff_t m, std::ptrdiff_t n) {
        const auto [sum, magnitude] = product.reference(m, n);
        const float output = product.outputs[product.place(m, n)];
        const double expected = scaled ? sum * static_cast<double>(activation_derivative(f, output))
                                : f == Activation::relu ? std::max(sum, 0.0)
                                : f == Activation::tanh ? std::tanh(sum)
                                : sum > 0.0             ? sum
                                                        : std::expm1(sum);
        const double slope = scaled ? 1.0 + static_cast<double>(output * output) : 1.0;
        ASSERT_NEAR(static_cast<double>(product.result(m, n)), expected,
                    1e-6 * (magnitude * slope + 1.0))
            << m << ", " << n;
      });
    }
  }
}

// The orders that polyak/core/summation.hpp promises, to the bit.
TEST_P(MatrixProduct, SumsInTheOrderOfALayer) {
  Product product(GetParam(), Storage::rows);
  matrix_product(product.arguments);
  for_every_element([&](std::ptrdiff_t m, std::ptrdiff_t n) {
    const float* const row = product.a.data() + m * product.arguments.a_row;
    ASSERT_EQ(product.result(m, n),
              layer_sum(
                  GetParam().rows, static_cast<int>(GetParam().depth),
                  product.bias[static_cast<std::size_t>(m)], [&](int k) { return row[k]; },
                  [&](int k) { return product.b(k, n); }))
        << m << ", " << n;
  });
}

TEST_P(MatrixProduct, SumsByGroupsOfRows) {
  Product product(GetParam(), Storage::panels);
  product.arguments.bias = nullptr;
  matrix_product(product.arguments);
  const ProductArguments& p = product.arguments;
  for_every_element([&](std::ptrdiff_t m, std::ptrdiff_t n) {
    float total = 0.0f;
    for (std::ptrdiff_t first = 0; first < GetParam().depth; first += p.group_depth) {
      float sum = 0.0f;
      for (std::ptrdiff_t k = first; k < std::min(first + p.group_depth, GetParam().depth); ++k) {
        const std::ptrdiff_t at =
            m * p.a_row + k / p.a_segment * p.a_segment_stride + k % p.a_segment * p.a_column;
        sum = std::fma(p.a[at], product.b(k, n), sum);
      }
      total += sum;
    }
    ASSERT_EQ(product.result(m, n), total) << m << ", " << n;
  });
}

// What makes results independent of threads and of the size of a batch.
TEST_P(MatrixProduct, BitsDoNotDependOnTheCut) {
  for (const Activation f : {Activation::identity, Activation::tanh, Activation::elu}) {
    Product whole(GetParam(), Storage::rows), pieces(GetParam(), Storage::rows);
    whole.arguments.activation = f;
    matrix_product(whole.arguments);
    for (std::ptrdiff_t row = 0; row < GetParam().rows; ++row) {
      for (std::ptrdiff_t column = 0; column < GetParam().columns; column += lanes) {
        const std::ptrdiff_t within = column % panel_columns;
        ProductArguments piece = pieces.arguments;  // the order stays the whole product's
        piece.activation = f;
        piece.rows = 1;
        piece.columns = std::min<std::ptrdiff_t>(lanes, GetParam().columns - column);
        piece.a += row * piece.a_row;
        piece.b += column / panel_columns * piece.b_panel + within;
        piece.bias += row;
        piece.c += static_cast<std::ptrdiff_t>(pieces.place(row, column));
        matrix_product(piece);
      }
    }
    for_every_element([&](std::ptrdiff_t m, std::ptrdiff_t n) {
      ASSERT_EQ(whole.result(m, n), pieces.result(m, n)) << m << ", " << n;
    });
  }
}

TEST(MatrixProductActivations, LetNaNThrough) {
  for (const Activation f : {Activation::relu, Activation::tanh, Activation::elu}) {
    Product product({3, 16, 2}, Storage::rows);
    product.a[2] = std::numeric_limits<float>::quiet_NaN();
    product.arguments.activation = f;
    matrix_product(product.arguments);
    EXPECT_FALSE(std::isnan(product.result(0, 5)));
    EXPECT_TRUE(std::isnan(product.result(1, 5)));
  }
}

TEST(TransposePanel, MovesEveryElementAndNoOther) {
  for (const std::ptrdiff_t features : {1, 3, 4, 5, 31, 33, 64}) {
    if (features > panel_columns) continue;
    for (const std::ptrdiff_t count : {4, 12, 16, 64}) {
      if (count > panel_columns) continue;
      const std::vector<float> source =
          random_values(static_cast<std::size_t>(features * panel_columns), 3);
      std::vector<float> target(static_cast<std::size_t>(count * panel_columns), sentinel);
      transpose_panel(source.data(), features, count, target.data());
      for (std::ptrdiff_t c = 0; c < count; ++c) {
        for (std::ptrdiff_t f = 0; f < panel_columns; ++f) {
          const float expected = f < features
                                     ? source[static_cast<std::size_t>(f * panel_columns + c)]
                                 : f < round_up(features, lanes) ? 0.0f
                                                                 : sentinel;
          ASSERT_EQ(target[static_cast<std::size_t>(c * panel_columns + f)], expected)
              << f << ", " << c;
        }
      }
    }
  }
}

TEST(PanelMatrix, HoldsEveryElementOnceAndStartsZero) {
  for (const std::ptrdiff_t features : {1, 3, 33}) {
    for (const std::ptrdiff_t columns : {1, 31, 65}) {
      PanelMatrix matrix(features, columns);
      for (std::ptrdiff_t f = 0; f < features; ++f) {
        for (std::ptrdiff_t c = 0; c < columns; ++c) {
          ASSERT_EQ(matrix(f, c), 0.0f);
          matrix(f, c) = static_cast<float>(f * columns + c);
        }
      }
      for (std::ptrdiff_t f = 0; f < features; ++f) {
        for (std::ptrdiff_t c = 0; c < columns; ++c) {
          const std::ptrdiff_t begin = c / panel_columns * panel_columns;
          ASSERT_EQ(matrix.panel_at(begin)[f * panel_columns + c - begin],
                    static_cast<float>(f * columns + c));
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
