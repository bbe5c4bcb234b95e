// What came out of a training: evaluations of its agents, on the terminal and as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "io/starts_file.hpp"
#include "io/varied_fields.hpp"
#include "polyak/config.hpp"
#include "polyak/trainer.hpp"
#include "trainer/evaluation_history.hpp"
#include "trainer/population_evaluation.hpp"

namespace polyak {

/// What all evaluations of a training came to.
struct TrainingEvaluation {
  std::vector<AgentEvaluation> last;  // [agents], at its end; empty if there was none
  EvaluationHistory history;          // that one included
  double seconds = 0.0;               // that they took
};

/// "-151.2 (standard error 8.7)".
std::string with_error(const Estimate& value, int decimals = 1);

/// One policy's statistics, a line each.
void print_evaluation(std::ostream& out, const AgentEvaluation& evaluation);

/// One agent's statistics; for a population a table of its agents (the best and the worst ones if
/// there are many), with the fields in which they differ, and what they have in common. Then, of
/// several evaluations, the best. evaluation.last: not empty.
void print_population(std::ostream& out, const TrainingEvaluation& evaluation,
                      const std::vector<VariedField>& varied);

/// The agent with the highest mean return, of equal ones the first. agents: not empty.
int best_agent(std::span<const AgentEvaluation> agents);

nlohmann::ordered_json evaluation_json(const AgentEvaluation& evaluation);

/// Means over the agents with their standard error over agents, the best and the worst agent.
nlohmann::ordered_json population_json(std::span<const AgentEvaluation> agents);

/// One entry per agent: its seed, and its "settings" where agents differ in more than that.
nlohmann::ordered_json agents_json(const Config& config);

/// Why a training ended, in a word: finished, interrupted, non_finite, goal_reached or
/// no_improvement.
std::string_view to_string(StopReason reason);

/// The content of summary.json.
nlohmann::ordered_json training_summary(const Trainer& trainer, StopReason reason,
                                        const TrainingEvaluation& evaluation);

}  // namespace polyak
