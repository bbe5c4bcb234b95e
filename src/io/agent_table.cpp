#include "io/agent_table.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "io/read_file.hpp"
#include "io/text_value.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

constexpr std::uint64_t largest_table = std::uint64_t{512} << 20;
/// The largest agent and number of environment steps.
constexpr std::array max_counts = {1e9, 9e15};
constexpr std::string_view own_beginning = "agent,environment_steps,";

std::string_view cut_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

}  // namespace

bool AgentTable::has(std::string_view column) const {
  return std::find(columns.begin(), columns.end(), column) != columns.end();
}

std::size_t AgentTable::index(std::string_view column) const {
  const auto found = std::find(columns.begin(), columns.end(), column);
  if (found == columns.end()) throw UsageError("there is no column " + std::string(column));
  return static_cast<std::size_t>(found - columns.begin());
}

AgentTable parse_agent_table(std::string_view text, const std::string& file) {
  text = text.substr(0, text.rfind('\n') + 1);  // npos + 1 is 0
  if (!text.starts_with(own_beginning)) {
    throw UsageError(file + ": its first line does not begin with " + std::string(own_beginning) +
                     "...: no table of a training");
  }
  AgentTable table;
  table.columns = split_text(cut_line(text), ',');
  for (std::size_t number = 2; !text.empty(); ++number) {
    const std::vector<std::string> fields = split_text(cut_line(text), ',');
    const auto refuse = [&](const std::string& why) {
      throw UsageError(file + ": line " + std::to_string(number) + ": " + why);
    };
    if (fields.size() != table.columns.size()) {
      refuse(std::to_string(fields.size()) + " values instead of " +
             std::to_string(table.columns.size()));
    }
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const std::optional<double> value = parse_number<double>(fields[i]);
      if (i < max_counts.size()) {
        // Never empty, and whole numbers elsewhere.
        if (!value || !(*value >= 0.0 && *value <= max_counts.at(i))) {
          refuse("'" + fields[i] + "' is no " + table.columns[i]);
        }
      } else if (!value && !fields[i].empty()) {
        refuse("'" + fields[i] + "' is not a number");
      }
      table.values.push_back(value.value_or(std::numeric_limits<double>::quiet_NaN()));
    }
  }
  return table;
}

AgentTable read_agent_table(const std::filesystem::path& file) {
  return parse_agent_table(read_whole_file(file, largest_table), file.string());
}

}  // namespace polyak
