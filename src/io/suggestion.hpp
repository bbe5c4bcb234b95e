// "Did you mean": known words for a mistyped one, or for another program's.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace polyak {

/// "; did you mean 'x'?": for a word of another trainer, what `known` has for it, with a remark
/// where one is due; otherwise the nearest words of `known`; nothing if none is near.
std::string did_you_mean(std::string_view word, std::span<const std::string> known);

}  // namespace polyak
