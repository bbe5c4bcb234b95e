// "Did you mean": the nearest known word to a mistyped one.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace polyak {

/// "; did you mean 'x'?" with the nearest word of `known`, or nothing if none is near.
std::string did_you_mean(std::string_view word, std::span<const std::string> known);

}  // namespace polyak
