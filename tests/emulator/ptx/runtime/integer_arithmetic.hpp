#pragma once

// What instructions on integers and bits compute where it is not what C++'s operators do.

#include <concepts>
#include <type_traits>

#include "emulator/engine/yielding.hpp"
#include "emulator/error.hpp"
#include "emulator/ptx/runtime/values.hpp"

namespace polyak::emulator::ptx {

template <class T>
inline constexpr unsigned width_of = 8 * sizeof(T);

/// The product in twice as many bits.
template <class T>
auto multiply_wide(T a, T b) {
  constexpr bool is_signed = std::is_signed_v<T>;
  if constexpr (sizeof(T) == 8) {
    using Wide = std::conditional_t<is_signed, __int128, unsigned __int128>;
    return static_cast<Wide>(a) * static_cast<Wide>(b);
  } else {
    using Wide = std::conditional_t<is_signed, s64, u64>;
    return static_cast<Wide>(a) * static_cast<Wide>(b);
  }
}

template <class T>
T multiply_low(T a, T b) {
  return static_cast<T>(static_cast<u64>(a) * static_cast<u64>(b));
}

template <class T>
T multiply_high(T a, T b) {
  return static_cast<T>(multiply_wide(a, b) >> width_of<T>);
}

/// PTX leaves a division by zero open; here it is an error.
template <class T>
void refuse_zero(T divisor, unsigned line) {
  if (divisor == 0) fail_in_kernel("PTX divides an integer by zero", {"div", {"the PTX", line, 0}});
}

/// Truncates; of the smallest number and -1 the result wraps.
template <class T>
T divide(T a, T b, unsigned line) {
  refuse_zero(b, line);
  if constexpr (std::is_signed_v<T>) {
    if (b == -1) return static_cast<T>(0 - static_cast<std::make_unsigned_t<T>>(a));
  }
  return static_cast<T>(a / b);
}

template <class T>
T remainder(T a, T b, unsigned line) {
  refuse_zero(b, line);
  if constexpr (std::is_signed_v<T>) {
    if (b == -1) return 0;
  }
  return static_cast<T>(a % b);
}

/// The absolute value; the smallest number stays as it is.
template <class T>
T magnitude(T value) {
  using Unsigned = std::make_unsigned_t<T>;
  return value < 0 ? static_cast<T>(Unsigned{0} - static_cast<Unsigned>(value)) : value;
}

template <class T>
T shift_left(T value, u32 amount) {
  return amount < width_of<T> ? static_cast<T>(value << amount) : T{0};
}

template <class T>
T shift_right(T value, u32 amount) {
  if (amount < width_of<T>) return static_cast<T>(value >> amount);
  if constexpr (std::is_signed_v<T>) return value < 0 ? T{-1} : T{0};
  return 0;
}

/// `length` ones from bit `position` on, as far as T goes. Of both, PTX reads 8 bits.
template <std::unsigned_integral T>
T field_mask(u32 position, u32 length) {
  const T ones =
      (length & 255) < width_of<T> ? static_cast<T>((T{1} << (length & 255)) - 1) : ~T{0};
  return shift_left(ones, position & 255);
}

/// `rest` with `length` bits from bit `position` on replaced by the lowest of `field`.
template <std::unsigned_integral T>
T insert_field(T field, T rest, u32 position, u32 length) {
  const T mask = field_mask<T>(position, length);
  return static_cast<T>((rest & ~mask) | (shift_left(field, position & 255) & mask));
}

}  // namespace polyak::emulator::ptx
