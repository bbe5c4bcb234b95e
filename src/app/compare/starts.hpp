// The start states on which `polyak compare` judges policies.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "io/starts_file.hpp"
#include "polyak/config.hpp"

namespace polyak {

/// Start states, and why they are not those that were to be expected (or nothing).
struct ComparisonStarts {
  Starts starts;
  std::string remark = {};
};

/// Those in `path`; if that is empty, for Pendulum-v1 as it is by default the reference starts with
/// their best returns, and for every other task, or if these are not installed in any of `folders`,
/// start states drawn from the environment. UsageError if the file is missing or wrong.
ComparisonStarts comparison_starts(const Config& config, const std::string& path,
                                   std::span<const std::filesystem::path> folders);

/// Where reference starts may be: beside the program where it is installed, where it was to be
/// installed, and in the source tree.
std::vector<std::filesystem::path> reference_folders();

}  // namespace polyak
