#include "backend/cpu/column_sums.hpp"

#include <gtest/gtest.h>

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

/// From none over less than four, four and eight to several eights and a rest, at any beginning.
TEST_P(ColumnSums, HaveTheOrderOfSumsOverABatchAndTouchNoOtherRows) {
  const BatchShape shape = GetParam().shape;
  const std::ptrdiff_t features = 29, others = 100;
  const PanelMatrix values = matrix(shape, features, 0), factors = matrix(shape, features, others);
  for (const std::ptrdiff_t begin : {0, 3}) {
    for (const std::ptrdiff_t count : {0, 1, 3, 4, 5, 8, 9, 12, 13, 26}) {
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

}  // namespace
}  // namespace polyak::cpu
