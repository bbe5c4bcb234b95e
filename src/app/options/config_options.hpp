// Command-line options for every field of a Config, and --config FILE.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/field_texts.hpp"
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

  /// The preset's values (without one, the defaults and what the environment recommends), replaced
  /// by what the algorithm stands for, by the configuration file's fields and by the command line's
  /// (config_from_texts); validated. UsageError names the field, or its place in the file.
  Config config() const;

  /// The same before it is validated, for who changes it first.
  Config unchecked() const;

  /// `base` with the command line's fields instead of its own. UsageError, which names the field,
  /// for what is no value of it; not validated.
  Config changed(Config base) const;

  /// Whether the field was given, on the command line or in the file.
  bool given(std::string_view field) const;

  /// The fields that were given and that no --algorithm replaces: those of the command line, and of
  /// a file that names no algorithm of its own.
  std::vector<std::string> given_beside_algorithm() const;

 private:
  /// What the command line says.
  FieldTexts command_texts() const;
  /// What the file says; empty without one. It may be a pipe, so it is read only once.
  const FieldTexts& file_texts() const;

  std::map<std::string, CLI::Option*, std::less<>> options_;  // by field name
  CLI::Option* file_ = nullptr;
  mutable std::optional<FieldTexts> file_texts_;
};

/// Adds `--NAME`, which is on where it is given; `--NAME=false` is off, and what is neither true
/// nor false is refused. Never takes the word behind it for its value.
CLI::Option* add_switch(CLI::App& command, const std::string& name, bool& target,
                        const std::string& help);

/// A help text broken into lines that fit beside the column of option names.
std::string wrap_help(std::string_view text);

}  // namespace polyak
