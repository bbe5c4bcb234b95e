#include "app/drawing/markup.hpp"

#include <cstdio>

#include "app/output/message.hpp"

namespace polyak {
namespace {

std::string opening(std::string_view tag, std::initializer_list<Attribute> attributes) {
  std::string text = "<" + std::string(tag);
  for (const Attribute& attribute : attributes) {
    text += " " + std::string(attribute.name) + "=\"" + attribute.value + "\"";
  }
  return text;
}

}  // namespace

std::string escape_markup(std::string_view text) {
  std::string escaped;
  for (const char letter : printable(text)) {
    switch (letter) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += letter;
    }
  }
  return escaped;
}

std::string element(std::string_view tag, std::initializer_list<Attribute> attributes) {
  return opening(tag, attributes) + "/>\n";
}

std::string element(std::string_view tag, std::initializer_list<Attribute> attributes,
                    std::string_view content) {
  return opening(tag, attributes) + ">" + std::string(content) + "</" + std::string(tag) + ">\n";
}

std::string coordinate(double value) { return with_decimals(value, 2); }

std::string with_decimals(double value, int decimals) {
  char text[400];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  std::string result(text);
  if (result.find('.') == std::string::npos) return result;
  result.erase(result.find_last_not_of('0') + 1);
  if (result.ends_with('.')) result.pop_back();
  return result == "-0" ? "0" : result;
}

}  // namespace polyak
