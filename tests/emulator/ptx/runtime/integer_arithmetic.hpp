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

/// The upper word of `high:low` shifted left, by an amount modulo 32.
inline u32 funnel_shift_left(u32 low, u32 high, u32 amount) {
  return static_cast<u32>(((u64{high} << 32 | low) << (amount & 31)) >> 32);
}

/// The lower word of `high:low` shifted right, by an amount modulo 32.
inline u32 funnel_shift_right(u32 low, u32 high, u32 amount) {
  return static_cast<u32>((u64{high} << 32 | low) >> (amount & 31));
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

/// `length` bits from bit `position` on; of a signed type, extended by the sign of the field, whose
/// highest bit is at most that of T.
template <std::integral T>
T extract_field(T value, u32 position, u32 length) {
  using Unsigned = std::make_unsigned_t<T>;
  const u32 first = position & 255;
  const u32 count = length & 255;
  const Unsigned field =
      shift_right(static_cast<Unsigned>(value), first) & field_mask<Unsigned>(0, count);
  if (!std::is_signed_v<T> || count == 0) return static_cast<T>(field);
  const u32 sign_at = first + count - 1 < width_of<T> ? first + count - 1 : width_of<T> - 1;
  const bool negative = (static_cast<Unsigned>(value) >> sign_at & 1) != 0;
  const Unsigned extension = ~field_mask<Unsigned>(0, sign_at < first ? 0 : sign_at - first + 1);
  return static_cast<T>(negative ? field | extension : field);
}

/// Four bytes of `high:low`, as the four lowest digits of `selector` say; a digit's highest bit
/// asks for copies of the byte's sign instead.
inline u32 permute_bytes(u32 low, u32 high, u32 selector) {
  const u64 all = u64{high} << 32 | low;
  u32 result = 0;
  for (unsigned place = 0; place < 4; ++place) {
    const u32 digit = selector >> (4 * place) & 15;
    u32 byte = static_cast<u32>(all >> (8 * (digit & 7))) & 255;
    if ((digit & 8) != 0) byte = (byte & 128) != 0 ? 255 : 0;
    result |= byte << (8 * place);
  }
  return result;
}

/// A function of three bits, given by its table, of every bit: bit 4a + 2b + c of `table` is its
/// value.
inline u32 logic_of_three(u32 a, u32 b, u32 c, s32 table) {
  u32 result = 0;
  for (unsigned row = 0; row < 8; ++row) {
    if ((static_cast<u32>(table) >> row & 1) == 0) continue;
    result |= ((row & 4) != 0 ? a : ~a) & ((row & 2) != 0 ? b : ~b) & ((row & 1) != 0 ? c : ~c);
  }
  return result;
}

}  // namespace polyak::emulator::ptx
