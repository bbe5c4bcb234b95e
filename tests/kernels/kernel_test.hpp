// What the tests of kernels share: matrices with padding, random contents, thread orders.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <random>
#include <vector>

#include "kernels/arrays.hpp"
#include "polyak/core/precision.hpp"
#include "support/device_buffer.hpp"

namespace polyak::test {

/// Values U(-1, 1).
inline std::vector<float> random_values(std::size_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> uniform(-1.0f, 1.0f);
  std::vector<float> values(count);
  for (float& value : values) value = uniform(generator);
  return values;
}

/// One matrix [rows, columns] per agent on the device. Rows are `padding` floats longer than they
/// are wide and every agent has `padding` floats more; all of it NaN that must stay as it is.
class MatrixBuffer {
 public:
  MatrixBuffer(int agents, int rows, int columns, int padding)
      : agents_(agents),
        rows_(rows),
        columns_(columns),
        leading_dimension_(columns + padding),
        agent_stride_(static_cast<std::int64_t>(rows) * leading_dimension_ + padding),
        buffer_(static_cast<std::size_t>(agents * agent_stride_)) {}

  /// Filled with values [agents, rows, columns], or as far as there are any.
  MatrixBuffer(int agents, int rows, int columns, int padding, const std::vector<float>& values)
      : MatrixBuffer(agents, rows, columns, padding) {
    std::vector<float> all = buffer_.download();
    auto next = values.begin();
    visit_rows([&](std::ptrdiff_t row) {
      const auto count = std::min<std::ptrdiff_t>(columns_, values.end() - next);
      std::copy_n(next, count, all.begin() + row);
      next += count;
    });
    buffer_.upload(all);
  }

  kernels::StridedBatch view(int first_agent = 0, int first_column = 0) const {
    return {buffer_.data() + first_agent * agent_stride_ + first_column, leading_dimension_,
            agent_stride_};
  }

  /// The values [agents, rows, columns]; checks that the padding is untouched.
  std::vector<float> values() const {
    const std::vector<float> all = buffer_.download();
    std::vector<float> result;
    result.reserve(static_cast<std::size_t>(agents_ * rows_ * columns_));
    bool untouched = true;
    auto padding = all.begin();
    const auto look_at_padding = [&](auto end) {
      untouched &= std::all_of(padding, end, [](float value) { return std::isnan(value); });
    };
    visit_rows([&](std::ptrdiff_t row) {
      const auto first = all.begin() + row;
      look_at_padding(first);
      result.insert(result.end(), first, first + columns_);
      padding = first + columns_;
    });
    look_at_padding(all.end());
    if (!untouched) ADD_FAILURE() << "a kernel wrote into a matrix's padding";
    return result;
  }

 private:
  /// Calls visit(where the row begins) for every row of every agent, in the order of the values.
  template <class Visit>
  void visit_rows(const Visit& visit) const {
    for (std::int64_t agent = 0; agent < agents_; ++agent) {
      for (std::int64_t row = 0; row < rows_; ++row) {
        visit(static_cast<std::ptrdiff_t>(agent * agent_stride_ + row * leading_dimension_));
      }
    }
  }

  int agents_, rows_, columns_;
  std::int64_t leading_dimension_, agent_stride_;
  DeviceBuffer<float> buffer_;
};

/// How far a product of two values that were rounded to a format may be off, relative to the
/// product: tf32 keeps 10 bits of fraction, bf16 7, two tf32 parts all but 2^-23 of each value and
/// 2^-22 of the product.
inline double product_error(Precision precision) {
  const auto of_two_roundings = [](double unit) { return (1.0 + unit) * (1.0 + unit) - 1.0; };
  switch (precision) {
    case Precision::tf32:
      return of_two_roundings(0x1p-11);
    case Precision::bf16:
      return of_two_roundings(0x1p-8);
    case Precision::tf32x3:
      return 0x1p-21;
    case Precision::fp32:
      break;
  }
  return 0.0;
}

/// A sum in double precision with a bound on what float32 may make of it: however its `terms`
/// products are ordered, the rounding error is below (terms + 2) 2^-24 times the sum of absolute
/// values (Higham, Accuracy and Stability of Numerical Algorithms, section 3.1). Tensor cores
/// truncate, which costs 2^-23, and round the factors first.
struct ReferenceSum {
  double value = 0.0;
  double magnitude = 0.0;
  int terms = 0;

  void add(double term) {
    value += term;
    magnitude += std::abs(term);
    ++terms;
  }
  double tolerance(Precision precision = Precision::fp32) const {
    const double unit = precision == Precision::fp32 ? 0x1p-24 : 0x1p-23;
    return (product_error(precision) + (terms + 2) * unit) * magnitude;
  }
};

/// Runs `run` in several orders of threads under the emulator, several times on a GPU, and expects
/// the same bits each time. Returns them.
std::vector<float> same_bits_in_every_order(const std::function<std::vector<float>()>& run);

}  // namespace polyak::test
