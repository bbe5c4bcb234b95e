// Pendulum-v1 seen only in part, for policies that have to remember; P and V as in Ni, Eysenbach
// and Salakhutdinov 2022 (arXiv 2110.05038). Dynamics, rewards and start states are the pendulum's
// own, so returns are compared with its best known ones.
#pragma once

#include "polyak/environment/pendulum.hpp"

namespace polyak {

/// Positions only: how fast it turns shows in the difference of two observations.
struct PendulumPositions : Pendulum {
  static constexpr std::string_view name = "Pendulum-P";
  static constexpr std::string_view description =
      "Pendulum-v1 without its speed: cos theta and sin theta are all that is observed";
  static constexpr int observation_size = 2;
  static constexpr std::array<RecommendedSetting, 1> recommended = {{
      {"preset", "recurrent",
       "needs memory: mean regret 50 instead of 1064 without (docs/results.md)"},
  }};

  POLYAK_HOST_DEVICE static void observe(const State& state, float* observation) {
    const SineAndCosine theta = sine_and_cosine(state.theta);
    observation[0] = theta.cosine;
    observation[1] = theta.sine;
  }
};
static_assert(Environment<PendulumPositions>);

/// Velocity only: where it is shows in how gravity changed the speed, step by step.
struct PendulumVelocity : Pendulum {
  static constexpr std::string_view name = "Pendulum-V";
  static constexpr std::string_view description =
      "Pendulum-v1 without its angle: theta_dot is all that is observed";
  static constexpr int observation_size = 1;
  static constexpr std::array<RecommendedSetting, 1> recommended = {{
      {"preset", "recurrent",
       "needs memory: mean regret 26 instead of 1301 without (docs/results.md)"},
  }};

  POLYAK_HOST_DEVICE static void observe(const State& state, float* observation) {
    observation[0] = state.theta_dot;
  }
};
static_assert(Environment<PendulumVelocity>);

/// Pendulum-P in the shape of Pendulum-v1, so that the same networks train on both.
struct PendulumNoVelocity : PendulumPositions {
  static constexpr std::string_view name = "Pendulum-NoVel";
  static constexpr std::string_view description =
      "Pendulum-v1 with its speed observed as zero: cos theta, sin theta, 0";
  static constexpr int observation_size = 3;
  static constexpr std::array<RecommendedSetting, 1> recommended = {{
      {"preset", "recurrent",
       "needs memory: mean regret 32 instead of 1087 without (docs/results.md)"},
  }};

  POLYAK_HOST_DEVICE static void observe(const State& state, float* observation) {
    PendulumPositions::observe(state, observation);
    observation[2] = 0.0f;
  }
};
static_assert(Environment<PendulumNoVelocity>);

}  // namespace polyak
