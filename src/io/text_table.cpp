#include "io/text_table.hpp"

#include <cmath>
#include <limits>

#include "io/read_file.hpp"
#include "io/text_value.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

constexpr std::uint64_t largest_text_table = std::uint64_t{64} << 20;

std::string_view next_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

/// The fields of a line; one in quotes may have commas: "64,64".
std::vector<std::string> split_line(std::string_view line) {
  if (line.find('"') == std::string_view::npos) return split_text(line, ',');
  std::vector<std::string> fields(1);
  bool is_quoted = false;
  for (const char letter : line) {
    if (letter == '"') {
      is_quoted = !is_quoted;
    } else if (letter == ',' && !is_quoted) {
      fields.emplace_back();
    } else if (letter != '\r') {
      fields.back() += letter;
    }
  }
  return fields;
}

bool has_columns(std::span<const std::string> columns,
                 std::span<const std::string_view> beginning) {
  if (columns.size() < beginning.size()) return false;
  for (std::size_t i = 0; i < beginning.size(); ++i) {
    if (columns[i] != beginning[i]) return false;
  }
  return true;
}

}  // namespace

double TextTable::number(std::size_t row, std::size_t column) const {
  const std::string& field = rows[row][column];
  if (field.empty()) return std::numeric_limits<double>::quiet_NaN();
  const std::optional<double> value = parse_number<double>(field);
  if (!value || !std::isfinite(*value)) refuse(row, column);
  return *value;
}

std::int64_t TextTable::count(std::size_t row, std::size_t column) const {
  constexpr std::int64_t most = 9'000'000'000'000'000;
  const std::optional<std::int64_t> value = parse_number<std::int64_t>(rows[row][column]);
  if (!value || *value < 0 || *value > most) refuse(row, column);
  return *value;
}

void TextTable::refuse(std::size_t row, std::size_t column) const {
  throw UsageError(file + ": line " + std::to_string(row + 2) + ": '" + rows[row][column] +
                   "' is no " + columns[column]);
}

TextTable parse_text_table(std::string_view text, const std::string& file,
                           std::span<const std::string_view> beginning) {
  text = text.substr(0, text.rfind('\n') + 1);  // npos + 1 is 0
  TextTable table{file, {}, {}};
  if (!text.empty()) table.columns = split_line(next_line(text));
  if (!has_columns(table.columns, beginning)) {
    const std::vector<std::string> wanted(beginning.begin(), beginning.end());
    throw UsageError(file + ": its first line does not begin with " + join_text(wanted, ","));
  }
  while (!text.empty()) {
    table.rows.push_back(split_line(next_line(text)));
    if (table.rows.back().size() != table.columns.size()) {
      throw UsageError(file + ": line " + std::to_string(table.rows.size() + 1) + ": " +
                       std::to_string(table.rows.back().size()) + " values instead of " +
                       std::to_string(table.columns.size()));
    }
  }
  return table;
}

TextTable read_text_table(const std::filesystem::path& file,
                          std::span<const std::string_view> beginning) {
  return parse_text_table(read_whole_file(file, largest_text_table), file.string(), beginning);
}

}  // namespace polyak
