// Fixed start states for evaluation, with the best return known from each.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "polyak/environment/environment.hpp"

namespace polyak {

struct Starts {
  int state_size = 0;
  std::vector<float> states;         // [count, state_size]
  std::vector<double> best_returns;  // [count], or empty if not known
  std::size_t count() const {
    return state_size == 0 ? 0 : states.size() / static_cast<std::size_t>(state_size);
  }
};

/// The first ones of at least so many.
Starts first_starts(Starts starts, std::size_t count);

/// Reads JSON like {"theta": [...], "theta_dot": [...], "best_return": [...]}: one list for each of
/// the environment's state names (an underscore more or less does not matter), best_return if
/// known; `meta` is ignored. UsageError that names the file and what is wrong with it.
Starts read_starts(const std::filesystem::path& path, const EnvironmentInfo& environment);

/// The same from a file's text; `name` is the file's, for messages.
Starts parse_starts(std::string_view text, const std::string& name,
                    const EnvironmentInfo& environment);

}  // namespace polyak
