// What the command line and configuration files say of the fields of a Config, as texts.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "polyak/config.hpp"

namespace polyak {

/// What one source says of a field.
struct FieldText {
  std::vector<std::string> values;  // as on a command line
  std::string place = {};           // "run/config.toml: line 3, column 1: ", or empty; for messages
};

/// By field name.
using FieldTexts = std::map<std::string, FieldText, std::less<>>;

/// The fields that a configuration file's text names; `file` is its name, for messages. UsageError
/// with line and column for an unknown name (with the nearest one), a field in another group's
/// table, one that is there twice, and words where numbers are meant or the other way round.
FieldTexts parse_config_fields(std::string_view text, const std::string& file);

/// Sets the fields that `texts` has; of noise-scale and noise-ladder the one that it has takes the
/// other's place. UsageError that names the field and its place.
void set_fields(const FieldTexts& texts, Config& config);

/// What the two sources say: the preset or, where none is named, what the environment recommends
/// (recommended_config), with what the algorithm stands for instead, each of the command line or
/// else of the file; then the file's other fields, then the command line's. UsageError that names
/// the field and, in the file, its place.
Config config_from_texts(const FieldTexts& from_command, const FieldTexts& from_file);

}  // namespace polyak
