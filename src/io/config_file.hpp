// Configuration files: TOML (https://toml.io) of a line `name = value` for each field, in tables
// named as the fields' groups or in none.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace polyak {

/// Room for 65,535 agents that differ in several fields.
inline constexpr std::uint64_t largest_config_file = 8u << 20;

/// What TOML takes a value for.
enum class ConfigValueKind { number, word, truth };

struct ConfigValue {
  ConfigValueKind kind;
  std::string text;  // as on a command line: without quotes
};

/// One `name = value`, or `name = [value, ...]`; a table with nothing in it has neither.
struct ConfigEntry {
  std::string table;  // the table that it stands in; empty: none
  std::string name;
  std::vector<ConfigValue> values;
  std::string place;  // "run/config.toml: line 3, column 1: ", for messages
};

/// The entries of a file in the order of their lines; `file` is its name, for messages. UsageError
/// with line and column for what is no TOML, and for what no field takes: tables in tables, inline
/// tables, lists of lists, dates and times, numbers that are not decimal.
std::vector<ConfigEntry> parse_config_file(std::string_view text, const std::string& file);

/// What entries say of a field, commas between the values of a list; empty if they do not.
std::string configured_text(std::span<const ConfigEntry> entries, std::string_view field);

}  // namespace polyak
