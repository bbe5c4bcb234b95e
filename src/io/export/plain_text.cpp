#include <algorithm>

#include "io/export/policy_export.hpp"

namespace polyak {
namespace {

bool is_letter_or_digit(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9');
}

}  // namespace

std::string plain_text(std::string_view text) {
  constexpr std::string_view others = " .,:;=+-_()[]";
  std::string plain(text);
  std::replace_if(
      plain.begin(), plain.end(),
      [&](char letter) {
        return !is_letter_or_digit(letter) && others.find(letter) == std::string_view::npos;
      },
      '?');
  return plain;
}

std::string c_prefix(const std::filesystem::path& header) {
  std::string name = header.filename().string();
  name = name.substr(0, name.find('.'));
  std::replace_if(
      name.begin(), name.end(), [](char letter) { return !is_letter_or_digit(letter); }, '_');
  if (name.empty()) return "policy";
  // Identifiers that begin with a digit are none, and those with an underscore are the compiler's.
  return is_letter_or_digit(name.front()) && (name.front() < '0' || name.front() > '9')
             ? name
             : "policy_" + name;
}

}  // namespace polyak
