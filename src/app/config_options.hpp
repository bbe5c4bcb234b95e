// Command-line options for every field of a Config, and --config FILE.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "polyak/config.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace polyak {

/// Adds the options to a subcommand; after the command line has been parsed, gives the Config. Must
/// live as long as the subcommand.
class ConfigOptions {
 public:
  /// Leave out fields that a command does not need by naming them in `without`.
  explicit ConfigOptions(CLI::App& command, std::vector<std::string_view> without = {});

  /// The preset's values (the defaults if there is none), replaced by the configuration file,
  /// replaced by the command line; validated. UsageError names the field, or the key and the file.
  Config config() const;

  /// Whether the field was given, on the command line or in the file.
  bool given(std::string_view field) const;

 private:
  std::map<std::string, std::vector<std::string>> file_values() const;

  std::map<std::string, CLI::Option*, std::less<>> options_;  // by field name
  CLI::Option* file_ = nullptr;
};

/// A help text broken into lines that fit beside the column of option names.
std::string wrap_help(std::string_view text);

}  // namespace polyak
