#include "kernels/replay.hpp"

#include "kernels/kernel_test.hpp"

namespace polyak::test {
namespace {

constexpr std::int64_t rows_per_stream = 7;

/// The replays of several agents, filled by the functions that CPU and GPU share. Episodes are
/// short and end in every way; streams have made different numbers of steps, so some rings have
/// wrapped.
class FilledReplays {
 public:
  FilledReplays(int agents, std::int64_t streams, RowLayout layout)
      : agents_(agents), streams_(streams), layout_(layout) {
    const auto all_streams = static_cast<std::size_t>(agents * streams);
    const auto row_floats = static_cast<std::size_t>(layout.floats());
    rows_.resize(all_streams * static_cast<std::size_t>(rows_per_stream) * row_floats,
                 std::numeric_limits<float>::quiet_NaN());
    rows_written_.resize(all_streams);
    for (int agent = 0; agent < agents; ++agent) {
      for (std::int64_t stream = 0; stream < streams; ++stream) fill(agent, stream);
    }
  }

  ReplayView view(int agent) {
    const auto first = static_cast<std::size_t>(agent * streams_);
    const auto stream_floats =
        static_cast<std::size_t>(rows_per_stream) * static_cast<std::size_t>(layout_.floats());
    return {rows_.data() + first * stream_floats, rows_written_.data() + first, streams_,
            rows_per_stream, layout_};
  }

  std::int64_t most_closed_rows(int agent) {
    std::int64_t most = 0;
    for (std::int64_t stream = 0; stream < streams_; ++stream) {
      most = std::max(most, closed_rows(view(agent), stream));
    }
    return most;
  }

  const std::vector<float>& rows() const { return rows_; }
  const std::vector<std::int64_t>& rows_written() const { return rows_written_; }
  int agents() const { return agents_; }
  std::int64_t streams() const { return streams_; }
  RowLayout layout() const { return layout_; }

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
    const std::int64_t steps = 1 + (stream * 5 + agent) % 13;
    for (std::int64_t step = 0; step < steps; ++step) {
      draw(observation);
      draw(action);
      const RowKind kind = step % 3 != 2     ? RowKind::continuing
                           : stream % 2 == 0 ? RowKind::terminated
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
  std::vector<float> rows_;
  std::vector<std::int64_t> rows_written_;
};

/// The replays on the device.
struct DeviceReplays {
  explicit DeviceReplays(const FilledReplays& source)
      : rows(source.rows()),
        rows_written(source.rows_written()),
        most_closed_rows(static_cast<std::size_t>(source.agents())),
        streams(source.streams()),
        layout(source.layout()) {
    finish(kernels::launch_count_closed_rows(source.agents(), view(), nullptr));
  }

  kernels::Replays view(std::size_t agent = 0) const {
    const std::size_t stream = agent * static_cast<std::size_t>(streams);
    const auto stream_floats =
        static_cast<std::size_t>(rows_per_stream) * static_cast<std::size_t>(layout.floats());
    return {rows.data() + stream * stream_floats,
            rows_written.data() + stream,
            most_closed_rows.data() + agent,
            streams,
            rows_per_stream,
            layout};
  }

