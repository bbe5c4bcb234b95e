#include "app/report/agent_groups.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "io/text_value.hpp"
#include "io/varied_fields.hpp"

namespace polyak {
namespace {

constexpr std::array colours = {blue,
                                red,
                                green,
                                orange,
                                RgbColour{0x94, 0x67, 0xbd},
                                RgbColour{0xa0, 0x70, 0x5c},
                                RgbColour{0x17, 0xa2, 0xb8},
                                RgbColour{0xd6, 0x5f, 0xb0}};
constexpr std::array<std::string_view, 4> without_effect = {"seed", "agents", "device", "threads"};

/// Each agent's first row.
std::vector<std::size_t> first_rows(const AgentTable& metrics) {
  std::map<std::size_t, std::size_t> first;
  for (std::size_t row = 0; row < metrics.rows(); ++row) {
    first.emplace(static_cast<std::size_t>(metrics.at(row, 0)), row);
  }
  std::vector<std::size_t> rows;
  for (const auto& [agent, row] : first) rows.push_back(row);
  return rows;
}

std::vector<std::string> field_names(std::span<const RunRecord> runs) {
  std::vector<std::string> names;
  for (const RunRecord& run : runs) {
    for (const ConfigEntry& entry : run.configuration) {
      const auto is_it = [&](std::string_view name) { return name == entry.name; };
      if (entry.name.empty() || std::any_of(without_effect.begin(), without_effect.end(), is_it) ||
          std::any_of(names.begin(), names.end(), is_it)) {
        continue;
      }
      names.push_back(entry.name);
    }
  }
  return names;
}

/// An agent and all that it was trained with.
struct Agent {
  GroupMember member;
  std::vector<std::string> values;  // one for each field
};

std::vector<Agent> all_agents(std::span<const RunRecord> runs,
                              const std::vector<std::string>& fields) {
  std::vector<Agent> agents;
  for (std::size_t run = 0; run < runs.size(); ++run) {
    const AgentTable& metrics = runs[run].metrics;
    std::vector<std::string> shared;
    std::vector<std::pair<std::size_t, std::size_t>> own;  // field, and column where agents differ
    for (std::size_t field = 0; field < fields.size(); ++field) {
      shared.push_back(runs[run].configured(fields[field]));
      const std::string column = column_name(fields[field]);
      if (metrics.has(column)) own.emplace_back(field, metrics.index(column));
    }
    for (const std::size_t row : first_rows(metrics)) {
      agents.push_back({{run, static_cast<int>(metrics.at(row, 0))}, shared});
      for (const auto& [field, column] : own) {
        agents.back().values[field] = format_number(metrics.at(row, column));
      }
    }
  }
  return agents;
}

std::string name_of(const RunRecord& run) {
  const std::filesystem::path path = run.directory.lexically_normal();
  return (path.has_filename() ? path : path.parent_path()).filename().string();
}

/// The run that all members are of, or none.
std::optional<std::size_t> only_run(const AgentGroup& group) {
  const std::size_t run = group.members.front().run;
  const bool is_only = std::all_of(group.members.begin(), group.members.end(),
                                   [run](const GroupMember& member) { return member.run == run; });
  return is_only ? std::optional(run) : std::nullopt;
}

/// "discount 0.9, tau 0.01": the values of those fields in which the group differs from `others`.
std::string label_differences(const AgentGroup& group, const std::vector<const AgentGroup*>& others,
                              const std::vector<std::string>& fields) {
  constexpr std::size_t most = 3;
  std::vector<std::string> parts;
  for (std::size_t field = 0; field < fields.size(); ++field) {
    const bool varies = std::any_of(others.begin(), others.end(), [&](const AgentGroup* other) {
      return other->values[field] != group.values[field];
    });
    if (varies) parts.push_back(fields[field] + " " + group.values[field]);
  }
  if (parts.size() > most) {
    parts.resize(most);
    parts.emplace_back("...");
  }
  return join_text(parts, ", ");
}

/// What a group is called: the run that it is of, if it is of one among several, and in what it
/// differs from the other groups of that run, or from all.
std::string label_of(const AgentGroup& group, const AgentGroups& all,
                     std::span<const RunRecord> runs) {
  const std::optional<std::size_t> run = only_run(group);
  std::vector<const AgentGroup*> others;
  for (const AgentGroup& other : all.groups) {
    if (!run || only_run(other) == run) others.push_back(&other);
  }
  const std::string different = label_differences(group, others, all.fields);
  if (!run) return different.empty() ? std::to_string(runs.size()) + " runs" : different;
  if (different.empty()) return name_of(runs[*run]);
  return runs.size() == 1 ? different : name_of(runs[*run]) + ": " + different;
}

}  // namespace

AgentGroups group_agents(std::span<const RunRecord> runs) {
  const std::vector<std::string> names = field_names(runs);
  const std::vector<Agent> agents = all_agents(runs, names);
  AgentGroups result;
  std::vector<std::size_t> differing;
  for (std::size_t field = 0; field < names.size(); ++field) {
    if (std::any_of(agents.begin(), agents.end(), [&](const Agent& agent) {
          return agent.values[field] != agents.front().values[field];
        })) {
      differing.push_back(field);
      result.fields.push_back(names[field]);
    }
  }
  std::map<std::vector<std::string>, std::size_t> known;
  for (const Agent& agent : agents) {
    std::vector<std::string> values;
    for (const std::size_t field : differing) values.push_back(agent.values[field]);
    const auto [place, is_new] = known.emplace(values, result.groups.size());
    if (is_new) {
      result.groups.push_back({{}, values, {}, colours.at(result.groups.size() % colours.size())});
    }
    result.groups[place->second].members.push_back(agent.member);
  }
  for (AgentGroup& group : result.groups) group.label = label_of(group, result, runs);
  return result;
}

std::vector<AgentCurve> curves_of(const AgentGroup& group, std::span<const RunRecord> runs,
                                  AgentTable RunRecord::*table, std::string_view column) {
  std::map<std::size_t, std::vector<AgentCurve>> by_run;
  std::vector<AgentCurve> curves;
  for (const GroupMember& member : group.members) {
    const AgentTable& rows = runs[member.run].*table;
    if (!by_run.contains(member.run)) {
      by_run[member.run] =
          rows.has(column) ? agent_curves(rows, column) : std::vector<AgentCurve>{};
    }
    const std::vector<AgentCurve>& all = by_run[member.run];
    const auto agent = static_cast<std::size_t>(member.agent);
    curves.push_back(agent < all.size() ? all[agent] : AgentCurve{});
  }
  return curves;
}

}  // namespace polyak
