#include "kernels/recurrent_environments.hpp"

#include <algorithm>

#include "config/derived.hpp"
#include "kernels/replay_case.hpp"

namespace polyak::test {
namespace {

constexpr int recurrent_environment_agents = 3;

/// Input of agents first_agent, ..., the states and the replay rows of all, after the kernel.
struct RecurrentResult {
  std::vector<float> input, states, rows;
};

/// Steps that an environment of FilledReplays has made in its newest episode: its rows since the
/// last observation before, the open one aside.
std::int32_t newest_episode_steps(const ReplayView& replay, std::int64_t environment) {
  std::int32_t steps = 0;
  for (std::int64_t number = replay.rows_written[environment] - 2; number >= 0; --number, ++steps) {
    if (row_kind(replay, replay.row(environment, number)) == RowKind::last_observation) break;
  }
  return steps;
}

class RecurrentEnvironmentsCase {
 public:
  RecurrentEnvironmentsCase(std::int64_t environments, RowLayout layout, int state_floats)
      : replays(recurrent_environment_agents, environments, layout),
        observations(random_values(static_cast<std::size_t>(recurrent_environment_agents *
                                                            environments * layout.observation_size),
                                   1)),
        states(random_values(
            static_cast<std::size_t>(recurrent_environment_agents * environments * state_floats),
            2)),
        state_floats_(state_floats),
        device_(replays) {
    for (int agent = 0; agent < recurrent_environment_agents; ++agent) {
      const ReplayView replay = replays.view(agent);
      for (std::int64_t environment = 0; environment < environments; ++environment) {
        episode_steps.push_back(newest_episode_steps(replay, environment));
      }
    }
  }

  static float reward_scale(int agent) { return 0.5f + static_cast<float>(agent); }

  RecurrentResult run(int first_agent = 0, int count = recurrent_environment_agents) const {
    const RowLayout layout = replays.layout();
    const auto environments = static_cast<int>(replays.environments());
    const auto first_environment = static_cast<std::size_t>(first_agent * environments);
    std::vector<ReturnSettings> returns;
    for (int agent = first_agent; agent < first_agent + count; ++agent) {
      returns.push_back({0.9f, reward_scale(agent), 1, false});
    }
    const DeviceBuffer<ReturnSettings> return_settings(returns);
    const DeviceBuffer<std::int32_t> steps(episode_steps);
    const DeviceBuffer<float> all_states(states);
    const MatrixBuffer observation(recurrent_environment_agents, environments,
                                   layout.observation_size, 2, observations);
    const MatrixBuffer input(count, environments, layout.observation_size + layout.action_size + 1,
                             3);
    finish(kernels::launch_recurrent_inputs(
        {count, environments, device_.view(static_cast<std::size_t>(first_agent)),
         steps.data() + first_environment, observation.view(first_agent), return_settings.data(),
         input.view(), state_floats_,
         all_states.data() + first_environment * static_cast<std::size_t>(state_floats_)},
        nullptr));
    return {input.values(), all_states.download(), device_.rows.download()};
  }

  FilledReplays replays;
  std::vector<std::int32_t> episode_steps;
  std::vector<float> observations, states;

