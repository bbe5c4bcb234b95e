// cuBLAS behind our row-major interface, against a product in double precision.
#include "backend/cuda/device/cublas.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <tuple>
#include <vector>

#include "backend/cuda/device/graph.hpp"
#include "kernels/kernel_test.hpp"
#include "polyak/core/error.hpp"
#include "support/device_precisions.hpp"
#include "support/print_enums.hpp"

namespace polyak::cuda {
namespace {

/// A matrix on the host, with columns to spare that nothing may touch.
struct HostMatrix {
  HostMatrix(int row_count, int column_count, float seed)
      : rows(row_count),
        columns(column_count),
        leading_dimension(column_count + 3),
        values(static_cast<std::size_t>(row_count) * (static_cast<std::size_t>(column_count) + 3)) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = std::sin(seed + 0.7f * static_cast<float>(i));
    }
  }
  float at(int row, int column) const {
    return values[static_cast<std::size_t>(row) * static_cast<std::size_t>(leading_dimension) +
                  static_cast<std::size_t>(column)];
  }
  int rows, columns, leading_dimension;
  std::vector<float> values;
};

struct ProductCase {
  int rows, columns, inner;
  Transpose transpose_a, transpose_b;
};
void PrintTo(const ProductCase& product, std::ostream* out) {
  const auto mark = [](Transpose transpose) { return transpose == Transpose::yes ? "^T" : ""; };
  *out << product.rows << "x" << product.columns << "x" << product.inner << " A"
       << mark(product.transpose_a) << " B" << mark(product.transpose_b);
}

class CublasProduct : public testing::TestWithParam<std::tuple<ProductCase, Precision>> {};
INSTANTIATE_TEST_SUITE_P(
    Shapes, CublasProduct,
    testing::Combine(testing::Values(ProductCase{1, 1, 1, Transpose::no, Transpose::no},
                                     ProductCase{33, 7, 65, Transpose::no, Transpose::yes},
                                     ProductCase{31, 65, 4, Transpose::no, Transpose::no},
                                     ProductCase{5, 33, 100, Transpose::yes, Transpose::no},
                                     ProductCase{9, 2, 31, Transpose::yes, Transpose::yes}),
                     testing::ValuesIn(test::device_precisions())));

TEST_P(CublasProduct, MatchesTheDefinition) {
  const auto [p, precision] = GetParam();
  const bool ta = p.transpose_a == Transpose::yes, tb = p.transpose_b == Transpose::yes;
  const HostMatrix a(ta ? p.inner : p.rows, ta ? p.rows : p.inner, 0.1f);
  const HostMatrix b(tb ? p.columns : p.inner, tb ? p.inner : p.columns, 0.2f);
  HostMatrix c(p.rows, p.columns, 0.3f);
  const HostMatrix before = c;

  const Stream stream;
  const CublasHandle cublas(stream, precision,
                            DeviceBuffer<std::uint8_t>(CublasHandle::workspace_bytes, "cuBLAS"));
  const auto to_device = [&](const HostMatrix& matrix) {
    DeviceBuffer<float> buffer(static_cast<std::int64_t>(matrix.values.size()), "a test");
    upload(buffer, matrix.values, stream);
    return buffer;
  };
  const DeviceBuffer<float> device_a = to_device(a), device_b = to_device(b),
                            device_c = to_device(c);
  const Graph graph(stream, [&] {
    cublas.multiply({device_a.data(), a.rows, a.columns, a.leading_dimension}, p.transpose_a,
                    {device_b.data(), b.rows, b.columns, b.leading_dimension}, p.transpose_b,
                    {device_c.data(), c.rows, c.columns, c.leading_dimension});
  });
  graph.launch(stream);
  download(c.values, device_c, stream);
  stream.synchronize();

  for (int row = 0; row < c.rows; ++row) {
    for (int column = 0; column < c.leading_dimension; ++column) {
      if (column >= c.columns) {
        EXPECT_EQ(c.at(row, column), before.at(row, column)) << "beyond the matrix";
        continue;
      }
      test::ReferenceSum sum;
      for (int i = 0; i < p.inner; ++i) {
        sum.add(static_cast<double>(ta ? a.at(i, row) : a.at(row, i)) *
                static_cast<double>(tb ? b.at(column, i) : b.at(i, column)));
      }
      EXPECT_NEAR(c.at(row, column), sum.value, sum.tolerance(precision)) << row << ", " << column;
    }
  }
}

TEST(CublasHandle, AFailureNamesCallPlaceReasonAndRemedy) {
  try {
    check(CUBLAS_STATUS_EXECUTION_FAILED, "cublasSgemm");
    FAIL() << "no RunError was thrown";
  } catch (const RunError& error) {
    EXPECT_THAT(error.what(),
                testing::AllOf(
                    testing::HasSubstr("cublasSgemm failed at tests/backend/cuda/cublas_test.cpp:"),
                    testing::HasSubstr("(CUBLAS_STATUS_EXECUTION_FAILED)"),
                    testing::HasSubstr("matrix-product own")));
  }
}

}  // namespace
}  // namespace polyak::cuda
