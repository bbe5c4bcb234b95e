#include "io/csv.hpp"

#include <sstream>

#include "io/atomic_file.hpp"

namespace polyak {
namespace {

constexpr std::uintmax_t largest_csv = std::uintmax_t{4} << 30;

void append_row(const std::filesystem::path& path, std::size_t line_number, const std::string& line,
                CsvTable& table) {
  const auto refuse = [&](const std::string& why) {
    throw UsageError(path.string() + ": line " + std::to_string(line_number) + ": " + why);
  };
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
  std::istringstream lines(read_whole_file(path, largest_csv));
  const std::string expected = join_text(header, ",");
  std::string line;
  std::getline(lines, line);
  CsvTable table;
  table.header = split_text(line, ',');
  if (join_text(table.header, ",") != expected) {
    throw UsageError(path.string() + ": the first line must be the header " + expected + ", not '" +
                     line.substr(0, 80) + "'");
  }
  for (std::size_t number = 2; std::getline(lines, line); ++number) {
    if (line.empty() && lines.peek() == std::istringstream::traits_type::eof()) break;
    append_row(path, number, line, table);
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
