#include "io/csv.hpp"

#include <algorithm>

#include "io/read_file.hpp"

namespace polyak {
namespace {

constexpr std::uint64_t largest_csv = std::uint64_t{64} << 20;  // some 2 million rows
constexpr std::size_t longest_line = 4096;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// Takes the first line off the text, without its end; nothing if there is no more.
std::optional<std::string_view> take_line(std::string_view& text) {
  if (text.empty()) return {};
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

void append_row(const std::string& file, std::size_t line_number, std::string_view line,
                CsvTable& table) {
  const auto refuse = [&](const std::string& why) {
    throw UsageError(file + ": line " + std::to_string(line_number) + ": " + why);
  };
  if (line.size() > longest_line) {
    refuse("has " + std::to_string(line.size()) + " characters; at most " +
           std::to_string(longest_line) + " are possible");
  }
  const std::vector<std::string> fields = split_text(line, ',');
  if (fields.size() != table.header.size()) {
    refuse(std::to_string(fields.size()) + " values instead of " +
           std::to_string(table.header.size()));
  }
  for (const std::string& field : fields) {
    const std::optional<float> value = parse_number<float>(field);
    if (!value || !std::isfinite(*value)) refuse("'" + field + "' is not a finite number");
    table.values.push_back(*value);
  }
}

}  // namespace

CsvTable read_csv(const std::filesystem::path& path, std::span<const std::string> header) {
  return parse_csv(read_whole_file(path, largest_csv), path.string(), header);
}

CsvTable parse_csv(std::string_view text, const std::string& file,
                   std::span<const std::string> header) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  const std::string expected = join_text(header, ",");
  const std::string_view first = take_line(text).value_or("");
  CsvTable table;
  if (first.size() <= longest_line) table.header = split_text(first, ',');
  if (join_text(table.header, ",") != expected) {
    throw UsageError(file + ": the first line must be the header " + expected + ", not '" +
                     std::string(first) + "'");
  }
  std::size_t number = 1;
  while (const std::optional<std::string_view> line = take_line(text)) {
    ++number;
    if (line->empty() && text.empty()) break;
    append_row(file, number, *line, table);
  }
  return table;
}

std::vector<std::string> column_names(const std::string& name, int dimensions, bool always_number) {
  if (dimensions == 1 && !always_number) return {name};
  std::vector<std::string> names;
  for (int i = 0; i < dimensions; ++i) names.push_back(name + "_" + std::to_string(i));
  return names;
}

}  // namespace polyak
