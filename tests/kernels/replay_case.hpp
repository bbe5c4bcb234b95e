// Replays of several agents on the host and on the device, for the tests of the kernels that draw
// from them.
#pragma once

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

#include "kernels/kernel_test.hpp"
#include "kernels/replay.hpp"

namespace polyak::test {

inline constexpr std::int64_t rows_per_environment = 7;

/// How much the environments of a replay hold and have seen.
struct EnvironmentShape {
  std::int64_t rows = rows_per_environment;
  std::int64_t episode_steps = 3;
  std::int64_t max_steps = 13;  // that an environment has made
};

/// The replays of several agents, filled by the functions that CPU and GPU share. Episodes are
/// short and end in every way; environments have made different numbers of steps, so some rings
/// have wrapped.
class FilledReplays {
 public:
  FilledReplays(int agents, std::int64_t environments, RowLayout layout,
                const EnvironmentShape& shape = {})
      : agents_(agents), environments_(environments), layout_(layout), shape_(shape) {
    const auto total_environments = static_cast<std::size_t>(agents * environments);
    const auto row_floats = static_cast<std::size_t>(layout.floats());
    rows_.resize(total_environments * static_cast<std::size_t>(shape.rows) * row_floats,
                 std::numeric_limits<float>::quiet_NaN());
    rows_written_.resize(total_environments);
    for (int agent = 0; agent < agents; ++agent) {
      for (std::int64_t environment = 0; environment < environments; ++environment)
        fill(agent, environment);
    }
  }

  ReplayView view(int agent) {
    const auto first = static_cast<std::size_t>(agent * environments_);
    const auto environment_floats =
        static_cast<std::size_t>(shape_.rows) * static_cast<std::size_t>(layout_.floats());
    return {rows_.data() + first * environment_floats, rows_written_.data() + first, environments_,
            shape_.rows, layout_};
  }

  std::int64_t max_closed_rows(int agent) {
    std::int64_t most = 0;
    for (std::int64_t environment = 0; environment < environments_; ++environment) {
      most = std::max(most, closed_rows(view(agent), environment));
    }
    return most;
  }

  /// Transitions that an agent's replay holds.
  int transitions(int agent) {
    const ReplayView replay = view(agent);
    int count = 0;
    for (std::int64_t environment = 0; environment < environments_; ++environment) {
      const std::int64_t open = replay.rows_written[environment] - 1;
      for (std::int64_t number = open - closed_rows(replay, environment); number < open; ++number) {
        count += row_kind(replay, replay.row(environment, number)) != RowKind::last_observation;
      }
    }
    return count;
  }

  const std::vector<float>& rows() const { return rows_; }
  const std::vector<std::int64_t>& rows_written() const { return rows_written_; }
  int agents() const { return agents_; }
  std::int64_t environments() const { return environments_; }
  RowLayout layout() const { return layout_; }
  const EnvironmentShape& shape() const { return shape_; }

 private:
  void fill(int agent, std::int64_t environment) {
    const ReplayView replay = view(agent);
    std::mt19937 generator(static_cast<unsigned>(1000 * agent) +
                           static_cast<unsigned>(environment));
    std::uniform_real_distribution<float> uniform(-1.0f, 1.0f);
    std::vector<float> observation(static_cast<std::size_t>(layout_.observation_size));
    std::vector<float> action(static_cast<std::size_t>(layout_.action_size));
    const auto draw = [&](std::vector<float>& values) {
      for (float& value : values) value = uniform(generator);
    };
    draw(observation);
    begin_episode(replay, environment, observation.data());
    const std::int64_t steps = 1 + (environment * 5 + agent) % shape_.max_steps;
    for (std::int64_t step = 0; step < steps; ++step) {
      draw(observation);
      draw(action);
      const RowKind kind = (step + 1) % shape_.episode_steps != 0 ? RowKind::continuing
                           : environment % 2 == 0                 ? RowKind::terminated
                                                                  : RowKind::truncated;
      append_transition(replay, environment, action.data(), uniform(generator), kind,
                        observation.data());
      if (kind == RowKind::continuing) continue;
      draw(observation);
      begin_episode(replay, environment, observation.data());
    }
  }

  int agents_;
  std::int64_t environments_;
  RowLayout layout_;
  EnvironmentShape shape_;
  std::vector<float> rows_;
  std::vector<std::int64_t> rows_written_;
};

/// The replays on the device.
struct DeviceReplays {
  explicit DeviceReplays(const FilledReplays& source)
      : rows(source.rows()),
        rows_written(source.rows_written()),
        max_closed_rows(static_cast<std::size_t>(source.agents())),
        environments(source.environments()),
        ring_rows(source.shape().rows),
        layout(source.layout()) {
    finish(kernels::launch_count_closed_rows(source.agents(), view(), nullptr));
  }

  kernels::Replays view(std::size_t agent = 0) const {
    const std::size_t environment = agent * static_cast<std::size_t>(environments);
    const auto environment_floats =
        static_cast<std::size_t>(ring_rows) * static_cast<std::size_t>(layout.floats());
    return {rows.data() + environment * environment_floats,
            rows_written.data() + environment,
            max_closed_rows.data() + agent,
            environments,
            ring_rows,
            layout};
  }

  DeviceBuffer<float> rows;
  DeviceBuffer<std::int64_t> rows_written, max_closed_rows;
  std::int64_t environments, ring_rows;  // ring_rows: of an environment
  RowLayout layout;
};

}  // namespace polyak::test
