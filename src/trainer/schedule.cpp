#include "trainer/schedule.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "config/derived.hpp"
#include "config/fields.hpp"
#include "io/text_value.hpp"
#include "polyak/core/error.hpp"
#include "trainer/population_change.hpp"

namespace polyak {
namespace {

constexpr std::string_view header = "environment_steps,agent,copied_from,copied,seed";
constexpr std::size_t own_columns = 5;
constexpr std::string_view everything = "everything", networks = "networks";

/// Reads the lines of one file.
class ScheduleReader {
 public:
  explicit ScheduleReader(const std::string& file) : file_(file) {}

  Schedule read(std::string_view text) {
    Schedule schedule;
    for (const std::string& line : split_text(text, '\n')) {
      ++line_;
      if (line.empty()) continue;
      if (line_ == 1) {
        schedule.fields = fields_of(line);
      } else {
        schedule.rows.push_back(row_of(line, schedule.fields.size()));
        check_order(schedule);
      }
    }
    check_beginning(schedule);
    return schedule;
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw UsageError(file_ + ": line " + std::to_string(std::max(line_, 1)) + ": " + why);
  }

  std::vector<std::string> fields_of(const std::string& line) const {
    if (line != header && !line.starts_with(std::string(header) + ",")) {
      refuse("is no schedule, which begins with " + std::string(header));
    }
    std::vector<std::string> fields = split_text(line, ',');
    fields.erase(fields.begin(), fields.begin() + own_columns);
    for (std::string& field : fields) {
      std::replace(field.begin(), field.end(), '_', '-');
      bool known = false;
      const Config any;
      visit_fields(any, [&](const FieldInfo& info, const auto&) {
        known = known || (info.name == field && info.per_agent && field != "seed");
      });
      if (!known) refuse("agents of a population cannot differ in '" + field + "'");
    }
    return fields;
  }

  ScheduleRow row_of(const std::string& line, std::size_t fields) const {
    const std::vector<std::string> cells = split_text(line, ',');
    if (cells.size() != own_columns + fields) {
      refuse("has " + std::to_string(cells.size()) + " values; the first line has " +
             std::to_string(own_columns + fields) + " names");
    }
    ScheduleRow row{number<std::int64_t>(cells[0]),
                    number<int>(cells[1]),
                    {},
                    AgentPart::everything,
                    number<std::uint64_t>(cells[4]),
                    {cells.begin() + own_columns, cells.end()}};
    if (!cells[2].empty()) row.copied_from = number<int>(cells[2]);
    if (cells[2].empty() != cells[3].empty() ||
        (!cells[3].empty() && cells[3] != everything && cells[3] != networks)) {
      refuse("copied is everything or networks where copied_from is an agent, and empty elsewhere");
    }
    if (cells[3] == networks) row.part = AgentPart::networks;
    return row;
  }

  template <class Number>
  Number number(const std::string& text) const {
    const std::optional<Number> value = parse_number<Number>(text);
    if (!value || std::cmp_less(*value, 0)) refuse("'" + text + "' is no whole number from 0 up");
    return *value;
  }

  void check_order(const Schedule& schedule) const {
    const std::vector<ScheduleRow>& rows = schedule.rows;
    if (rows.size() > 1 &&
        rows[rows.size() - 2].environment_steps > rows.back().environment_steps) {
      refuse("environment_steps must not fall");
    }
    if (rows.back().environment_steps == 0 && rows.back().copied_from) {
      refuse("nobody can take over anything at 0 steps");
    }
  }

  void check_beginning(const Schedule& schedule) const {
    std::set<int> agents;
    for (const ScheduleRow& row : schedule.rows) {
      const bool begins = row.environment_steps == 0;
      if (begins && !agents.insert(row.agent).second) {
        refuse("agent " + std::to_string(row.agent) + " begins twice");
      }
    }
    const auto missing = [&](int agent) {
      if (!agents.contains(agent)) {
        refuse("agent " + std::to_string(agent) + " has no row at 0 steps");
      }
    };
    for (int agent = 0; agent < std::max<int>(1, static_cast<int>(agents.size())); ++agent) {
      missing(agent);
    }
    for (const ScheduleRow& row : schedule.rows) {
      missing(row.agent);
      missing(row.copied_from.value_or(0));
    }
  }

