// A third environment that exists only in tests. It has what the registered ones lack: several
// actions with unequal and lopsided bounds, more actions than one block of random bits has words,
// and episodes that end soon.
#pragma once

#include "polyak/core/random.hpp"
#include "polyak/environment/environment.hpp"

namespace polyak::test {

/// Counts down from a random number of steps; the reward is the mean action.
struct Countdown {
  static constexpr std::string_view name = "Countdown";
  static constexpr std::string_view description = "counts down to zero";
  static constexpr int state_size = 3;
  static constexpr int observation_size = 2;
  static constexpr int action_size = 5;
  static constexpr int time_limit = 4;
  static constexpr std::array<std::string_view, 3> state_names = {"left", "seen", "sum"};

  struct State {
    float left;  // steps to the termination
    float seen;  // steps made
    float sum;   // of all actions so far
  };
  struct Parameters {
    float longest;  // steps
    float reward_factor;
  };
  static constexpr std::array<EnvironmentParameter, 2> parameters = {
      {{"longest", 6.0f, 1.0f, 100.0f, "longest countdown"},
       {"reward_factor", 1.0f, 0.0f, 10.0f, "scales the reward"}}};

  static constexpr float lows[action_size] = {-1.0f, 0.0f, -3.0f, 2.0f, -1.0f};
  static constexpr float highs[action_size] = {1.0f, 1.0f, 1.0f, 10.0f, 1.5f};
  static float action_low(int dimension) { return lows[dimension]; }
  static float action_high(int dimension) { return highs[dimension]; }

  static State reset(const Parameters& given, const auto& random) {
    const float share = uniform_from_bits(random(0).x);
    return {1.0f + static_cast<float>(static_cast<int>(given.longest * share)), 0.0f, 0.0f};
  }

  static EnvironmentStep<State> step(const Parameters& given, const State& state,
                                     const float* action) {
    float sum = 0.0f;
    for (int i = 0; i < action_size; ++i) sum += action[i];
    const State next = {state.left - 1.0f, state.seen + 1.0f, state.sum + sum};
    return {next, given.reward_factor * sum / static_cast<float>(action_size), next.left <= 0.0f};
  }

  static void observe(const State& state, float* observation) {
    observation[0] = state.left;
    observation[1] = state.seen;
  }
};
static_assert(Environment<Countdown>);

}  // namespace polyak::test
