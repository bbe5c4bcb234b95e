// Trajectories and single transitions as CSV.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "backend/backend.hpp"
#include "polyak/environment/environment.hpp"

namespace polyak {

/// States and actions (environment units) of independent steps.
struct TransitionInputs {
  std::vector<float> states;   // [count, state_size]
  std::vector<float> actions;  // [count, action_size]
};

/// Reads a CSV with the columns <state names>, action (or action_0, action_1, ...). UsageError.
TransitionInputs read_transitions(const std::filesystem::path& path,
                                  const EnvironmentInfo& environment);

/// Columns next_<state>..., reward, terminated, observation_0, ...; one row per step.
std::string transitions_csv(const TransitionResult& result, const EnvironmentInfo& environment);

/// Columns episode, step, <states>, observation_0, ..., action (or action_0, ...), reward,
/// terminated; one row per step with the state that it begins in.
std::string trajectories_csv(const Trajectories& trajectories, const std::string& environment,
                             int time_limit);

/// A table as one of the above makes it: {"columns": [names], "rows": [[numbers], ...]}.
nlohmann::ordered_json csv_as_json(const std::string& csv);

}  // namespace polyak
