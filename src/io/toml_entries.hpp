// The entries of a TOML file (https://toml.io), each with its place. The one place that knows the
// TOML library.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace polyak {

/// Where in a text something stands, both from 1 on.
struct TextPosition {
  std::uint32_t line, column;
};

/// "space.toml: line 3, column 1: ", to begin a message with.
std::string place_in(const std::string& file, TextPosition position);

enum class TomlKind { number, word, truth, list, table };

/// A number, word or truth, a list of values, or a table inside a line or another table.
struct TomlValue {
  TomlKind kind;
  std::string text;                // of the first three, as on a command line: without quotes
  std::vector<TomlValue> values;   // of a list, and of a table in the order of the text
  std::vector<std::string> names;  // of a table, one for each value
  TextPosition position;
};

/// One `name = value`. A table of the file with nothing in it is an entry without a name.
struct TomlEntry {
  std::string table;  // the table that it stands in; empty: none
  std::string name;
  TomlValue value;
  TextPosition position;
};

/// The entries of a text in the order of its lines; `file` is its name, for messages. UsageError
/// with line and column for what is no TOML, and for what no file here has: empty names, dates and
/// times, numbers that are not decimal, and long lines that are not plain lists.
std::vector<TomlEntry> parse_toml_entries(std::string_view text, const std::string& file);

}  // namespace polyak