 private:
  int state_floats_;
  DeviceReplays device_;
};

/// The inputs of all environments, from the newest rows of their rings.
std::vector<float> expected_input(RecurrentEnvironmentsCase& c) {
  const RowLayout layout = c.replays.layout();
  const auto size = static_cast<std::ptrdiff_t>(layout.observation_size);
  std::vector<float> input;
  for (int agent = 0; agent < recurrent_environment_agents; ++agent) {
    const ReplayView replay = c.replays.view(agent);
    for (std::int64_t environment = 0; environment < replay.environments; ++environment) {
      const std::int64_t at = agent * replay.environments + environment;
      const auto observation = c.observations.begin() + at * size;
      input.insert(input.end(), observation, observation + size);
      const float* const before = replay.row(environment, replay.rows_written[environment] - 2);
      const bool begins = c.episode_steps[static_cast<std::size_t>(at)] == 0;
      for (int i = 0; i < layout.action_size; ++i) {
        input.push_back(begins ? 0.0f : before[layout.action_offset() + i]);
      }
      input.push_back(begins ? 0.0f
                             : RecurrentEnvironmentsCase::reward_scale(agent) *
                                   before[layout.reward_offset()]);
    }
  }
  return input;
}

TEST(RecurrentInputsKernel, HaveTheStepBeforeAndAFreshStateWhereAnEpisodeBegins) {
  for (const RowLayout layout : {RowLayout{3, 1}, RowLayout{1, 2}, RowLayout{17, 6}}) {
    for (const std::int64_t environments : {0, 1, 31, 33, 65}) {
      for (const int state_floats : {1, 31, 66}) {
        RecurrentEnvironmentsCase c(environments, layout, state_floats);
        const RecurrentResult result = c.run();
        EXPECT_EQ(result.input, expected_input(c));
        std::size_t beginnings = 0;
        for (std::size_t i = 0; i < c.states.size(); ++i) {
          const bool begins = c.episode_steps[i / static_cast<std::size_t>(state_floats)] == 0;
          beginnings += begins;
          ASSERT_EQ(result.states[i], begins ? 0.0f : c.states[i]) << i;
        }
        if (environments < 31) continue;
        EXPECT_GT(beginnings, 0u);
        EXPECT_LT(beginnings, c.states.size());
      }
    }
  }
}

// Into the open row of every environment and nowhere else.
TEST(RecurrentInputsKernel, StoreTheStatesBeforeTheStep) {
  for (const int state_floats : {1, 31, 66}) {
    const RowLayout layout{3, 2, state_floats};
    for (const std::int64_t environments : {1, 33}) {
      RecurrentEnvironmentsCase c(environments, layout, state_floats);
      const RecurrentResult result = c.run();
      for (int agent = 0; agent < recurrent_environment_agents; ++agent) {
        const ReplayView replay = c.replays.view(agent);
        for (std::int64_t environment = 0; environment < environments; ++environment) {
          const auto state =
              result.states.begin() + (agent * environments + environment) * state_floats;
          std::copy_n(state, state_floats,
                      replay.row(environment, replay.rows_written[environment] - 1) +
                          layout.state_offset());
        }
      }
      EXPECT_TRUE(same_bits(c.replays.rows(), result.rows)) << state_floats << ' ' << environments;
    }
  }
}

TEST(RecurrentInputsKernel, RefuseRowsWithRoomForOtherStates) {
  const RecurrentEnvironmentsCase c(2, {3, 2, 7}, 7);
  const DeviceReplays replays(c.replays);
  EXPECT_EQ(kernels::launch_recurrent_inputs({.agents = recurrent_environment_agents,
                                              .environments = 2,
                                              .replays = replays.view(),
                                              .episode_steps = nullptr,
                                              .observation = {},
                                              .returns = nullptr,
                                              .input = {},
                                              .state_floats = 8,
                                              .states = nullptr},
                                             nullptr),
            cudaErrorInvalidValue);
}

TEST(RecurrentInputsKernel, NeitherOtherAgentsNorTheOrderOfThreadsMatter) {
  const RecurrentEnvironmentsCase c(65, {3, 2}, 33);
  const std::vector<float> together = same_bits_in_every_order([&] {
    RecurrentResult result = c.run();
    result.input.insert(result.input.end(), result.states.begin(), result.states.end());
    return result.input;
  });
  const std::vector<float> alone = c.run(2, 1).input;
  const auto last = together.begin() + static_cast<std::ptrdiff_t>(2 * alone.size());
  EXPECT_TRUE(same_bits(alone, {last, last + static_cast<std::ptrdiff_t>(alone.size())}));
}

}  // namespace
}  // namespace polyak::test
