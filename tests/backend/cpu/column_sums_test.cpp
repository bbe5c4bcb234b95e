#include "backend/cpu/column_sums.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <ostream>
#include <string>
#include <vector>

namespace polyak::cpu {
namespace {

constexpr float untouched = -7.0f;

struct Batch {
  BatchShape shape;
  const char* name;
};

void PrintTo(const Batch& batch, std::ostream* out) { *out << batch.name; }

class ColumnSums : public testing::TestWithParam<Batch> {};
INSTANTIATE_TEST_SUITE_P(Batches, ColumnSums,
                         testing::Values(Batch{BatchShape::rows(1), "One"},
                                         Batch{BatchShape::rows(33), "ThirtyThree"},
                                         Batch{BatchShape::rows(100), "Hundred"},
                                         Batch{BatchShape::joint_rows(257), "Joint257"},
                                         Batch{BatchShape::sequences(20, 3), "TwentySequences"}),
                         [](const auto& instance) { return instance.param.name; });

/// Of magnitudes from 2^-6 to 2^6, so that sums depend on their order.
float element(std::ptrdiff_t feature, std::ptrdiff_t row) {
  const double phase = 1.7 * static_cast<double>(feature) + 0.9 * static_cast<double>(row);
  return static_cast<float>(std::cos(phase) * std::exp2(6.0 * std::sin(3.0 * phase)));
}

PanelMatrix matrix(const BatchShape& shape, std::ptrdiff_t features, std::ptrdiff_t first_feature) {
  PanelMatrix values(features, shape.columns());
  const std::ptrdiff_t rows = shape.order().sequences * shape.order().steps;
  for (std::ptrdiff_t row = 0; row < rows; ++row) {
    for (std::ptrdiff_t feature = 0; feature < features; ++feature) {
      values(feature, shape.column_of_row(row)) = element(first_feature + feature, row);
    }
  }
  return values;
}

/// From none over less than a register of rows, one and two to several and a rest, at any
/// beginning.
TEST_P(ColumnSums, HaveTheOrderOfSumsOverABatchAndTouchNoOtherRows) {
  const BatchShape shape = GetParam().shape;
  const std::ptrdiff_t features = 70, others = 100;
  const PanelMatrix values = matrix(shape, features, 0), factors = matrix(shape, features, others);
  for (const std::ptrdiff_t begin : {0, 3}) {
    for (const std::ptrdiff_t count : {0, 1, 3, 4, 5, 8, 9, 16, 17, 32, 33, 67}) {
      std::vector<float> sums(features, untouched), products(features, untouched);
      sum_columns(values, shape, begin, begin + count, sums.data());
      sum_products(values, factors, shape, begin, begin + count, products.data());
      for (std::ptrdiff_t i = 0; i < features; ++i) {
        const bool summed = i >= begin && i < begin + count;
        const auto value = [&](int row) { return element(i, row); };
        const auto product = [&](int row) { return element(i, row) * element(others + i, row); };
        EXPECT_EQ(sums[i], summed ? sum_over_rows(shape.order(), value) : untouched)
            << "row " << i << " of " << begin << " + " << count;
        EXPECT_EQ(products[i], summed ? sum_over_rows(shape.order(), product) : untouched)
            << "row " << i << " of " << begin << " + " << count;
      }
    }
  }
}

/// The sum over the batch of the products of two features, fused.
float sum_of_products(const RowOrder& order, std::ptrdiff_t a, std::ptrdiff_t b) {
  float total = 0.0f;
  for (int first = 0; first < order.places(); first += order.group_places()) {
    float sum = 0.0f;
    for (int place = first; place < std::min(first + order.group_places(), order.places());
         ++place) {
      if (const int row = order.row(place); row >= 0) {
        sum = std::fma(element(a, row), element(b, row), sum);
      }
    }
    total += sum;
  }
  return total;
}

/// Every row with each of one to four, wherever the results go.
TEST_P(ColumnSums, OfProductsWithFewRowsHaveTheOrderOfSumsOverABatch) {
  const BatchShape shape = GetParam().shape;
  const std::ptrdiff_t others = 100;
  for (const std::ptrdiff_t rows : {1, 5, 16, 33, 64}) {
    const PanelMatrix many = matrix(shape, rows + 2, 0), few = matrix(shape, 6, others);
    for (std::ptrdiff_t count = 1; count <= thin_outputs; ++count) {
      const auto size = static_cast<std::size_t>(rows * count);
      std::vector<float> sums(size + 1, untouched), turned(size + 1, untouched);
      std::vector<float> alone(static_cast<std::size_t>(rows) + 1, untouched);
      sum_thin_products({many, 2, 2 + rows}, {few, 1, 1 + count}, shape,
                        {sums.data(), count, 1, alone.data()});
      sum_thin_products({many, 2, 2 + rows}, {few, 1, 1 + count}, shape,
                        {turned.data(), 1, rows, nullptr});
      for (std::ptrdiff_t i = 0; i < rows; ++i) {
        const auto value = [&](int row) { return element(2 + i, row); };
        ASSERT_EQ(alone[static_cast<std::size_t>(i)], sum_over_rows(shape.order(), value)) << i;
        for (std::ptrdiff_t j = 0; j < count; ++j) {
          const float expected = sum_of_products(shape.order(), 2 + i, others + 1 + j);
          ASSERT_EQ(sums[static_cast<std::size_t>(i * count + j)], expected) << i << ", " << j;
          ASSERT_EQ(turned[static_cast<std::size_t>(i + j * rows)], expected) << i << ", " << j;
        }
      }
      EXPECT_EQ(sums.back(), untouched);
      EXPECT_EQ(turned.back(), untouched);
      EXPECT_EQ(alone.back(), untouched);
    }
  }
}

}  // namespace
}  // namespace polyak::cpu
