// The report as one page of HTML that needs nothing else.
#pragma once

#include <span>
#include <string>

#include "app/report/agent_groups.hpp"
#include "io/run_record.hpp"

namespace polyak {

/// runs: at least one, each with rows in its metrics. UsageError if a policy among them cannot be
/// read or its environment is unknown.
std::string report_page(std::span<const RunRecord> runs, const AgentGroups& groups);

}  // namespace polyak
