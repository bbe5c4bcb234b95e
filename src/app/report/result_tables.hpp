// What a report says in tables.
#pragma once

#include <span>
#include <string>

#include "app/report/agent_groups.hpp"
#include "io/run_record.hpp"

namespace polyak {

/// One line: what was trained.
std::string describe_runs(std::span<const RunRecord> runs);

/// A row for each group: how far it came and how good it is; the best and the worst of many.
std::string results_table(const AgentGroups& groups, std::span<const RunRecord> runs);

/// The options in which groups differ, a row each; nothing if there is one group.
std::string differences_table(const AgentGroups& groups);

/// A row for each run: its machine, how long it took, its throughput.
std::string runs_table(std::span<const RunRecord> runs);

/// Every option of every run.
std::string configuration_table(std::span<const RunRecord> runs);

}  // namespace polyak
