// metrics.csv and evaluations.csv, read back: a row for every agent at every moment.
#pragma once

#include <cstddef>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace polyak {

/// Numbers under the columns' names; NaN where a field is empty.
struct AgentTable {
  std::vector<std::string> columns;
  std::vector<double> values;  // [rows, columns]

  std::size_t rows() const { return columns.empty() ? 0 : values.size() / columns.size(); }
  double at(std::size_t row, std::size_t column) const {
    return values[row * columns.size() + column];
  }
  /// Whether there is a column of this name.
  bool has(std::string_view column) const;
  /// Where it is; UsageError if there is none.
  std::size_t index(std::string_view column) const;
};

/// The text of such a file, whose first columns are agent and environment_steps; `file` is its
/// name, for messages. While a training writes, its last row may be there in part: whatever is
/// behind the last end of a line is left out. UsageError with the line's number for anything else
/// that is no such row.
AgentTable parse_agent_table(std::string_view text, const std::string& file);

/// The same from the file itself.
AgentTable read_agent_table(const std::filesystem::path& file);

}  // namespace polyak