  DeviceBuffer<float> rows;
  DeviceBuffer<std::int64_t> rows_written, most_closed_rows;
  std::int64_t streams;
  RowLayout layout;
};

/// A batch of every agent, on the host.
struct Batch {
  std::vector<float> transition, observation, next_observation, reward;
  std::vector<std::uint8_t> terminated;
};

Batch sample(const DeviceReplays& replays, std::size_t first_agent, int agents, int batch,
             const std::vector<std::uint64_t>& seeds, std::int64_t updates) {
  const int observations = replays.layout.observation_size;
  const int width = observations + replays.layout.action_size;
  const MatrixBuffer transition(agents, batch, width, 1);
  const MatrixBuffer observation(agents, batch, observations, 2);
  const MatrixBuffer next_observation(agents, batch, observations, replays.layout.action_size);
  const auto rows = static_cast<std::size_t>(agents * batch);
  const DeviceBuffer<float> reward(rows);
  const DeviceBuffer<std::uint8_t> terminated(rows);
  const DeviceBuffer<std::uint64_t> seed(seeds);
  const DeviceBuffer<std::int64_t> counter(std::vector<std::int64_t>{updates});
  const DeviceBuffer<std::int64_t> counter_copy(1);
  finish(kernels::launch_sample_batch(
      {agents, batch, replays.view(first_agent), seed.data() + first_agent, counter.data(),
       counter_copy.data(), transition.view(), observation.view(), next_observation.view(),
       reward.data(), terminated.data()},
      nullptr));
  if (rows > 0) {
    EXPECT_EQ(counter_copy.download()[0], updates);
  }
  return {transition.values(), observation.values(), next_observation.values(), reward.download(),
          terminated.download()};
}

/// The same batch by the functions that the CPU uses.
Batch expected_batch(FilledReplays& replays, int batch, const std::vector<std::uint64_t>& seeds,
                     std::int64_t updates) {
  Batch result;
  const RowLayout layout = replays.layout();
  for (int agent = 0; agent < replays.agents(); ++agent) {
    const ReplayView replay = replays.view(agent);
    const PhiloxRandom random{seeds[static_cast<std::size_t>(agent)]};
    for (int i = 0; i < batch; ++i) {
      const auto generate = [&](std::uint32_t draw) {
        return random(static_cast<std::uint32_t>(i), static_cast<std::uint64_t>(updates),
                      Purpose::replay_sample, draw);
      };
      const ReplayIndex index =
          sample_transition(replay, replays.most_closed_rows(agent), generate);
      const float* const row = replay.row(index.stream, index.number);
      const float* const next = replay.row(index.stream, index.number + 1);
      result.transition.insert(result.transition.end(), row, row + layout.reward_offset());
      result.observation.insert(result.observation.end(), row, row + layout.observation_size);
      result.next_observation.insert(result.next_observation.end(), next,
                                     next + layout.observation_size);
      result.reward.push_back(row[layout.reward_offset()]);
      result.terminated.push_back(row_kind(replay, row) == RowKind::terminated ? 1 : 0);
    }
  }
  return result;
}

const std::vector<std::uint64_t> seeds = {11, 0xfedcba9876543210u, 3};

TEST(SampleBatchKernel, DrawsExactlyWhatTheCpuDraws) {
  for (const RowLayout layout : {RowLayout{3, 1}, RowLayout{1, 1}, RowLayout{17, 6}}) {
    for (const std::int64_t streams : {1, 7, 33}) {
      FilledReplays replays(3, streams, layout);
      const DeviceReplays device(replays);
      for (const int batch : {0, 1, 31, 33, 100, 1023}) {
        const Batch expected = expected_batch(replays, batch, seeds, 5);
        const Batch result = sample(device, 0, 3, batch, seeds, 5);
        EXPECT_EQ(result.transition, expected.transition);
        EXPECT_EQ(result.observation, expected.observation);
        EXPECT_EQ(result.next_observation, expected.next_observation);
        EXPECT_EQ(result.reward, expected.reward);
        EXPECT_EQ(result.terminated, expected.terminated);
      }
    }
  }
}

TEST(SampleBatchKernel, EveryUpdateDrawsAnotherBatch) {
  FilledReplays replays(3, 33, {3, 1});
  const DeviceReplays device(replays);
  const Batch first = sample(device, 0, 3, 65, seeds, 0);
  EXPECT_NE(sample(device, 0, 3, 65, seeds, 1).transition, first.transition);
  EXPECT_NE(sample(device, 0, 3, 65, seeds, std::int64_t{1} << 32).transition, first.transition);
}

TEST(SampleBatchKernel, AgentsDoNotDependOnEachOther) {
  FilledReplays replays(3, 7, {3, 2});
  const DeviceReplays device(replays);
  const Batch together = sample(device, 0, 3, 33, seeds, 5);
  std::vector<float> alone;
  for (std::size_t agent = 0; agent < 3; ++agent) {
    const Batch one = sample(device, agent, 1, 33, seeds, 5);
    alone.insert(alone.end(), one.transition.begin(), one.transition.end());
  }
  EXPECT_EQ(together.transition, alone);
}

TEST(SampleBatchKernel, ThreadOrderDoesNotMatter) {
  FilledReplays replays(2, 7, {3, 2});
  const DeviceReplays device(replays);
  same_bits_in_every_order([&] { return sample(device, 0, 2, 65, seeds, 5).transition; });
}

TEST(CountClosedRowsKernel, FindsTheFullestStream) {
  for (const std::int64_t streams : {1, 31, 33, 1023}) {
    FilledReplays replays(3, streams, {1, 1});
    const DeviceReplays device(replays);
    const std::vector<std::int64_t> result = device.most_closed_rows.download();
    for (int agent = 0; agent < 3; ++agent) {
      EXPECT_EQ(result[static_cast<std::size_t>(agent)], replays.most_closed_rows(agent));
    }
  }
}

}  // namespace
}  // namespace polyak::test
