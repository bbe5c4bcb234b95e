// What the checks of a configuration share.
#pragma once

#include <charconv>
#include <cmath>
#include <string>
#include <string_view>
#include <type_traits>

#include "polyak/config.hpp"

namespace polyak {

/// Throws UsageError: "--field: why".
[[noreturn]] void refuse(std::string_view field, const std::string& why);

/// As people write it: the fewest digits that are this value in its own type, and no exponent for
/// whole numbers below ten billion.
template <class Number>
std::string number_text(Number value) {
  char text[64];
  auto result = std::to_chars(text, text + sizeof text, value);
  if constexpr (std::is_floating_point_v<Number>) {
    if (std::trunc(value) == value && std::abs(value) < Number{1e10f}) {
      result = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed);
    }
  }
  return {text, result.ptr};
}

/// Why the field of this name has no effect beside the configuration's others; empty if it has one.
std::string_view why_without_effect(const Config& config, std::string_view name);

/// Refuses numbers that are not finite or out of their field's range.
void check_ranges(const Config& config);

/// Whether preset and algorithm, the fields of exploration, those of replay and returns, those of
/// recurrent policies, and those of batch normalisation, fit each other and the rest.
void check_preset(const Config& config);
void check_exploration(const Config& config);
void check_sampling(const Config& config);
void check_sequences(const Config& config);
void check_batch_norm(const Config& config);

}  // namespace polyak
