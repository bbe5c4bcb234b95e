// How much memory a configuration asks for, before anybody knows whether that much exists.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <utility>

namespace polyak {

/// A count of bytes or of array elements whose products and sums stop at the largest 64-bit number
/// instead of wrapping around. Not negative.
class MemorySize {
 public:
  static constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();

  constexpr MemorySize() = default;
  template <std::integral T>
  constexpr MemorySize(T count)
      : count_(std::in_range<std::int64_t>(count) ? static_cast<std::int64_t>(count) : largest) {}

  constexpr std::int64_t count() const { return count_; }

  friend constexpr MemorySize operator+(MemorySize a, MemorySize b) {
    std::int64_t sum = 0;
    return __builtin_add_overflow(a.count_, b.count_, &sum) ? largest : sum;
  }
  friend constexpr MemorySize operator*(MemorySize a, MemorySize b) {
    std::int64_t product = 0;
    return __builtin_mul_overflow(a.count_, b.count_, &product) ? largest : product;
  }
  constexpr MemorySize& operator+=(MemorySize other) { return *this = *this + other; }
  constexpr MemorySize& operator*=(MemorySize other) { return *this = *this * other; }

 private:
  std::int64_t count_ = 0;
};

}  // namespace polyak
