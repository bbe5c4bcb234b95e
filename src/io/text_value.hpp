// Values as text and back, the same in option defaults, configuration files, CSV and messages.
// Numbers print with the fewest digits that read back to exactly the same value.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "polyak/config.hpp"
#include "polyak/core/error.hpp"

namespace polyak {

/// The shortest text that reads back as `value`.
template <class Number>
requires std::is_arithmetic_v<Number> std::string format_number(Number value) {
  char text[64];
  const auto result = std::to_chars(text, text + sizeof text, value);
  return {text, result.ptr};
}

/// A whole number as its sign and its size.
struct WholeNumber {
  bool negative;
  std::uint64_t magnitude;
};

/// The whole number that is all of `text`, exactly: decimal digits, or written like 1e6 or 2.5e3.
/// Nothing if it is none, or beyond 64 bits.
std::optional<WholeNumber> parse_whole_number(std::string_view text);

/// The decimal number that is all of `text`, or nothing: no blanks, no plus sign, no other base;
/// zeros in front mean nothing. The one reader of numbers for options, files and CSV.
template <class Number>
requires std::is_arithmetic_v<Number> std::optional<Number> parse_number(std::string_view text) {
  if constexpr (std::is_integral_v<Number>) {
    const std::optional<WholeNumber> whole = parse_whole_number(text);
    if (!whole) return {};
    const auto largest = static_cast<std::uint64_t>(std::numeric_limits<Number>::max());
    if (!whole->negative || whole->magnitude == 0) {
      if (whole->magnitude > largest) return {};
      return static_cast<Number>(whole->magnitude);
    }
    if (std::is_unsigned_v<Number> || whole->magnitude > largest + 1) return {};
    return static_cast<Number>(-static_cast<std::int64_t>(whole->magnitude - 1) - 1);
  } else {
    const char* const end = text.data() + text.size();
    Number value{};
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || rest != end) return {};
    return value;
  }
}

/// The number that an option or field was given as `text`; UsageError that names it.
template <class Number>
Number parse_named_number(std::string_view name, std::string_view text) {
  const std::optional<Number> value = parse_number<Number>(text);
  if (value) return *value;
  constexpr std::string_view kind = std::is_floating_point_v<Number> ? "a number"
                                    : std::is_signed_v<Number>       ? "a whole number"
                                                                     : "a whole number from 0 up";
  constexpr std::string_view size =
      std::is_floating_point_v<Number> ? "too large or too small" : "too large";
  throw UsageError("--" + std::string(name) + ": '" + std::string(text) + "' is not " +
                   std::string(kind) + ", or is " + std::string(size));
}

/// The parts of `text` between separators, without surrounding blanks.
std::vector<std::string> split_text(std::string_view text, char separator);

/// `parts` with `separator` between them.
std::string join_text(std::span<const std::string> parts, std::string_view separator);

/// The values of one field of a Config as texts; one for a plain value, any number for a list.
std::vector<std::string> field_texts(const std::string& value);
std::vector<std::string> field_texts(const std::vector<std::string>& value);
template <class T>
requires std::is_arithmetic_v<T> std::vector<std::string> field_texts(T value) {
  if constexpr (std::is_same_v<T, bool>) {
    return {value ? "true" : "false"};
  } else {
    return {format_number(value)};
  }
}
template <class T>
requires std::is_enum_v<T> std::vector<std::string> field_texts(T value) {
  return {std::string(to_string(value))};
}
inline std::vector<std::string> field_texts(const Device& value) { return {to_string(value)}; }
template <class T>
requires std::is_arithmetic_v<T> std::vector<std::string> field_texts(
    const std::vector<T>& values) {
  std::vector<std::string> texts;
  for (const T value : values) texts.push_back(format_number(value));
  return texts;
}
template <class T>
std::vector<std::string> field_texts(const PerAgent<T>& list) {
  return field_texts(list.values);
}

/// Whether a field holds one value, or a list.
template <class T>
inline constexpr bool is_list_field = false;
template <class T>
inline constexpr bool is_list_field<std::vector<T>> = true;
template <class T>
inline constexpr bool is_list_field<PerAgent<T>> = true;

namespace detail {

template <class T>
T parse_field_value(std::string_view field, const std::string& text) {
  if constexpr (std::is_same_v<T, std::string>) {
    return text;
  } else if constexpr (std::is_enum_v<T>) {
    return parse_enum<T>(text);
  } else if constexpr (std::is_same_v<T, Device>) {
    return parse_device(text);
  } else if constexpr (std::is_same_v<T, bool>) {
    if (text == "true" || text == "false") return text == "true";
    throw UsageError("--" + std::string(field) + ": '" + text + "' is neither true nor false");
  } else {
    return parse_named_number<T>(field, text);
  }
}

/// Writes parsed texts into a list.
template <class T>
void parse_list(std::string_view field, std::span<const std::string> texts, std::vector<T>& list) {
  list.clear();
  for (const std::string& text : texts) list.push_back(parse_field_value<T>(field, text));
}

}  // namespace detail

/// Sets a field of a Config from texts; each may hold several values separated by commas.
/// UsageError that names the field.
template <class T>
void parse_field(std::string_view field, std::span<const std::string> texts, T& value) {
  std::vector<std::string> parts;
  for (const std::string& text : texts) {
    for (std::string& part : split_text(text, ',')) parts.push_back(std::move(part));
  }
  if constexpr (requires { value.values; }) {
    detail::parse_list(field, parts, value.values);
  } else if constexpr (is_list_field<T>) {
    detail::parse_list(field, parts, value);
  } else {
    if (parts.size() != 1) {
      throw UsageError("--" + std::string(field) + ": " + std::to_string(parts.size()) +
                       " values given; it takes one");
    }
    value = detail::parse_field_value<T>(field, parts.front());
  }
}

}  // namespace polyak
