// How GoogleTest prints the project's enumerations: in their words, not as bytes.
#pragma once

#include <array>
#include <ostream>
#include <string_view>
#include <type_traits>

#include "backend/backend.hpp"
#include "polyak/config.hpp"

namespace polyak {

inline std::string_view to_string(Phase phase) {
  constexpr std::array<std::string_view, 6> words = {"environment step", "act",    "vector step",
                                                     "sample",           "update", "iteration"};
  return words.at(static_cast<std::size_t>(phase));
}

template <class Enum>
requires std::is_enum_v<Enum> && requires(Enum value) { to_string(value); }
void PrintTo(const Enum& value, std::ostream* out) { *out << to_string(value); }

}  // namespace polyak