  const std::string& file_;
  int line_ = 0;
};

/// Sets one agent's value of a field in a configuration with a value for each.
void set_value(Config& config, const std::string& name, int agent, const std::string& text) {
  visit_fields(config, [&]<class T>(const FieldInfo& field, T& value) {
    if constexpr (requires { value.values; }) {
      if (field.name != name) return;
      T one = value;
      parse_field(field.name, std::span(&text, 1), one);
      value.values[static_cast<std::size_t>(agent)] = one.values.front();
    }
  });
}

/// With a value for each agent of every field, so that one of them can be set.
Config with_lists(const Config& config) {
  std::vector<int> all(static_cast<std::size_t>(config.agents));
  std::iota(all.begin(), all.end(), 0);
  return with_agents(config, all);
}

void set_row(const Schedule& schedule, const ScheduleRow& row, Config& config) {
  config.seed.values[static_cast<std::size_t>(row.agent)] = row.seed;
  for (std::size_t i = 0; i < schedule.fields.size(); ++i) {
    if (!row.values[i].empty()) set_value(config, schedule.fields[i], row.agent, row.values[i]);
  }
}

}  // namespace

int Schedule::agents() const {
  return static_cast<int>(std::count_if(
      rows.begin(), rows.end(), [](const ScheduleRow& row) { return row.environment_steps == 0; }));
}

Schedule parse_schedule(std::string_view text, const std::string& file) {
  return ScheduleReader(file).read(text);
}

std::string schedule_text(const Schedule& schedule) {
  std::string text(header);
  for (std::string field : schedule.fields) {
    std::replace(field.begin(), field.end(), '-', '_');
    text += "," + field;
  }
  for (const ScheduleRow& row : schedule.rows) {
    text += "\n" + std::to_string(row.environment_steps) + "," + std::to_string(row.agent) + ",";
    if (row.copied_from) {
      text += std::to_string(*row.copied_from) + ",";
      text += row.part == AgentPart::networks ? networks : everything;
    } else {
      text += ",";
    }
    text += "," + std::to_string(row.seed);
    for (const std::string& value : row.values) text += "," + value;
  }
  return text + "\n";
}

Config first_config(const Schedule& schedule, const Config& base) {
  Config config = base;
  config.agents = schedule.agents();
  config = with_lists(config);
  for (const ScheduleRow& row : schedule.rows) {
    if (row.environment_steps == 0) set_row(schedule, row, config);
  }
  return config;
}

std::vector<std::int64_t> change_steps(const Schedule& schedule) {
  std::set<std::int64_t> steps;
  for (const ScheduleRow& row : schedule.rows) steps.insert(row.environment_steps);
  steps.erase(0);
  return {steps.begin(), steps.end()};
}

void apply(const Schedule& schedule, std::int64_t step, Trainer& trainer) {
  Config config = with_lists(trainer.config());
  std::vector<AgentCopy> copies;
  for (const ScheduleRow& row : schedule.rows) {
    if (row.environment_steps != step) continue;
    if (row.copied_from) copies.push_back({*row.copied_from, row.agent, row.part});
    set_row(schedule, row, config);
  }
  trainer.change_population(copies, config);
}

Schedule repeated(const Schedule& schedule, int first, int groups, std::uint64_t first_seed) {
  Schedule all{schedule.fields, {}};
  const int agents = schedule.agents();
  std::set<std::uint64_t> seeds;  // of the schedule, each of which becomes another one
  for (const ScheduleRow& row : schedule.rows) seeds.insert(row.seed);
  const std::vector<std::uint64_t> sorted(seeds.begin(), seeds.end());
  for (const ScheduleRow& row : schedule.rows) {
    const auto place = static_cast<std::uint64_t>(
        std::lower_bound(sorted.begin(), sorted.end(), row.seed) - sorted.begin());
    for (int group = 0; group < groups; ++group) {
      ScheduleRow& copy = all.rows.emplace_back(row);
      copy.agent += group * agents;
      if (copy.copied_from) *copy.copied_from += group * agents;
      copy.seed = first_seed + static_cast<std::uint64_t>(first + group) * sorted.size() + place;
    }
  }
  return all;
}

}  // namespace polyak
