#include "kernels/replay.hpp"

#include <set>

#include "kernels/replay_case.hpp"

namespace polyak::test {
namespace {

/// A batch of every agent, on the host.
struct Batch {
  std::vector<float> transition, observation, next_observation, reward, bootstrap_discount;
};

/// How batches are drawn and made.
struct SampleRules {
  int steps = 1;  // of a return; agent i makes steps + i
  bool without_replacement = false;
  bool normalise = false;

  ReturnSettings returns(int agent) const { return {0.9f, 0.5f, steps + agent, agent == 1}; }
  static float mean(int agent, int feature) { return 0.1f * static_cast<float>(agent - feature); }
  static float scale(int agent, int feature) {
    return 1.0f + 0.5f * static_cast<float>(agent + feature);
  }
};

Batch sample(const DeviceReplays& replays, std::size_t first_agent, int agents, int batch,
             const std::vector<std::uint64_t>& seeds, std::int64_t updates,
             const SampleRules& rules = {}) {
  const int observations = replays.layout.observation_size;
  const int width = observations + replays.layout.action_size;
  const MatrixBuffer transition(agents, batch, width, 1);
  const MatrixBuffer observation(agents, batch, observations, 2);
  const MatrixBuffer next_observation(agents, batch, observations, replays.layout.action_size);
  const auto rows = static_cast<std::size_t>(agents * batch);
  const DeviceBuffer<float> reward(rows), bootstrap_discount(rows);
  const DeviceBuffer<std::uint64_t> seed(seeds);
  const DeviceBuffer<std::int64_t> counter(std::vector<std::int64_t>{updates});
  const DeviceBuffer<std::int64_t> counter_copy(1);
  std::vector<ReturnSettings> all_returns;
  std::vector<float> all_means, all_scales;
  for (int agent = static_cast<int>(first_agent); agent < static_cast<int>(first_agent) + agents;
       ++agent) {
    all_returns.push_back(rules.returns(agent));
    for (int i = 0; i < observations; ++i) {
      all_means.push_back(SampleRules::mean(agent, i));
      all_scales.push_back(SampleRules::scale(agent, i));
    }
  }
  const DeviceBuffer<ReturnSettings> returns(all_returns);
  const DeviceBuffer<float> mean(all_means), scale(all_scales);
  const DeviceBuffer<std::int32_t> claims(std::vector<std::int32_t>(
      static_cast<std::size_t>(agents * replays.environments * rows_per_environment), 0));
  const kernels::Draws draws{agents,
                             batch,
                             replays.view(first_agent),
                             seed.data() + first_agent,
                             counter.data(),
                             rules.without_replacement ? claims.data() : nullptr};
  if (rules.without_replacement) finish(kernels::launch_claim_transitions(draws, nullptr));
  finish(kernels::launch_sample_batch(
      {draws, returns.data(),
       rules.normalise ? kernels::Normalisers{mean.data(), scale.data(), observations}
                       : kernels::Normalisers{nullptr, nullptr, 0},
       counter_copy.data(), transition.view(), observation.view(), next_observation.view(),
       reward.data(), bootstrap_discount.data()},
      nullptr));
  if (rows > 0) {
    EXPECT_EQ(counter_copy.download()[0], updates);
  }
  for (const std::int32_t claim : claims.download()) EXPECT_EQ(claim, 0);
  return {transition.values(), observation.values(), next_observation.values(), reward.download(),
          bootstrap_discount.download()};
}

/// The same batch by the functions that the CPU uses.
Batch expected_batch(FilledReplays& replays, int batch, const std::vector<std::uint64_t>& seeds,
                     std::int64_t updates, const SampleRules& rules = {}) {
  Batch result;
  const RowLayout layout = replays.layout();
  for (int agent = 0; agent < replays.agents(); ++agent) {
    const ReplayView replay = replays.view(agent);
    const PhiloxRandom random{seeds[static_cast<std::size_t>(agent)]};
    std::set<std::int64_t> taken;
    const auto add_observation = [&](const float* row, std::vector<float>& values) {
      for (int i = 0; i < layout.observation_size; ++i) {
        values.push_back(rules.normalise
                             ? (row[i] - SampleRules::mean(agent, i)) * SampleRules::scale(agent, i)
                             : row[i]);
      }
    };
    for (int i = 0; i < batch; ++i) {
      const auto generate = [&](std::uint32_t draw) {
        return random(static_cast<std::uint32_t>(i), static_cast<std::uint64_t>(updates),
                      Purpose::replay_sample, draw);
      };
      const ReplayIndex index = sample_transition(
          replay, replays.max_closed_rows(agent), generate, [&](const ReplayIndex& drawn) {
            return taken.insert(replay.place(drawn)).second || !rules.without_replacement;
          });
      const SampledReturn sampled = sampled_return(replay, index, rules.returns(agent));
      const float* const row = replay.row(index.environment, index.number);
      add_observation(row, result.transition);
      result.transition.insert(result.transition.end(), row + layout.action_offset(),
                               row + layout.reward_offset());
      add_observation(row, result.observation);
      add_observation(replay.row(index.environment, sampled.last), result.next_observation);
      result.reward.push_back(sampled.reward);
      result.bootstrap_discount.push_back(sampled.bootstrap_discount);
    }
  }
  return result;
}

/// Integers, copies and single products are exact; sums of rewards are not where the device fuses
/// multiplications and additions.
void expect_same_batch(const Batch& result, const Batch& expected) {
  EXPECT_EQ(result.transition, expected.transition);
  EXPECT_EQ(result.observation, expected.observation);
  EXPECT_EQ(result.next_observation, expected.next_observation);
  EXPECT_EQ(result.bootstrap_discount, expected.bootstrap_discount);
  ASSERT_EQ(result.reward.size(), expected.reward.size());
  for (std::size_t i = 0; i < expected.reward.size(); ++i) {
    ASSERT_NEAR(result.reward[i], expected.reward[i], 1e-6);
  }
}

const std::vector<std::uint64_t> replay_seeds = {11, 0xfedcba9876543210u, 3};

TEST(SampleBatchKernel, DrawsExactlyWhatTheCpuDraws) {
  for (const RowLayout layout : {RowLayout{3, 1}, RowLayout{1, 1}, RowLayout{17, 6}}) {
    for (const std::int64_t environments : {1, 7, 33}) {
      FilledReplays replays(3, environments, layout);
      const DeviceReplays device(replays);
      for (const int batch : {0, 1, 31, 33, 100, 1023}) {
        expect_same_batch(sample(device, 0, 3, batch, replay_seeds, 5),
                          expected_batch(replays, batch, replay_seeds, 5));
      }
    }
  }
}

TEST(SampleBatchKernel, MakesTheReturnsAndNormalisesAsTheCpuDoes) {
  for (const int steps : {1, 2, 5}) {
    for (const bool normalise : {false, true}) {
      FilledReplays replays(3, 33, {3, 2});
      const DeviceReplays device(replays);
      const SampleRules rules{steps, false, normalise};
      expect_same_batch(sample(device, 0, 3, 100, replay_seeds, 5, rules),
                        expected_batch(replays, 100, replay_seeds, 5, rules));
    }
  }
}

/// The largest batch that every agent can fill.
int whole_batch(FilledReplays& replays) {
  int fewest = replays.transitions(0);
  for (int agent = 1; agent < replays.agents(); ++agent) {
    fewest = std::min(fewest, replays.transitions(agent));
  }
  return fewest;
}

TEST(ClaimTransitionsKernel, GivesEveryRowWhatItGetsByChoosingInTurn) {
  const SampleRules rules{1, true, false};
  for (const std::int64_t environments : {3, 33, 65}) {
    FilledReplays replays(3, environments, {3, 1});
    const DeviceReplays device(replays);
    const int most = whole_batch(replays);
    ASSERT_GT(most, environments);
    for (const int batch : {0, 1, most / 2, most - 1, most}) {
      for (const std::int64_t update : {0, 5}) {
        expect_same_batch(sample(device, 0, 3, batch, replay_seeds, update, rules),
                          expected_batch(replays, batch, replay_seeds, update, rules));
      }
    }
  }
}

TEST(ClaimTransitionsKernel, ThreadOrderDoesNotMatter) {
  FilledReplays replays(2, 33, {3, 2});
  const DeviceReplays device(replays);
  const SampleRules rules{2, true, true};
  const int batch = whole_batch(replays);
  same_bits_in_every_order(
      [&] { return sample(device, 0, 2, batch, replay_seeds, 5, rules).transition; });
}

TEST(SampleBatchKernel, EveryUpdateDrawsAnotherBatch) {
  FilledReplays replays(3, 33, {3, 1});
  const DeviceReplays device(replays);
  const Batch first = sample(device, 0, 3, 65, replay_seeds, 0);
  EXPECT_NE(sample(device, 0, 3, 65, replay_seeds, 1).transition, first.transition);
  EXPECT_NE(sample(device, 0, 3, 65, replay_seeds, std::int64_t{1} << 32).transition,
            first.transition);
}

TEST(SampleBatchKernel, AgentsDoNotDependOnEachOther) {
  FilledReplays replays(3, 7, {3, 2});
  const DeviceReplays device(replays);
  for (const bool without_replacement : {false, true}) {
    const SampleRules rules{2, without_replacement, true};
    const Batch together = sample(device, 0, 3, 13, replay_seeds, 5, rules);
    std::vector<float> alone;
    for (std::size_t agent = 0; agent < 3; ++agent) {
      const Batch one = sample(device, agent, 1, 13, replay_seeds, 5, rules);
      alone.insert(alone.end(), one.transition.begin(), one.transition.end());
    }
    EXPECT_EQ(together.transition, alone);
  }
}

TEST(SampleBatchKernel, ThreadOrderDoesNotMatter) {
  FilledReplays replays(2, 7, {3, 2});
  const DeviceReplays device(replays);
  same_bits_in_every_order([&] { return sample(device, 0, 2, 65, replay_seeds, 5).transition; });
}

TEST(CountClosedRowsKernel, FindsTheFullestEnvironment) {
  for (const std::int64_t environments : {1, 31, 33, 1023}) {
    FilledReplays replays(3, environments, {1, 1});
    const DeviceReplays device(replays);
    const std::vector<std::int64_t> result = device.max_closed_rows.download();
    for (int agent = 0; agent < 3; ++agent) {
      EXPECT_EQ(result[static_cast<std::size_t>(agent)], replays.max_closed_rows(agent));
    }
  }
}

// In the first warp and later ones, in the first round of the block's threads and the last.
TEST(CountClosedRowsKernel, AnyEnvironmentMayBeTheFullest) {
  constexpr std::int64_t environments = 600;
  constexpr RowLayout layout{1, 1};
  const DeviceBuffer<float> rows(
      static_cast<std::size_t>(2 * environments * rows_per_environment * layout.floats()));
  for (const std::size_t fullest : {0, 31, 32, 40, 255, 256, 300, 599}) {
    std::vector<std::int64_t> written(2 * environments, 2);
    written[environments + fullest] = 6;
    const DeviceBuffer<std::int64_t> rows_written(written), most(2);
    finish(kernels::launch_count_closed_rows(
        2,
        {rows.data(), rows_written.data(), most.data(), environments, rows_per_environment, layout},
        nullptr));
    EXPECT_EQ(most.download(), (std::vector<std::int64_t>{1, 5})) << fullest;
  }
}

}  // namespace
}  // namespace polyak::test
