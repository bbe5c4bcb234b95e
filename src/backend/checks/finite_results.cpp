#include "backend/checks/finite_results.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "backend/first_failure.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

constexpr const char* why =
    " is NaN or infinite: the start or the policy's weights lead beyond what float32 can hold";

bool is_bad(float value) { return !std::isfinite(value); }

/// Whether entry `index` of an array of entries of `size` values has one that is not finite.
bool has_bad(const std::vector<float>& values, std::size_t index, int size) {
  const auto count = static_cast<std::size_t>(size);
  return !all_finite(std::span(values).subspan(index * count, count));
}

/// What an episode's step begins with, does or earns that is not finite; nullptr: nothing.
const char* bad_value(const Trajectories& trajectories, const EnvironmentInfo& environment,
                      std::size_t state, std::size_t step) {
  if (has_bad(trajectories.states, state, environment.state_size)) return "state";
  if (has_bad(trajectories.actions, step, environment.action_size)) return "action";
  if (is_bad(trajectories.rewards[step])) return "reward";
  if (has_bad(trajectories.states, state + 1, environment.state_size)) return "next state";
  return nullptr;
}

}  // namespace

void require_finite_returns(std::span<const float> returns, std::size_t starts) {
  if (all_finite(returns)) return;
  const auto first = static_cast<std::size_t>(std::find_if(returns.begin(), returns.end(), is_bad) -
                                              returns.begin());
  const auto bad = std::count_if(returns.begin(), returns.end(), is_bad);
  const std::string of_agent =
      returns.size() > starts ? " of agent " + std::to_string(first / starts) : "";
  throw RunError("the return" + of_agent + " from start state " + std::to_string(first % starts) +
                 why + " (" + std::to_string(bad) + " of " + std::to_string(returns.size()) +
                 " returns)");
}

void require_finite(const Trajectories& trajectories, const EnvironmentInfo& environment,
                    int time_limit) {
  if (all_finite(trajectories.states) && all_finite(trajectories.actions) &&
      all_finite(trajectories.rewards)) {
    return;
  }
  const auto limit = static_cast<std::size_t>(time_limit);
  for (std::size_t episode = 0; episode < trajectories.lengths.size(); ++episode) {
    const auto length = static_cast<std::size_t>(trajectories.lengths[episode]);
    for (std::size_t step = 0; step < length; ++step) {
      const std::size_t at = episode * limit + step;
      const char* const what = bad_value(trajectories, environment, at + episode, at);
      if (what == nullptr) continue;
      throw RunError("episode " + std::to_string(episode) + ", step " + std::to_string(step) +
                     ": the " + what + why);
    }
  }
}

void require_finite(const TransitionResult& result, const EnvironmentInfo& environment) {
  for (std::size_t row = 0; row < result.rewards.size(); ++row) {
    const char* what = nullptr;
    if (has_bad(result.observations, row, environment.observation_size)) what = "observation";
    if (has_bad(result.next_states, row, environment.state_size)) what = "next state";
    if (is_bad(result.rewards[row])) what = "reward";
    if (what == nullptr) continue;
    throw RunError("transition " + std::to_string(row) + " (of " +
                   std::to_string(result.rewards.size()) + ", counted from 0): the " + what +
                   " is NaN or infinite: its state or action is beyond what float32 can compute");
  }
}

}  // namespace polyak
