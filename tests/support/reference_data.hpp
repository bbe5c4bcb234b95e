// The recorded data in tests/data (see the README there).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace polyak::test {

/// One episode as Gymnasium ran it: states [steps + 1, 2], actions and rewards [steps].
struct RecordedTrajectory {
  std::string name;
  std::vector<double> first_state, second_state;  // in the order of the environment's state_names
  std::vector<double> actions, rewards;
  std::vector<std::vector<double>> observations;  // float32 values; empty if equal to the state
  bool terminated, truncated;

  std::size_t steps() const { return actions.size(); }
};

std::vector<RecordedTrajectory> pendulum_trajectories();
std::vector<RecordedTrajectory> mountain_car_trajectories();

/// Start states of Pendulum-v1 and the best return known from each.
struct ReferenceStarts {
  std::vector<float> states;         // [count, 2]: theta, theta_dot
  std::vector<double> best_returns;  // [count]
};

/// The first `count` of them (at most 500).
ReferenceStarts pendulum_starts(std::size_t count);

}  // namespace polyak::test
