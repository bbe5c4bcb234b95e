#include "kernels/stored_states.hpp"

#include <algorithm>
#include <deque>

#include "kernels/replay_case.hpp"

namespace polyak::test {
namespace {

constexpr int stored_state_agents = 3;

/// Replays of two networks' states after a first network's, and sequences that begin anywhere in
/// them.
class StoredStatesCase {
 public:
  StoredStatesCase(int batch, int units)
      : units_(units),
        batch_(batch),
        replays_(stored_state_agents, environments, {3, 1, 3 * 2 * units}) {
    const std::vector<float> values = random_values(replays_.rows().size(), 7);
    // FilledReplays leaves the states as they were: not a number.
    for (int agent = 0; agent < stored_state_agents; ++agent) {
      const ReplayView replay = replays_.view(agent);
      for (std::int64_t environment = 0; environment < environments; ++environment) {
        for (std::int64_t number = 0; number < replay.rows_per_environment; ++number) {
          float* const row = replay.row(environment, number);
          std::copy_n(values.begin() + (row - replays_.view(0).rows), replay.layout.state_floats,
                      row + replay.layout.state_offset());
        }
      }
      for (int b = 0; b < batch; ++b) {
        const std::int64_t environment = (b * 3 + agent) % environments;
        sequences_.push_back(
            {{environment, replay.rows_written[environment] - 1 - b % 2}, 0, 1, 1});
      }
    }
  }

  /// hidden and cell of networks 1 and 2, one after the other: [agents, batch, units] each.
  std::vector<std::vector<float>> run(bool has_cell) const {
    const DeviceReplays device(replays_);
    const DeviceBuffer<Sequence> sequences(sequences_);
    std::deque<MatrixBuffer> matrices;  // which cannot be moved
    for (int i = 0; i < 4; ++i) matrices.emplace_back(stored_state_agents, batch_, units_, 3);
    std::vector<kernels::StateTarget> targets;
    for (int network = 0; network < 2; ++network) {
      kernels::StateTarget target{(network + 1) * 2 * units_, matrices.at(0).view(), {}};
      target.hidden = matrices[static_cast<std::size_t>(2 * network)].view();
      if (has_cell) target.cell = matrices[static_cast<std::size_t>(2 * network + 1)].view();
      targets.push_back(target);
    }
    finish(kernels::launch_load_states(
        {stored_state_agents, batch_, units_, device.view(), sequences.data(), targets}, nullptr));
    std::vector<std::vector<float>> result;
    for (const MatrixBuffer& matrix : matrices) result.push_back(matrix.values());
    return result;
  }

  /// What matrix `index` of run() is to be.
  std::vector<float> expected(int index) {
    std::vector<float> values;
    for (int agent = 0; agent < stored_state_agents; ++agent) {
      const ReplayView replay = replays_.view(agent);
      for (int b = 0; b < batch_; ++b) {
        const ReplayIndex first = sequences_[static_cast<std::size_t>(agent * batch_ + b)].first;
        const float* const state = replay.row(first.environment, first.number) +
                                   replay.layout.state_offset() + (2 + index) * units_;
        values.insert(values.end(), state, state + units_);
      }
    }
    return values;
  }

 private:
  static constexpr std::int64_t environments = 5;
  int units_, batch_;
  FilledReplays replays_;
  std::vector<Sequence> sequences_;
};

TEST(StoredStatesKernel, ComeFromTheFirstRowsOfTheSequences) {
  for (const int batch : {1, 31, 33}) {
    for (const int units : {1, 31, 33, 65}) {
      StoredStatesCase c(batch, units);
      const std::vector<std::vector<float>> loaded = c.run(true);
      for (int i = 0; i < 4; ++i) {
        EXPECT_EQ(loaded[static_cast<std::size_t>(i)], c.expected(i)) << batch << ' ' << units;
      }
    }
  }
}

TEST(StoredStatesKernel, OfNetworksWithoutACellAreTheHiddenValuesAlone) {
  StoredStatesCase c(9, 17);
  const std::vector<std::vector<float>> loaded = c.run(false);
  EXPECT_EQ(loaded[0], c.expected(0));
  EXPECT_EQ(loaded[2], c.expected(2));
}

TEST(StoredStatesKernel, RefuseWhatARowDoesNotHave) {
  const FilledReplays source(stored_state_agents, 5, {3, 1, 8});
  const DeviceReplays device(source);
  const auto status = [&](int offset, std::size_t targets) {
    const kernels::StateTarget target{offset, {nullptr, 4, 4}, {}};
    const std::vector<kernels::StateTarget> all(targets, target);
    return kernels::launch_load_states({stored_state_agents, 0, 4, device.view(), nullptr, all},
                                       nullptr);
  };
  EXPECT_EQ(status(4, 8), cudaSuccess);
  EXPECT_EQ(status(5, 1), cudaErrorInvalidValue);
  EXPECT_EQ(status(-1, 1), cudaErrorInvalidValue);
  EXPECT_EQ(status(0, 9), cudaErrorInvalidValue);
}

}  // namespace
}  // namespace polyak::test
