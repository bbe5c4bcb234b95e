// The recorded data in tests/data (see the README there).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace polyak::test {

/// One episode as Gymnasium ran it.
struct RecordedTrajectory {
  std::string name;
  std::vector<std::vector<double>> states;        // [steps + 1, state_size]
  std::vector<std::vector<double>> actions;       // [steps, action_size]
  std::vector<double> rewards;                    // [steps]
  std::vector<std::vector<double>> observations;  // float32 values; empty if equal to the state
  bool terminated, truncated;

  std::size_t steps() const { return actions.size(); }
};

/// All of an environment, and how far one correct float32 step is from them at most.
struct Recordings {
  std::vector<RecordedTrajectory> trajectories;
  std::vector<double> state_tolerances;  // [state_size]
  double reward_tolerance = 0.0;
};

/// Of a registered environment; no trajectories where there is no file.
Recordings recordings_of(std::string_view environment);

/// Start states of Pendulum-v1 and the best return known from each.
struct ReferenceStarts {
  std::vector<float> states;         // [count, 2]: theta, theta_dot
  std::vector<double> best_returns;  // [count]
};

/// The first `count` of them (at most 500).
ReferenceStarts pendulum_starts(std::size_t count);

}  // namespace polyak::test
