#include "io/text_value.hpp"

namespace polyak {

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
