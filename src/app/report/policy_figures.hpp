// Policies as figures of a report.
#pragma once

#include <span>
#include <string>

#include "app/report/policy_evaluation.hpp"

namespace polyak {

/// An evaluated policy and the group whose agent it is of.
struct EvaluatedGroup {
  const AgentGroup* group;
  PolicyEvaluation evaluation;
};

/// The returns from all starts, of each policy from the lowest to the highest; nothing without any.
std::string starts_figure(std::span<const EvaluatedGroup> groups);

/// A policy's hardest episode: the environment in motion, the first two states as a phase portrait
/// where there are two, and the first action over time. `number`: tells figures of a page apart.
std::string motion_figure(const EvaluatedGroup& group, std::size_t number);

}  // namespace polyak
