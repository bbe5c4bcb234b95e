#include "trainer/signature/evaluation_arrays.hpp"

#include <algorithm>
#include <memory>

#include "backend/backend.hpp"
#include "config/derived.hpp"
#include "polyak/environment/registry.hpp"
#include "trainer/evaluation.hpp"

namespace polyak {
namespace {

constexpr std::int64_t episodes = 3;
constexpr int max_agents = 3;            // that are looked at one by one
constexpr std::int64_t max_actions = 8;  // of a policy

/// The steps that were made, without those that pad every episode to [time_limit + more_steps].
void append_steps(const std::vector<float>& values, std::span<const std::int32_t> lengths,
                  std::int32_t more_steps, int size, std::vector<float>& all) {
  const std::size_t stride = values.size() / lengths.size();
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(i * stride);
    all.insert(all.end(), begin,
               begin + static_cast<std::ptrdiff_t>(lengths[i] + more_steps) * size);
  }
}

/// Whole episodes of several policies, one after the other.
class Rollouts {
 public:
  void add(const Trajectories& trajectories, const EnvironmentInfo& environment) {
    const std::span<const std::int32_t> own = trajectories.lengths;
    lengths_.insert(lengths_.end(), own.begin(), own.end());
    append_steps(trajectories.actions, own, 0, environment.action_size, actions_);
    append_steps(trajectories.states, own, 1, environment.state_size, states_);
    append_steps(trajectories.rewards, own, 0, 1, rewards_);
  }
  void append_to(std::vector<NamedArray>& arrays) const {
    arrays.push_back(named_array("rollout.lengths", std::span(lengths_)));
    arrays.push_back(named_array("rollout.actions", std::span(actions_)));
    arrays.push_back(named_array("rollout.states", std::span(states_)));
    arrays.push_back(named_array("rollout.rewards", std::span(rewards_)));
  }

 private:
  std::vector<std::int32_t> lengths_;
  std::vector<float> actions_, states_, rewards_;
};

/// Acts on observations that an agent's first environment has in its replay, as on an episode.
void append_policy_actions(const Policy& policy, const Config& config, const TrainingState& state,
                           int agent, std::vector<float>& all) {
  const RowLayout layout = row_layout(config);
  const std::int64_t rows = derive(config).rows_per_environment;
  const std::int64_t environment = static_cast<std::int64_t>(agent) * config.environments;
  const float* row =
      &state.replay_rows[static_cast<std::size_t>(environment * rows * layout.floats())];
  const std::int64_t count =
      std::min({rows, max_actions, state.rows_written[static_cast<std::size_t>(environment)]});
  PolicyMemory memory;
  for (std::int64_t i = 0; i < count; ++i, row += layout.floats()) {
    const std::vector<float> action =
        policy.act({row, static_cast<std::size_t>(layout.observation_size)}, memory);
    all.insert(all.end(), action.begin(), action.end());
    memory.previous_reward = row[layout.reward_offset()];
  }
}

}  // namespace

std::vector<NamedArray> evaluation_arrays(Trainer& trainer, const TrainingState& state) {
  const Config& config = trainer.config();
  const EnvironmentInfo environment = find_environment(config.environment);
  const std::vector<float> parameters = environment_parameter_values(config);
  const std::vector<float> starts = draw_starts(config.environment, parameters, 0, episodes);
  const std::vector<float> returns = trainer.evaluate(starts);
  const std::unique_ptr<Simulator> simulator = make_simulator(
      config.device,
      {config.environment, parameters, derive(config).evaluation_time_limit, config.threads});
  Rollouts rollouts;
  std::vector<float> actions;
  for (int agent = 0; agent < std::min(config.agents, max_agents); ++agent) {
    const Policy policy = trainer.policy(agent);
    rollouts.add(simulator->rollout(policy, starts), environment);
    append_policy_actions(policy, config, state, agent, actions);
  }
  std::vector<NamedArray> arrays = {named_array("evaluation.returns", std::span(returns))};
  rollouts.append_to(arrays);
  arrays.push_back(named_array("policy.actions", std::span(std::as_const(actions))));
  return arrays;
}

}  // namespace polyak
