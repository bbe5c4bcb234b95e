#include "oracle/environment.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

namespace polyak::oracle {
namespace {

constexpr double pi = std::numbers::pi;

class Pendulum : public OracleEnvironment {
 public:
  explicit Pendulum(double gravity) : gravity_(gravity) {}

  std::vector<double> reset(const RandomBlocks& random) const override {
    const RandomBits bits = random(0);
    return {uniform(-pi, pi, bits.x), uniform(-1.0, 1.0, bits.y)};
  }

  Outcome step(const std::vector<double>& state, const std::vector<double>& action,
               const RandomBlocks&) const override {
    const double torque = std::clamp(action[0], -2.0, 2.0);
    const double shifted = state[0] + pi;
    const double angle = shifted - 2.0 * pi * std::floor(shifted / (2.0 * pi)) - pi;
    const double cost = angle * angle + 0.1 * state[1] * state[1] + 0.001 * torque * torque;
    // d(speed)/dt = 3 g / (2 l) sin(theta) + 3 / (m l^2) u with m = l = 1.
    const double acceleration = 3.0 * gravity_ / 2.0 * std::sin(state[0]) + 3.0 * torque;
    const double speed = std::clamp(state[1] + acceleration * 0.05, -8.0, 8.0);
    // Whole turns are taken off beyond 84 rad, where 200 steps do not lead.
    const double theta = std::abs(state[0]) > 84.0 ? angle : state[0];
    return {{theta + speed * 0.05, speed}, -cost, false};
  }

  std::vector<double> observe(const std::vector<double>& state) const override {
    return {std::cos(state[0]), std::sin(state[0]), state[1]};
  }

  double action_bound() const override { return 2.0; }

 private:
  double gravity_;
};

class PendulumPositions final : public Pendulum {
 public:
  using Pendulum::Pendulum;
  std::vector<double> observe(const std::vector<double>& state) const override {
    return {std::cos(state[0]), std::sin(state[0])};
  }
};

class PendulumVelocity final : public Pendulum {
 public:
  using Pendulum::Pendulum;
  std::vector<double> observe(const std::vector<double>& state) const override {
    return {state[1]};
  }
};

class PendulumNoVelocity final : public Pendulum {
 public:
  using Pendulum::Pendulum;
  std::vector<double> observe(const std::vector<double>& state) const override {
    return {std::cos(state[0]), std::sin(state[0]), 0.0};
  }
};

class MountainCar final : public OracleEnvironment {
 public:
  explicit MountainCar(double goal_velocity) : goal_velocity_(goal_velocity) {}

  std::vector<double> reset(const RandomBlocks& random) const override {
    return {uniform(-0.6, -0.4, random(0).x), 0.0};
  }

  Outcome step(const std::vector<double>& state, const std::vector<double>& action,
               const RandomBlocks&) const override {
    const double force = std::clamp(action[0], -1.0, 1.0);
    double velocity = state[1] + force * 0.0015 - 0.0025 * std::cos(3.0 * state[0]);
    velocity = std::clamp(velocity, -0.07, 0.07);
    const double position = std::clamp(state[0] + velocity, -1.2, 0.6);
    if (position == -1.2 && velocity < 0.0) velocity = 0.0;
    const bool goal = position >= 0.45 && velocity >= goal_velocity_;
    return {{position, velocity}, (goal ? 100.0 : 0.0) - 0.1 * action[0] * action[0], goal};
  }

  std::vector<double> observe(const std::vector<double>& state) const override { return state; }

  double action_bound() const override { return 1.0; }

 private:
  double goal_velocity_;
};

class NoisyPointMass final : public OracleEnvironment {
 public:
  std::vector<double> reset(const RandomBlocks& random) const override {
    const RandomBits place = random(0), speed = random(1);
    return {uniform(-1.0, 1.0, place.x), uniform(-1.0, 1.0, place.y), uniform(-0.1, 0.1, speed.x),
            uniform(-0.1, 0.1, speed.y)};
  }

  Outcome step(const std::vector<double>& state, const std::vector<double>& action,
               const RandomBlocks& random) const override {
    Outcome outcome{state, 0.0, false};
    for (std::size_t i = 0; i < 2; ++i) {
      const double force = std::clamp(action[i], -1.0, 1.0);
      const double gust = 0.05 * standard_normal(random(0), static_cast<int>(i));
      outcome.next[2 + i] = 0.9 * state[2 + i] + 0.1 * force + gust;
      outcome.next[i] = state[i] + 0.1 * outcome.next[2 + i];
      outcome.reward -= state[i] * state[i] + 0.01 * force * force;
    }
    return outcome;
  }

  std::vector<double> observe(const std::vector<double>& state) const override { return state; }

  double action_bound() const override { return 1.0; }
};

}  // namespace

std::unique_ptr<OracleEnvironment> make_environment(std::string_view name,
                                                    const std::vector<float>& parameters) {
  const double parameter = parameters.empty() ? 0.0 : static_cast<double>(parameters[0]);
  if (name == "Pendulum-v1") return std::make_unique<Pendulum>(parameter);
  if (name == "Pendulum-P") return std::make_unique<PendulumPositions>(parameter);
  if (name == "Pendulum-V") return std::make_unique<PendulumVelocity>(parameter);
  if (name == "Pendulum-NoVel") return std::make_unique<PendulumNoVelocity>(parameter);
  if (name == "MountainCarContinuous-v0") return std::make_unique<MountainCar>(parameter);
  if (name == "NoisyPointMass") return std::make_unique<NoisyPointMass>();
  throw std::invalid_argument("the oracle has no environment " + std::string(name) +
                              ": write it in double precision into tests/oracle/environment.cpp");
}

double uniform(double low, double high, std::uint32_t word) {
  return low + (high - low) * static_cast<double>(word >> 8) / 16777216.0;
}

double standard_normal(const RandomBits& bits, int dimension) {
  const std::uint32_t radius_word = dimension < 2 ? bits.x : bits.z;
  const std::uint32_t angle_word = dimension < 2 ? bits.y : bits.w;
  const double u = (static_cast<double>(radius_word >> 8) + 1.0) / 16777216.0;
  const double angle = uniform(0.0, 2.0 * std::numbers::pi, angle_word);
  return std::sqrt(-2.0 * std::log(u)) * (dimension % 2 == 0 ? std::cos(angle) : std::sin(angle));
}

}  // namespace polyak::oracle
