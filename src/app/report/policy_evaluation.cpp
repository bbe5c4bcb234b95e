#include "app/report/policy_evaluation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "app/options/simulation_options.hpp"
#include "polyak/environment/registry.hpp"
#include "polyak/policy.hpp"
#include "trainer/evaluation.hpp"

namespace polyak {
namespace {

constexpr std::int64_t starts_count = 100;

/// The member that has a policy and the highest return.
const GroupMember* best_member(const AgentGroup& group, std::span<const RunRecord> runs) {
  const GroupMember* best = nullptr;
  double best_return = -std::numeric_limits<double>::infinity();
  for (const GroupMember& member : group.members) {
    const RunRecord& run = runs[member.run];
    if (!run.policies.contains(member.agent)) continue;
    const double value = summary_value(run, member.agent, "mean_return");
    if (best != nullptr && !(value > best_return)) continue;
    best = &member;
    if (!std::isnan(value)) best_return = value;
  }
  return best;
}

}  // namespace

double summary_value(const RunRecord& run, int agent, const char* name) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  if (!run.summary.is_object() || !run.summary.contains("agents")) return none;
  const nlohmann::json& agents = run.summary["agents"];
  const auto index = static_cast<std::size_t>(agent);
  if (!agents.is_array() || index >= agents.size() || !agents[index].is_object()) return none;
  const auto evaluation = agents[index].find("evaluation");
  if (evaluation == agents[index].end() || !evaluation->is_object()) return none;
  const auto value = evaluation->find(name);
  return value != evaluation->end() && value->is_number() ? value->get<double>() : none;
}

std::optional<PolicyEvaluation> evaluate_best(const AgentGroup& group,
                                              std::span<const RunRecord> runs) {
  const GroupMember* const member = best_member(group, runs);
  if (member == nullptr) return {};
  const auto& file = runs[member->run].policies.at(member->agent);
  const Policy policy = Policy::load(file);
  const SimulatorConfig config = trained_environment(policy, file);
  const std::vector<float> starts =
      draw_starts(config.environment, config.parameters, 0, starts_count);
  const Trajectories episodes =
      make_simulator(parse_device("cpu"), config)->rollout(policy, starts);
  const EnvironmentInfo environment = find_environment(config.environment);
  std::vector<double> returns;
  for (std::size_t i = 0; i < episodes.lengths.size(); ++i) {
    returns.push_back(take_episode(episodes, i, environment, config.time_limit).total_reward);
  }
  const auto hardest = std::min_element(returns.begin(), returns.end()) - returns.begin();
  PolicyEvaluation result{
      *member, returns,
      take_episode(episodes, static_cast<std::size_t>(hardest), environment, config.time_limit)};
  std::sort(result.returns.begin(), result.returns.end());
  return result;
}

}  // namespace polyak
