// Pieces of SVG and HTML.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace polyak {

/// `text` as HTML and XML want it between tags and in attributes; what is no UTF-8 and control
/// characters become question marks.
std::string escape_markup(std::string_view text);

struct Attribute {
  std::string_view name;
  std::string value;  // escaped where it may need it
};

/// <tag name="value" .../>
std::string element(std::string_view tag, std::initializer_list<Attribute> attributes);

/// <tag name="value" ...>content</tag>
std::string element(std::string_view tag, std::initializer_list<Attribute> attributes,
                    std::string_view content);

/// A coordinate to two decimals, without what says nothing: "12.5".
std::string coordinate(double value);

/// The same to so many decimals.
std::string with_decimals(double value, int decimals);

}  // namespace polyak
