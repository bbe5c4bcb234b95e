// `polyak tune`, of a tenth of a second.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "app/program.hpp"
#include "io/temporary_directory.hpp"

namespace polyak::test {

inline const std::string small_space =
    "tau = { log = [0.005, 0.5] }\n"
    "learning-rate-critic = { log = [1e-4, 1e-2] }\n";

/// A search of a tenth of a second.
inline std::vector<std::string> small_search(const std::vector<std::string>& more) {
  std::vector<std::string> arguments = small_training(more);
  arguments.front() = "tune";
  const std::vector<std::pair<std::string, std::string>> defaults = {
      {"--trials", "6"}, {"--confirm", "2"}, {"--confirm-seeds", "2"}};
  for (const auto& [name, value] : defaults) {
    if (std::find(more.begin(), more.end(), name) != more.end()) continue;
    arguments.insert(arguments.end(), {name, value});
  }
  return arguments;
}

inline ProgramResult tune(const TemporaryDirectory& directory,
                          const std::vector<std::string>& more) {
  write_text(directory / "space.toml", small_space);
  std::vector<std::string> all = {"--seeds", "2", "--first-rung", "200"};
  all.insert(all.end(), more.begin(), more.end());
  return run_program(small_search(all), directory.path());
}

}  // namespace polyak::test
