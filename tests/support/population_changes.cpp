#include "support/population_changes.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "config/derived.hpp"
#include "config/fields.hpp"
#include "support/configs.hpp"

namespace polyak::test {
namespace {

/// The first `agents` of a population with the values of the agents behind them, and new seeds.
Config with_others_values(const Config& config, int agents) {
  Config changed = config;
  visit_fields(changed, [&]<class T>(const FieldInfo& field, T& value) {
    // Of all agents together follows how sequences are drawn.
    if (!field.per_agent || (is_recurrent(config) && field.name == "n-step")) return;
    if constexpr (requires { value.values; }) {
      const T before = value;
      value.values.clear();
      for (int agent = 0; agent < agents; ++agent) value.values.push_back(before[agent + 1]);
    }
  });
  changed.agents = agents;
  changed.seed.values.clear();
  for (int agent = 0; agent < agents; ++agent) {
    changed.seed.values.push_back(agent_seed(config, agent) + 1000);
  }
  return changed;
}

Config alone(const Config& population, int agent, const Config& before) {
  Config single = single_agent_config(population, agent);
  if (is_recurrent(before)) single.sequence_lookahead = sequence_settings(before).lookahead;
  return single;
}

/// What each agent of `changed` is after more training, if it begins as `states` say.
void expect_agents(const ChangedTraining& training, const Config& changed,
                   const std::vector<TrainingState>& states, Backend& backend) {
  backend.metrics();
  backend.advance(training.iterations_after);
  const TrainingState together = backend.export_state();
  const std::vector<AgentMetrics> metrics = backend.metrics();
  ASSERT_EQ(metrics.size(), static_cast<std::size_t>(changed.agents));
  for (int agent = 0; agent < changed.agents; ++agent) {
    SCOPED_TRACE("agent " + std::to_string(agent));
    const auto reference = training.make_reference(alone(changed, agent, training.config));
    reference->import_state(states[static_cast<std::size_t>(agent)]);
    reference->advance(training.iterations_after);
    test::expect_same_bits(reference->export_state(), agent_part(together, changed.agents, agent));
    EXPECT_EQ(metrics[static_cast<std::size_t>(agent)].updates, reference->metrics()[0].updates);
  }
}

/// The population before the changes.
struct Before {
  const ChangedTraining& training;
  TrainingState iteration_earlier, state;

  explicit Before(const ChangedTraining& changed) : training(changed) {
    const auto reference = training.make_reference(training.config);
    reference->advance(training.iterations_before - 1);
    iteration_earlier = reference->export_state();
    reference->advance(1);
    state = reference->export_state();
  }

  /// What is to be changed. It has come to this state by itself, so that whatever it keeps for
  /// further iterations is that of the unchanged population.
  std::unique_ptr<Backend> backend() const {
    auto made = training.make_backend(training.config);
    made->import_state(iteration_earlier);
    made->advance(1);
    return made;
  }
};

void expect_survivors_alone(const Before& before) {
  SCOPED_TRACE("the last agent takes the first one's place, and the last one goes");
  const ChangedTraining& training = before.training;
  const auto backend = before.backend();
  const int last = training.config.agents - 1;
  const std::array copies = {AgentCopy{.from = last, .to = 0}};
  const Config changed = with_others_values(training.config, last);
  backend->copy_agents(copies);
  backend->reconfigure(changed);
  std::vector<TrainingState> states;
  for (int agent = 0; agent < last; ++agent) {
    states.push_back(agent_part(before.state, training.config.agents, agent == 0 ? last : agent));
  }
  for (int agent = 0; agent < last; ++agent) {
    test::expect_same_bits(states[static_cast<std::size_t>(agent)], backend->export_agent(agent));
  }
  expect_agents(training, changed, states, *backend);
}

void expect_imitators_alone(const Before& before) {
  SCOPED_TRACE("the last agent takes the first one's networks, and keeps its data");
  const ChangedTraining& training = before.training;
  const auto backend = before.backend();
  const int agents = training.config.agents, last = agents - 1;
  const std::array copies = {AgentCopy{.from = 0, .to = last, .part = AgentPart::networks}};
  backend->copy_agents(copies);
  std::vector<TrainingState> states;
  for (int agent = 0; agent < agents; ++agent)
    states.push_back(agent_part(before.state, agents, agent));
  TrainingState& imitator = states.back();
  imitator.actor = states.front().actor;
  imitator.critic = states.front().critic;
  imitator.observation_moments = states.front().observation_moments;
  expect_agents(training, training.config, states, *backend);
}

void expect_movers_alone(const Before& before) {
  SCOPED_TRACE("the first agent moves to the last one's place in another population");
  const ChangedTraining& training = before.training;
  const auto from = before.backend();
  const auto to = before.backend();
  const int agents = training.config.agents, last = agents - 1;
  const TrainingState moved = from->export_agent(0);
  test::expect_same_bits(agent_part(before.state, agents, 0), moved);
  std::vector<TrainingState> states;
  for (int agent = 0; agent < last; ++agent) states.push_back(to->export_agent(agent));
  to->import_agent(last, moved);
  states.push_back(moved);
  expect_agents(training, training.config, states, *to);
}

}  // namespace

void expect_agents_alone_after_changes(const ChangedTraining& training) {
  const Before before(training);
  expect_survivors_alone(before);
  expect_imitators_alone(before);
  expect_movers_alone(before);
}

}  // namespace polyak::test
