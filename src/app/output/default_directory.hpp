// The directories that runs are written to where none is named.
#pragma once

#include <filesystem>
#include <string>

namespace polyak {

/// runs/<name>-<date>-<time>, in local time.
std::filesystem::path default_directory(const std::string& name);

}  // namespace polyak
