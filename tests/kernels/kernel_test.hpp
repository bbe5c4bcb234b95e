// What the tests of kernels share: matrices with padding, random contents, thread orders.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
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

  /// Filled with values [agents, rows, columns].
  MatrixBuffer(int agents, int rows, int columns, int padding, const std::vector<float>& values)
      : MatrixBuffer(agents, rows, columns, padding) {
    std::vector<float> all = buffer_.download();
    for (std::size_t i = 0; i < values.size(); ++i) all[place(i)] = values[i];
    buffer_.upload(all);
  }

  kernels::StridedBatch view(int first_agent = 0, int first_column = 0) const {
    return {buffer_.data() + first_agent * agent_stride_ + first_column, leading_dimension_,
            agent_stride_};
  }

  /// The values [agents, rows, columns]; checks that the padding is untouched.
  std::vector<float> values() const {
    const std::vector<float> all = buffer_.download();
    std::vector<bool> is_padding(all.size(), true);
    std::vector<float> result(static_cast<std::size_t>(agents_ * rows_ * columns_));
    for (std::size_t i = 0; i < result.size(); ++i) {
      result[i] = all[place(i)];
      is_padding[place(i)] = false;
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (is_padding[i] && !std::isnan(all[i])) {
        ADD_FAILURE() << "a kernel wrote into a matrix's padding";
        break;
      }
    }
    return result;
  }

 private:
  std::size_t place(std::size_t i) const {
    const auto columns = static_cast<std::size_t>(columns_);
    const auto per_agent = static_cast<std::size_t>(rows_) * columns;
    return i / per_agent * static_cast<std::size_t>(agent_stride_) +
           i % per_agent / columns * static_cast<std::size_t>(leading_dimension_) + i % columns;
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
