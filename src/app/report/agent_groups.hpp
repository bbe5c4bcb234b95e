// The agents of one or several runs, sorted by what they were trained with.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "app/drawing/scene.hpp"
#include "app/output/learning_curve.hpp"
#include "io/run_record.hpp"

namespace polyak {

struct GroupMember {
  std::size_t run;
  int agent;
};

/// Agents that differ in nothing but their seeds.
struct AgentGroup {
  std::string label;
  std::vector<std::string> values;  // one for each of AgentGroups::fields
  std::vector<GroupMember> members;
  RgbColour colour;
};

struct AgentGroups {
  std::vector<std::string> fields;  // in which the groups differ
  std::vector<AgentGroup> groups;   // in the order of their first members
};

/// Groups are told apart by every option but seeds, the number of agents, and what must not change
/// what is learnt: device, threads.
AgentGroups group_agents(std::span<const RunRecord> runs);

/// A column of the runs' metrics.csv, or evaluations.csv: [members], empty where there is none.
std::vector<AgentCurve> curves_of(const AgentGroup& group, std::span<const RunRecord> runs,
                                  AgentTable RunRecord::*table, std::string_view column);

}  // namespace polyak
