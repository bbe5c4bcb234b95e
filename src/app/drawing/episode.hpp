// One episode of a policy, ready to be drawn.
#pragma once

#include <string_view>
#include <vector>

#include "app/drawing/scene.hpp"
#include "backend/backend.hpp"
#include "polyak/environment/environment.hpp"

namespace polyak {

/// The moments of an episode that a picture shows: every step, or every n-th of a long one.
struct Episode {
  EnvironmentInfo environment;
  std::size_t steps;
  double seconds;              // from the first moment to the last
  double total_reward;         // of all steps
  std::vector<int> moments;    // [moments]: the step that each is before
  std::vector<float> states;   // [moments, state_size]
  std::vector<float> actions;  // [moments, action_size], environment units
  float state(std::size_t moment, std::size_t dimension) const {
    return states[moment * static_cast<std::size_t>(environment.state_size) + dimension];
  }
  /// The first dimension of the action, as a share of its range: -1 to 1.
  double push(std::size_t moment) const;
};

/// The most moments of a picture: a file stays small, and nobody sees more.
inline constexpr std::size_t max_moments = 250;

/// Episode `index` of trajectories with a time limit of so many steps.
Episode take_episode(const Trajectories& trajectories, std::size_t index,
                     const EnvironmentInfo& environment, int time_limit);

/// What the first action is: "torque", or "action" of environments that nobody has drawn yet.
std::string_view action_name(const EnvironmentInfo& environment);

/// The environment in motion: a pendulum, a car in its valley, and of environments that nobody has
/// drawn yet their states over time. The first action is a mark on the line at the bottom, at its
/// ends where the action is at its bounds.
Scene scene_of(const Episode& episode);

}  // namespace polyak
