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

inline constexpr std::int64_t rows_per_stream = 7;

/// How much the streams of a replay hold and have seen.
struct StreamShape {
  std::int64_t rows = rows_per_stream;
  std::int64_t episode_steps = 3;
  std::int64_t max_steps = 13;  // that a stream has made
};

/// The replays of several agents, filled by the functions that CPU and GPU share. Episodes are
/// short and end in every way; streams have made different numbers of steps, so some rings have
/// wrapped.
class FilledReplays {
 public:
  FilledReplays(int agents, std::int64_t streams, RowLayout layout, const StreamShape& shape = {})
      : agents_(agents), streams_(streams), layout_(layout), shape_(shape) {
    const auto all_streams = static_cast<std::size_t>(agents * streams);
    const auto row_floats = static_cast<std::size_t>(layout.floats());
    rows_.resize(all_streams * static_cast<std::size_t>(shape.rows) * row_floats,
                 std::numeric_limits<float>::quiet_NaN());
    rows_written_.resize(all_streams);
    for (int agent = 0; agent < agents; ++agent) {
      for (std::int64_t stream = 0; stream < streams; ++stream) fill(agent, stream);
    }
  }

  ReplayView view(int agent) {
    const auto first = static_cast<std::size_t>(agent * streams_);
    const auto stream_floats =
        static_cast<std::size_t>(shape_.rows) * static_cast<std::size_t>(layout_.floats());
    return {rows_.data() + first * stream_floats, rows_written_.data() + first, streams_,
            shape_.rows, layout_};
  }

  std::int64_t max_closed_rows(int agent) {
    std::int64_t most = 0;
    for (std::int64_t stream = 0; stream < streams_; ++stream) {
      most = std::max(most, closed_rows(view(agent), stream));
    }
    return most;
  }

  /// Transitions that an agent's replay holds.
  int transitions(int agent) {
    const ReplayView replay = view(agent);
    int count = 0;
    for (std::int64_t stream = 0; stream < streams_; ++stream) {
      const std::int64_t open = replay.rows_written[stream] - 1;
      for (std::int64_t number = open - closed_rows(replay, stream); number < open; ++number) {
        count += row_kind(replay, replay.row(stream, number)) != RowKind::last_observation;
      }
    }
    return count;
  }

  const std::vector<float>& rows() const { return rows_; }
  const std::vector<std::int64_t>& rows_written() const { return rows_written_; }
  int agents() const { return agents_; }
  std::int64_t streams() const { return streams_; }
  RowLayout layout() const { return layout_; }
  const StreamShape& shape() const { return shape_; }

 private:
  void fill(int agent, std::int64_t stream) {
    const ReplayView replay = view(agent);
    std::mt19937 generator(static_cast<unsigned>(1000 * agent) + static_cast<unsigned>(stream));
    std::uniform_real_distribution<float> uniform(-1.0f, 1.0f);
    std::vector<float> observation(static_cast<std::size_t>(layout_.observation_size));
    std::vector<float> action(static_cast<std::size_t>(layout_.action_size));
    const auto draw = [&](std::vector<float>& values) {
      for (float& value : values) value = uniform(generator);
    };
    draw(observation);
    begin_episode(replay, stream, observation.data());
    const std::int64_t steps = 1 + (stream * 5 + agent) % shape_.max_steps;
    for (std::int64_t step = 0; step < steps; ++step) {
      draw(observation);
      draw(action);
      const RowKind kind = (step + 1) % shape_.episode_steps != 0 ? RowKind::continuing
                           : stream % 2 == 0                      ? RowKind::terminated
                                                                  : RowKind::truncated;
      append_transition(replay, stream, action.data(), uniform(generator), kind,
                        observation.data());
      if (kind == RowKind::continuing) continue;
      draw(observation);
      begin_episode(replay, stream, observation.data());
    }
  }

  int agents_;
  std::int64_t streams_;
  RowLayout layout_;
  StreamShape shape_;
  std::vector<float> rows_;
  std::vector<std::int64_t> rows_written_;
};

/// The replays on the device.
struct DeviceReplays {
  explicit DeviceReplays(const FilledReplays& source)
      : rows(source.rows()),
        rows_written(source.rows_written()),
        max_closed_rows(static_cast<std::size_t>(source.agents())),
        streams(source.streams()),
        ring_rows(source.shape().rows),
        layout(source.layout()) {
    finish(kernels::launch_count_closed_rows(source.agents(), view(), nullptr));
  }

  kernels::Replays view(std::size_t agent = 0) const {
    const std::size_t stream = agent * static_cast<std::size_t>(streams);
    const auto stream_floats =
        static_cast<std::size_t>(ring_rows) * static_cast<std::size_t>(layout.floats());
    return {rows.data() + stream * stream_floats,
            rows_written.data() + stream,
            max_closed_rows.data() + agent,
            streams,
            ring_rows,
            layout};
  }

  DeviceBuffer<float> rows;
  DeviceBuffer<std::int64_t> rows_written, max_closed_rows;
  std::int64_t streams, ring_rows;  // ring_rows: of a stream
  RowLayout layout;
};

}  // namespace polyak::test
