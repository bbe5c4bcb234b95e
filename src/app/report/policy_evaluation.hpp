// What a report shows of policies: their returns from many starts, and one episode.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "app/drawing/episode.hpp"
#include "app/report/agent_groups.hpp"
#include "io/run_record.hpp"

namespace polyak {

struct PolicyEvaluation {
  GroupMember member;
  std::vector<double> returns;  // [starts], from the lowest to the highest
  Episode hardest;              // from the start with the lowest return
};

/// The policy of the group's agent with the best evaluation, or of its first agent where there was
/// none: 100 episodes without noise, on the CPU, from the starts that `polyak evaluate` has.
/// Nothing while no policy is written. UsageError if a policy cannot be read or its environment is
/// unknown.
std::optional<PolicyEvaluation> evaluate_best(const AgentGroup& group,
                                              std::span<const RunRecord> runs);

/// The evaluation of an agent at the end of its training, of the summary's "mean_return" or another
/// of its members; NaN if there is none.
double summary_value(const RunRecord& run, int agent, const char* name);

}  // namespace polyak
