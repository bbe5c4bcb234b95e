// Spaces for tests.
#pragma once

#include <string>

#include "polyak/core/error.hpp"
#include "search/space.hpp"

namespace polyak::test {

inline Space space_of(const std::string& text, const Config& base = {}) {
  return parse_space(text, "space.toml", base);
}

/// The line with which the text is refused; empty if it is not.
inline std::string space_refusal(const std::string& text, const Config& base = {}) {
  try {
    space_of(text, base);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

}  // namespace polyak::test
