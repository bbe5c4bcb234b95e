// Quantities that follow from a configuration.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <utility>

#include "config/checks.hpp"
#include "config/derived.hpp"
#include "config/fields.hpp"
#include "polyak/config.hpp"
#include "polyak/core/error.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak {
namespace {

std::int64_t divide_up(std::int64_t value, std::int64_t divisor) {
  return (value + divisor - 1) / divisor;
}

/// The vector steps of an iteration as asked for, or the fewest after which the updates due are a
/// whole number: one environment at 0.25 updates per step makes four steps, then one update.
int vector_steps_per_iteration(const Config& config) {
  if (config.steps_per_iteration > 0) return config.steps_per_iteration;
  constexpr int most = 1000;
  const double updates_per_vector_step = config.update_to_data * config.environments;
  for (int steps = 1; steps < most; ++steps) {
    if (is_whole_updates(updates_per_vector_step * steps)) return steps;
  }
  return most;
}

/// Rows for one environment: its share of the capacity, or of the whole run if that is less. Every
/// episode's end takes one row more than its transitions; episodes that last to the time limit are
/// allowed for, so that a run without early endings loses none of its capacity.
std::int64_t rows_for_environment(const Config& config, const DerivedConfig& derived) {
  const std::int64_t environments = config.environments;
  const std::int64_t capacity_share = divide_up(config.replay_capacity, environments);
  const std::int64_t vector_steps = derived.iterations * derived.vector_steps_per_iteration;
  const std::int64_t transitions = std::min(capacity_share, vector_steps);
  const std::int64_t ends = divide_up(transitions, derived.time_limit) + 1;
  return std::max<std::int64_t>(3, transitions + ends + 1);
}

}  // namespace

bool is_whole_updates(double updates) {
  return updates >= 0.5 && std::abs(updates - std::round(updates)) <= 1e-6 * updates;
}

bool any_above_zero(const PerAgent<float>& field) {
  return std::any_of(field.values.begin(), field.values.end(),
                     [](float value) { return value > 0.0f; });
}

DueInUpdate due_in_update(const Config& config, std::int64_t update) {
  return {(update + 1) % config.actor_delay == 0, (update + 1) % config.target_delay == 0};
}

DerivedConfig derive(const Config& config) {
  const EnvironmentInfo environment = find_environment(config.environment);
  DerivedConfig derived{};
  derived.time_limit = config.time_limit > 0 ? config.time_limit : environment.time_limit;
  derived.evaluation_time_limit =
      config.evaluation_time_limit > 0 ? config.evaluation_time_limit : derived.time_limit;
  derived.vector_steps_per_iteration = vector_steps_per_iteration(config);
  derived.steps_per_iteration =
      static_cast<std::int64_t>(config.environments) * derived.vector_steps_per_iteration;
  derived.updates_per_iteration =
      std::llround(config.update_to_data * static_cast<double>(derived.steps_per_iteration));
  derived.iterations = divide_up(config.total_steps, derived.steps_per_iteration);
  derived.warmup_iterations = divide_up(config.warmup_steps, derived.steps_per_iteration);
  derived.first_update_iteration =
      divide_up(config.learning_starts, derived.steps_per_iteration) - 1;
  // The most steps times the most updates for each would not fit 64 bits.
  const std::int64_t learning_iterations =
      std::min(derived.iterations - derived.first_update_iteration,
               std::numeric_limits<std::int64_t>::max() /
                   std::max<std::int64_t>(1, derived.updates_per_iteration));
  derived.updates = learning_iterations * derived.updates_per_iteration;
  derived.rows_per_environment = rows_for_environment(config, derived);
  return derived;
}

std::int64_t learning_rate_decay_updates(const Config& config) {
  return config.learning_rate_decay == LearningRateDecay::linear ? derive(config).updates : 0;
}

std::vector<float> environment_parameter_values(const Config& config) {
  const EnvironmentInfo environment = find_environment(config.environment);
  std::vector<float> values;
  std::set<std::string> given;
  for (const EnvironmentParameter& parameter : environment.parameters) {
    values.push_back(parameter.default_value);
  }
  if (values.empty() && !config.environment_parameters.empty()) {
    throw UsageError("--environment-parameter: '" + config.environment_parameters.front() +
                     "': " + config.environment + " has no parameters; leave it out");
  }
  for (const std::string& assignment : config.environment_parameters) {
    const std::size_t equals = assignment.find('=');
    const std::string name = assignment.substr(0, equals);
    const auto known = std::find_if(environment.parameters.begin(), environment.parameters.end(),
                                    [&](const auto& parameter) { return parameter.name == name; });
    if (equals == std::string::npos || known == environment.parameters.end()) {
      std::string names;
      for (const auto& parameter : environment.parameters)
        names += " " + std::string(parameter.name);
      refuse("environment-parameter", "'" + assignment + "' is not name=value with one of" + names +
                                          " (" + config.environment + ")");
    }
    float value = 0.0f;
    const char* const end = assignment.data() + assignment.size();
    const auto [rest, error] = std::from_chars(assignment.data() + equals + 1, end, value);
    const bool is_number = error == std::errc{} && rest == end;
    if (!is_number || !(value >= known->lowest && value <= known->highest)) {
      refuse("environment-parameter", "'" + assignment + "' is out of range or no number; " + name +
                                          " must be between " + number_text(known->lowest) +
                                          " and " + number_text(known->highest));
    }
    if (!given.insert(name).second) {
      refuse("environment-parameter", "'" + name + "' is there twice");
    }
    values[static_cast<std::size_t>(known - environment.parameters.begin())] = value;
  }
  return values;
}

std::uint64_t agent_seed(const Config& config, int agent) {
  return config.seed.values.size() > 1 ? config.seed[agent]
                                       : config.seed[0] + static_cast<std::uint64_t>(agent);
}

std::vector<AgentRange> equal_shares(int agents, int shares) {
  std::vector<AgentRange> ranges;
  int first = 0;
  for (int i = 0; i < shares; ++i) {
    const int count = agents / shares + (i < agents % shares ? 1 : 0);
    ranges.push_back({first, count});
    first += count;
  }
  return ranges;
}

Config share_of(const Config& config, AgentRange agents) {
  Config share = config;
  visit_fields(share, [agents]<class T>(const FieldInfo&, T& value) {
    if constexpr (requires { value.values; }) {
      if (value.values.size() == 1) return;  // everybody's
      auto own = value.values;
      own.clear();
      for (int i = 0; i < agents.count; ++i) own.push_back(value[agents.first + i]);
      value = std::move(own);
    }
  });
  // One seed is the first agent's, from which the others count up.
  if (config.seed.values.size() == 1) share.seed = agent_seed(config, agents.first);
  if (is_recurrent(config)) share.sequence_lookahead = sequence_settings(config).lookahead;
  share.agents = agents.count;
  return share;
}

Config single_agent_config(const Config& config, int agent) { return share_of(config, {agent, 1}); }

}  // namespace polyak
