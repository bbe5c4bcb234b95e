// An environment such as docs/adding-an-environment.md adds: steps that depend on chance, two
// dimensions of action, no parameters. The tests' own libraries are compiled with it
// (POLYAK_TEST_ENVIRONMENTS), so that every test of all environments is one of it too.
#pragma once

#include "polyak/core/random.hpp"
#include "polyak/environment/environment.hpp"

namespace polyak {

/// Push a mass in the plane to the origin and hold it there, in a gusty wind.
struct NoisyPointMass {
  static constexpr std::string_view name = "NoisyPointMass";
  static constexpr std::string_view description =
      "hold a mass at the origin in a gusty wind; forces in [-1, 1], 100 steps, never terminates";
  static constexpr int state_size = 4;
  static constexpr int observation_size = 4;
  static constexpr int action_size = 2;
  static constexpr int time_limit = 100;
  static constexpr std::array<std::string_view, 4> state_names = {"x", "y", "x_dot", "y_dot"};

  struct State {
    float position[2];
    float velocity[2];
  };
  struct Parameters {};
  static constexpr std::array<EnvironmentParameter, 0> parameters = {};

  POLYAK_HOST_DEVICE static float action_low(int) { return -1.0f; }
  POLYAK_HOST_DEVICE static float action_high(int) { return 1.0f; }

  /// Positions ~ U[-1, 1), speeds ~ U[-0.1, 0.1).
  POLYAK_HOST_DEVICE static State reset(const Parameters&, const auto& random) {
    const RandomBits positions = random(0), velocities = random(1);
    return {
        {uniform_between(-1.0f, 1.0f, positions.x), uniform_between(-1.0f, 1.0f, positions.y)},
        {uniform_between(-0.1f, 0.1f, velocities.x), uniform_between(-0.1f, 0.1f, velocities.y)}};
  }

  /// A step is 0.1 s; the wind's gusts are normal, of 0.05 m/s.
  POLYAK_HOST_DEVICE static EnvironmentStep<State> step(const Parameters&, const State& state,
                                                        const float* action, const auto& random) {
    const RandomBits gusts = random(0);
    State next{};
    float cost = 0.0f;
    for (int i = 0; i < 2; ++i) {
      const float force = action[i] < -1.0f ? -1.0f : action[i] > 1.0f ? 1.0f : action[i];
      next.velocity[i] =
          0.9f * state.velocity[i] + 0.1f * force + 0.05f * normal_from_bits(gusts, i);
      next.position[i] = state.position[i] + 0.1f * next.velocity[i];
      cost += state.position[i] * state.position[i] + 0.01f * force * force;
    }
    return {next, -cost, false};
  }

  POLYAK_HOST_DEVICE static void observe(const State& state, float* observation) {
    for (int i = 0; i < 2; ++i) {
      observation[i] = state.position[i];
      observation[2 + i] = state.velocity[i];
    }
  }
};
static_assert(Environment<NoisyPointMass>);

using TestEnvironments = EnvironmentList<NoisyPointMass>;

}  // namespace polyak
