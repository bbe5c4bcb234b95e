// Pendulum-v1 as in Gymnasium 1.4.0 (gymnasium/envs/classic_control/pendulum.py), in float32.
#pragma once

#include <cmath>

#include "polyak/core/random.hpp"
#include "polyak/environment/environment.hpp"

namespace polyak {

/// Swing a pendulum up and keep it there. theta = 0 is upright; mass and length are 1, a step is
/// 0.05 s, the speed is limited to 8 rad/s and the torque to 2 N m.
struct Pendulum {
  static constexpr std::string_view name = "Pendulum-v1";
  static constexpr std::string_view description =
      "swing up and balance a pendulum; torque in [-2, 2], 200 steps, never terminates";
  static constexpr int state_size = 2;
  static constexpr int observation_size = 3;
  static constexpr int action_size = 1;
  static constexpr int time_limit = 200;
  static constexpr std::array<std::string_view, 2> state_names = {"theta", "theta_dot"};

  struct State {
    float theta;      // rad; not wrapped as long as it is within farthest_unwrapped
    float theta_dot;  // rad/s
  };
  /// rad. Gymnasium never wraps theta, in float64; a float32 that went on counting turns would
  /// leave no digits for the angle. In the 200 steps of an episode theta gets from its start,
  /// within pi of upright, 80 rad at most: there it is what Gymnasium has. Beyond this bound a step
  /// takes the turns off, and what is observed and paid of a million steps is as exact as of 200.
  static constexpr float farthest_unwrapped = 84.0f;
  struct Parameters {
    float gravity;  // m/s^2
  };
  static constexpr std::array<EnvironmentParameter, 1> parameters = {
      {{"gravity", 10.0f, -1000.0f, 1000.0f, "acceleration of gravity in m/s^2 (Gymnasium's g)"}}};

  POLYAK_HOST_DEVICE static float action_low(int) { return -2.0f; }
  POLYAK_HOST_DEVICE static float action_high(int) { return 2.0f; }

  /// theta ~ U[-pi, pi), theta_dot ~ U[-1, 1).
  POLYAK_HOST_DEVICE static State reset(const Parameters&, const auto& random) {
    const RandomBits bits = random(0);
    return {uniform_between(-pi, pi, bits.x), uniform_between(-1.0f, 1.0f, bits.y)};
  }

  POLYAK_HOST_DEVICE static EnvironmentStep<State> step(const Parameters& parameters,
                                                        const State& state, const float* action) {
    constexpr float dt = 0.05f, max_speed = 8.0f, max_torque = 2.0f;
    const float torque = clip(action[0], max_torque);
    // The cost looks at the state before the step and at the clipped torque.
    const float angle = wrap_angle(state.theta);
    const float cost =
        fmaf(angle, angle, fmaf(0.1f * state.theta_dot, state.theta_dot, 0.001f * torque * torque));
    const float acceleration = fmaf(1.5f * parameters.gravity, sine(state.theta), 3.0f * torque);
    const float theta_dot = clip(fmaf(acceleration, dt, state.theta_dot), max_speed);
    const float theta = is_far(state.theta) ? angle : state.theta;
    return {{fmaf(theta_dot, dt, theta), theta_dot}, -cost, false};
  }

  POLYAK_HOST_DEVICE static void observe(const State& state, float* observation) {
    const SineAndCosine theta = sine_and_cosine(state.theta);
    observation[0] = theta.cosine;
    observation[1] = theta.sine;
    observation[2] = state.theta_dot;
  }

 private:
  static constexpr float pi = 3.14159265358979323846f;

  POLYAK_HOST_DEVICE static float clip(float value, float limit) {
    return value < -limit ? -limit : value > limit ? limit : value;
  }

  POLYAK_HOST_DEVICE static bool is_far(float theta) { return fabsf(theta) > farthest_unwrapped; }

  /// ((theta + pi) mod 2 pi) - pi with a floored modulus, in [-pi, pi]; NaN where theta is so large
  /// (10^7) that float32 numbers are a radian apart and no angle is meant.
  POLYAK_HOST_DEVICE static float wrap_angle(float theta) {
    constexpr float largest_angle = 1e7f;
    const float angle = without_turns(theta);
    if (!is_far(theta)) return angle;
    // Of many turns one may have been counted too many or too few.
    return fabsf(theta) <= largest_angle ? without_turns(angle) : NAN;
  }

  /// Subtracts the whole turns, 2 pi in two parts (high + low), so that nothing is lost by many.
  POLYAK_HOST_DEVICE static float without_turns(float theta) {
    constexpr float two_pi_high = 6.28318548202514648438f;
    constexpr float two_pi_low = -1.74845553146951715e-07f;
    const float turns = floorf((theta + pi) * (1.0f / two_pi_high));
    return fmaf(-turns, two_pi_low, fmaf(-turns, two_pi_high, theta));
  }
};
static_assert(Environment<Pendulum>);

}  // namespace polyak
