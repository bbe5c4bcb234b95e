// Learning curves as figures of a report.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "app/report/agent_groups.hpp"

namespace polyak {

/// A column of a table, and what it is.
struct CurveSubject {
  AgentTable RunRecord::*table;
  std::string_view column;
  std::string_view heading;
};

/// The subjects that a report shows first, and those that it shows where they are asked for.
std::span<const CurveSubject> main_subjects();
std::span<const CurveSubject> further_subjects();

/// A chart of it: each group's interquartile mean and interval, and its agents' own lines behind.
/// Nothing if no agent has such values.
std::string curve_figure(const CurveSubject& subject, const AgentGroups& groups,
                         std::span<const RunRecord> runs);

/// The same as numbers.
std::string curve_table(const CurveSubject& subject, const AgentGroups& groups,
                        std::span<const RunRecord> runs);

}  // namespace polyak
