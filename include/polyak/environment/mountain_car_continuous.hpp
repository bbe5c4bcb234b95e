// MountainCarContinuous-v0 as in Gymnasium 1.4.0 (continuous_mountain_car.py), in float32.
#pragma once

#include <cmath>

#include "polyak/core/random.hpp"
#include "polyak/environment/environment.hpp"

namespace polyak {

/// Drive an underpowered car out of a valley. The only reward is at the goal, so exploration has to
/// find it.
struct MountainCarContinuous {
  static constexpr std::string_view name = "MountainCarContinuous-v0";
  static constexpr std::string_view description =
      "drive an underpowered car up a hill; force in [-1, 1], 999 steps, ends at the goal";
  static constexpr int state_size = 2;
  static constexpr int observation_size = 2;
  static constexpr int action_size = 1;
  static constexpr int time_limit = 999;
  static constexpr std::array<std::string_view, 2> state_names = {"position", "velocity"};

  struct State {
    float position;
    float velocity;
  };
  struct Parameters {
    float goal_velocity;
  };
  static constexpr std::array<EnvironmentParameter, 1> parameters = {
      {{"goal_velocity", 0.0f, -0.07f, 0.07f, "lowest velocity that counts at the goal"}}};
  static constexpr std::array<RecommendedSetting, 4> recommended = {{
      {"total-steps", "40000", "all of 10 seeds return 93 or more then (docs/results.md)"},
      {"exploration", "ornstein-uhlenbeck",
       "noise alone has to find the goal: 10 of 10 seeds learn; with gaussian 1 of 10"},
      {"noise-scale", "0.5", "with 0.2 9 of 10 seeds learn, with 0.1 1 of 10"},
      {"discount", "0.99", "100 steps ahead instead of 50; with 0.98 all of 10 seeds learn, too"},
  }};

  POLYAK_HOST_DEVICE static float action_low(int) { return -1.0f; }
  POLYAK_HOST_DEVICE static float action_high(int) { return 1.0f; }

  /// position ~ U[-0.6, -0.4), at rest.
  POLYAK_HOST_DEVICE static State reset(const Parameters&, const auto& random) {
    return {uniform_between(-0.6f, -0.4f, random(0).x), 0.0f};
  }

  POLYAK_HOST_DEVICE static EnvironmentStep<State> step(const Parameters& parameters,
                                                        const State& state, const float* action) {
    constexpr float power = 0.0015f, gravity = 0.0025f, max_speed = 0.07f;
    constexpr float lowest_position = -1.2f, highest_position = 0.6f, goal_position = 0.45f;
    const float force = clip(action[0], -1.0f, 1.0f);
    const float velocity =
        clip(state.velocity + (force * power - gravity * cosine(3.0f * state.position)), -max_speed,
             max_speed);
    const float position = clip(state.position + velocity, lowest_position, highest_position);
    const bool at_left_wall = position == lowest_position && velocity < 0.0f;
    const State next = {position, at_left_wall ? 0.0f : velocity};
    const bool at_goal =
        next.position >= goal_position && next.velocity >= parameters.goal_velocity;
    // Gymnasium charges for the action as given, before it is clipped.
    const float reward = (at_goal ? 100.0f : 0.0f) - 0.1f * action[0] * action[0];
    return {next, reward, at_goal};
  }

  POLYAK_HOST_DEVICE static void observe(const State& state, float* observation) {
    observation[0] = state.position;
    observation[1] = state.velocity;
  }

 private:
  POLYAK_HOST_DEVICE static float clip(float value, float low, float high) {
    return value < low ? low : value > high ? high : value;
  }
};
static_assert(Environment<MountainCarContinuous>);

}  // namespace polyak
