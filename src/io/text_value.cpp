#include "io/text_value.hpp"

#include <algorithm>

namespace polyak {
namespace {

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

/// Takes the digits at the beginning of `text` off it.
std::string_view take_digits(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  const std::string_view digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

/// Takes `e6`, `E+06` or `e-2` off the beginning of `text`; zero if there is none. Nothing if it is
/// larger than any that a number of 64 bits could have.
std::optional<int> take_exponent(std::string_view& text) {
  if (text.empty() || (text.front() != 'e' && text.front() != 'E')) return 0;
  text.remove_prefix(1);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const std::string_view digits = take_digits(text);
  int exponent = 0;
  const auto [rest, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
  constexpr int largest = 10'000;
  if (digits.empty() || error != std::errc{} || exponent > largest) return {};
  return negative ? -exponent : exponent;
}

}  // namespace

std::optional<WholeNumber> parse_whole_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  std::string digits(take_digits(text));
  if (digits.empty()) return {};
  std::string_view fraction;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = take_digits(text);
    if (fraction.empty()) return {};
  }
  const std::optional<int> exponent = take_exponent(text);
  if (!exponent || !text.empty()) return {};
  // The value is `digits` times ten to the power of `zeros`.
  digits += fraction;
  std::int64_t zeros = *exponent - static_cast<std::int64_t>(fraction.size());
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  for (; zeros < 0 && digits.ends_with('0'); ++zeros) digits.pop_back();
  if (digits.empty()) return WholeNumber{negative, 0};
  constexpr std::int64_t max_digits = std::numeric_limits<std::uint64_t>::digits10 + 1;
  if (zeros < 0 || static_cast<std::int64_t>(digits.size()) + zeros > max_digits) return {};
  digits.append(static_cast<std::size_t>(zeros), '0');
  std::uint64_t magnitude = 0;
  const auto [rest, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), magnitude);
  if (error != std::errc{}) return {};
  return WholeNumber{negative, magnitude};
}

std::vector<std::string> split_text(std::string_view text, char separator) {
  constexpr std::string_view blanks = " \t\r";
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    std::string_view part = text.substr(0, end);
    part.remove_prefix(std::min(part.find_first_not_of(blanks), part.size()));
    part = part.substr(0, part.find_last_not_of(blanks) + 1);
    parts.emplace_back(part);
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string join_text(std::span<const std::string> parts, std::string_view separator) {
  std::string text;
  for (const std::string& part : parts) {
    if (&part != &parts.front()) text += separator;
    text += part;
  }
  return text;
}

std::vector<std::string> field_texts(const std::string& value) { return {value}; }
std::vector<std::string> field_texts(const std::vector<std::string>& value) { return value; }

}  // namespace polyak
