// What the checks of a configuration share.
#pragma once

#include <string>
#include <string_view>

#include "polyak/config.hpp"

namespace polyak {

/// Throws UsageError: "--field: why".
[[noreturn]] void refuse(std::string_view field, const std::string& why);

/// As people write it: no trailing zeros, no exponent for small whole numbers.
std::string number_text(double value);

/// Whether preset and algorithm, the fields of exploration, those of replay and returns, those of
/// recurrent policies, and those of batch normalisation, fit each other and the rest.
void check_preset(const Config& config);
void check_exploration(const Config& config);
void check_sampling(const Config& config);
void check_sequences(const Config& config);
void check_batch_norm(const Config& config);

}  // namespace polyak
