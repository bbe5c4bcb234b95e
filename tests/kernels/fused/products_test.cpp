// The fused engine's products against double precision, in every precision and memory order.
#include "kernels/fused/products.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <tuple>

#include "kernels/fused/plan.hpp"
#include "kernels/kernel_test.hpp"
#include "polyak/config.hpp"
#include "support/device_precisions.hpp"
#include "support/print_enums.hpp"

namespace polyak::test {
namespace {

struct Size {
  int rows, columns, depth;
};
void PrintTo(const Size& size, std::ostream* out) {
  *out << size.rows << "x" << size.columns << "x" << size.depth;
}

/// Rounding of one product, relative to it: both operands to the format's fraction.
double product_error(Precision precision) {
  switch (precision) {
    case Precision::fp32:
      return 0.0;
    case Precision::tf32:
      return 2.0 * 0x1p-11;
    case Precision::tf32x3:
      return 3.0 * 0x1p-22;
    case Precision::bf16:
      return 2.0 * 0x1p-8;
  }
  return 0.0;
}

/// One operand [extent, depth] in either order, zero beyond the depth's real end, with padding.
class TestOperand {
 public:
  TestOperand(int extent, int depth, int padded_depth, Order order, unsigned seed)
      : order_(order),
        pitch_(kernels::fused::conflict_free_pitch(order == Order::depth ? padded_depth : extent)),
        values_(
            static_cast<std::size_t>((order == Order::depth ? extent : padded_depth) * pitch_)) {
    const std::vector<float> random = random_values(values_.size(), seed);
    for (int e = 0; e < extent; ++e) {
      for (int k = 0; k < depth; ++k) values_[place(e, k)] = random[place(e, k)];
    }
  }
  double operator()(int e, int k) const { return static_cast<double>(values_[place(e, k)]); }
  const std::vector<float>& values() const { return values_; }
  int pitch() const { return pitch_; }

 private:
  std::size_t place(int e, int k) const {
    return static_cast<std::size_t>(order_ == Order::depth ? e * pitch_ + k : k * pitch_ + e);
  }

  Order order_;
  int pitch_;
  std::vector<float> values_;
};

using ProductParameters = std::tuple<Precision, Order, Order, Size>;

std::string name_of(const testing::TestParamInfo<ProductParameters>& instance) {
  const auto& [precision, order_a, order_b, size] = instance.param;
  const auto word = [](Order order) { return order == Order::depth ? "Depth" : "Extent"; };
  return std::string(to_string(precision)) + word(order_a) + word(order_b) +
         std::to_string(size.rows) + "x" + std::to_string(size.columns) + "x" +
         std::to_string(size.depth);
}

class FusedBlockProduct : public testing::TestWithParam<ProductParameters> {};
INSTANTIATE_TEST_SUITE_P(All, FusedBlockProduct,
                         testing::Combine(testing::ValuesIn(device_precisions()),
                                          testing::Values(Order::depth, Order::extent),
                                          testing::Values(Order::depth, Order::extent),
                                          testing::Values(Size{1, 8, 1}, Size{31, 16, 3},
                                                          Size{65, 40, 33}, Size{33, 104, 65},
                                                          Size{49, 26, 9}, Size{130, 8, 100})),
                         name_of);

TEST_P(FusedBlockProduct, MatchesDoublePrecisionWhateverTheWarps) {
  const auto& [precision, order_a, order_b, size] = GetParam();
  const int depth = kernels::fused::round_up(size.depth, kernels::fused::depth_multiple(precision));
  const TestOperand a(size.rows, size.depth, depth, order_a, 1);
  const TestOperand b(size.columns, size.depth, depth, order_b, 2);
  const DeviceBuffer<float> device_a(a.values()), device_b(b.values());
  const auto product_by = [&](int warps) {
    DeviceBuffer<float> c(static_cast<std::size_t>(size.rows * size.columns));
    finish(launch_block_product({precision, order_a, order_b, size.rows, size.columns, depth,
                                 device_a.data(), a.pitch(), device_b.data(), b.pitch(), c.data(),
                                 warps}));
    return c.download();
  };
  const std::vector<float> product = same_bits_in_every_order([&] { return product_by(4); });
  // Other numbers of warps cut the work into other pieces.
  for (const int warps : {1, 2, 7, 16}) EXPECT_TRUE(same_bits(product, product_by(warps)));
  for (int row = 0; row < size.rows; ++row) {
    for (int column = 0; column < size.columns; ++column) {
      ReferenceSum sum;
      for (int k = 0; k < size.depth; ++k) sum.add(a(row, k) * b(column, k));
      EXPECT_NEAR(
          sum.value,
          static_cast<double>(product[static_cast<std::size_t>(row * size.columns + column)]),
          // tf32x3 rounds three times as many sums.
          3.0 * sum.tolerance() + product_error(precision) * sum.magnitude);
    }
  }
}

class FusedThinProduct : public testing::TestWithParam<Size> {};
INSTANTIATE_TEST_SUITE_P(Sizes, FusedThinProduct,
                         testing::Values(Size{1, 8, 1}, Size{1, 104, 64}, Size{3, 16, 33},
                                         Size{17, 24, 65}));

TEST_P(FusedThinProduct, MatchesDoublePrecisionWhateverTheWarps) {
  const auto [outputs, rows, depth] = GetParam();
  const std::vector<float> weights = random_values(static_cast<std::size_t>(outputs * depth), 3);
  const std::vector<float> input = random_values(static_cast<std::size_t>(depth * rows), 4);
  const DeviceBuffer<float> device_weights(weights), device_input(input);
  const auto product_by = [&, o = outputs, r = rows, d = depth](int warps) {
    DeviceBuffer<float> c(static_cast<std::size_t>(o * r));
    finish(launch_thin_product(
        {o, r, d, device_weights.data(), device_input.data(), c.data(), warps}));
    return c.download();
  };
  const std::vector<float> product = same_bits_in_every_order([&] { return product_by(3); });
  for (const int warps : {1, 4, 16}) EXPECT_TRUE(same_bits(product, product_by(warps)));
  for (int output = 0; output < outputs; ++output) {
    for (int row = 0; row < rows; ++row) {
      ReferenceSum sum;
      for (int k = 0; k < depth; ++k) {
        sum.add(static_cast<double>(weights[static_cast<std::size_t>(output * depth + k)]) *
                static_cast<double>(input[static_cast<std::size_t>(k * rows + row)]));
      }
      EXPECT_NEAR(sum.value,
                  static_cast<double>(product[static_cast<std::size_t>(output * rows + row)]),
                  sum.tolerance());
    }
  }
}

}  // namespace
}  // namespace polyak::test
