// Numbers under a name, of whatever type: what digests and traces are made of.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "agent/agent.hpp"

namespace polyak {

static_assert(std::endian::native == std::endian::little,
              "digests and traces have numbers as they are in memory");

enum class NumberType { float32, float64, int32, int64 };
std::string_view to_string(NumberType type);
std::size_t bytes_of(NumberType type);

struct NamedArray {
  std::string name;
  NumberType type;
  std::vector<std::byte> bytes;  // little-endian

  std::size_t count() const { return bytes.size() / bytes_of(type); }
  bool operator==(const NamedArray&) const = default;
};

template <class Number>
NamedArray named_array(std::string name, std::span<Number> values) {
  using Plain = std::remove_const_t<Number>;
  constexpr NumberType type = std::is_same_v<Plain, float>          ? NumberType::float32
                              : std::is_same_v<Plain, double>       ? NumberType::float64
                              : std::is_same_v<Plain, std::int32_t> ? NumberType::int32
                                                                    : NumberType::int64;
  static_assert(std::is_floating_point_v<Plain> || std::is_signed_v<Plain>);
  const auto bytes = std::as_bytes(values);
  return {std::move(name), type, {bytes.begin(), bytes.end()}};
}

/// Every array of a training's state, in the order of visit_state_arrays.
std::vector<NamedArray> state_arrays(const TrainingState& state);

/// How many digits of a SHA-256 stand for all of it.
inline constexpr std::size_t digest_digits = 16;

/// The first digits of the SHA-256 of all arrays, one after the other: the length of its name in
/// bytes, its name, the number of its elements, and these. Lengths are of 64 bits; all is
/// little-endian.
std::string digest_of(std::span<const NamedArray> arrays);

}  // namespace polyak
