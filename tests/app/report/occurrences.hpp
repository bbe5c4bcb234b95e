// How often pages say something.
#pragma once

#include <cstddef>
#include <string>

namespace polyak::test {

inline std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t number = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++number;
  }
  return number;
}

}  // namespace polyak::test
