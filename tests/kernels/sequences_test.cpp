#include "kernels/sequences.hpp"

#include "kernels/sequence_case.hpp"

namespace polyak::test {
namespace {

/// What the kernels read besides the replays, of agents first_agent, ....
struct Inputs {
  Inputs(int first_agent, int count, const SequenceSettings& settings, int observation_size)
      : seed(std::vector<std::uint64_t>(sequence_seeds.begin() + first_agent,
                                        sequence_seeds.begin() + first_agent + count)),
        updates(std::vector<std::int64_t>{update}),
        returns(std::vector<ReturnSettings>(static_cast<std::size_t>(count))),
        means(static_cast<std::size_t>(count * observation_size)),
        scales(means.size()) {
    std::vector<ReturnSettings> all_returns;
    std::vector<float> all_means, all_scales;
    for (int agent = first_agent; agent < first_agent + count; ++agent) {
      all_returns.push_back(returns_of(agent, settings));
      for (int i = 0; i < observation_size; ++i) {
        all_means.push_back(mean(agent, i));
        all_scales.push_back(scale(agent, i));
      }
    }
    returns.upload(all_returns);
    means.upload(all_means);
    scales.upload(all_scales);
  }
  DeviceBuffer<std::uint64_t> seed;
  DeviceBuffer<std::int64_t> updates;
  DeviceBuffer<ReturnSettings> returns;
  DeviceBuffer<float> means, scales;
};

/// What they write. The actions in `next` and `policy` are the actors': padding, which must stay as
/// it is.
struct Outputs {
  Outputs(int count, int batch, int steps, const RowLayout& layout)
      : Outputs(count, static_cast<std::size_t>(count * batch), steps * batch, layout,
                layout.observation_size + layout.action_size + 1) {}
  Outputs(int count, std::size_t all_sequences, int rows, const RowLayout& layout, int width)
      : sequences(all_sequences),
        updates_copy(1),
        learned_steps(static_cast<std::size_t>(count)),
        bootstrap_row(static_cast<std::size_t>(count * rows)),
        transition(count, rows, width + layout.action_size, 1),
        next(count, rows, width, layout.action_size),
        policy(count, rows, width, layout.action_size + 2),
        reward(bootstrap_row.size()),
        bootstrap_discount(bootstrap_row.size()),
        weight(bootstrap_row.size()) {}

  Gathered download() const {
    return {sequences.download(),
            learned_steps.download(),
            bootstrap_row.download(),
            transition.values(),
            next.values(),
            policy.values(),
            reward.download(),
            bootstrap_discount.download(),
            weight.download()};
  }

  DeviceBuffer<Sequence> sequences;
  DeviceBuffer<std::int64_t> updates_copy;
  DeviceBuffer<std::int32_t> learned_steps, bootstrap_row;
  MatrixBuffer transition, next, policy;
  DeviceBuffer<float> reward, bootstrap_discount, weight;
};

Gathered gather(const DeviceReplays& replays, int first_agent, int count, int batch,
                const SequenceSettings& settings, bool normalise) {
  const RowLayout layout = replays.layout;
  const kernels::Replays view = replays.view(static_cast<std::size_t>(first_agent));
  const Inputs in(first_agent, count, settings, layout.observation_size);
  const Outputs out(count, batch, settings.length + settings.lookahead, layout);
  kernels::Normalisers normalisers{nullptr, nullptr, 0};
  if (normalise) normalisers = {in.means.data(), in.scales.data(), layout.observation_size};
  finish(kernels::launch_draw_sequences(
      {{count, batch, view, in.seed.data(), in.updates.data(), nullptr},
       settings,
       out.sequences.data(),
       out.learned_steps.data(),
       out.updates_copy.data()},
      nullptr));
  finish(kernels::launch_gather_sequences(
      {count, batch, view, settings, out.sequences.data(), in.returns.data(), normalisers,
       out.transition.view(), out.next.view(), out.policy.view(), out.reward.data(),
       out.bootstrap_discount.data(), out.weight.data(), out.bootstrap_row.data()},
      nullptr));
  if (batch > 0) {
    EXPECT_EQ(out.updates_copy.download()[0], update);
  }
  return out.download();
}

void expect_same(const Gathered& result, const Expected& expected) {
  const Gathered& e = expected.result;
  ASSERT_EQ(result.sequences.size(), e.sequences.size());
  for (std::size_t i = 0; i < e.sequences.size(); ++i) {
    const Sequence &actual = result.sequences[i], &wanted = e.sequences[i];
    ASSERT_EQ(actual.first.environment, wanted.first.environment) << i;
    ASSERT_EQ(actual.first.number, wanted.first.number) << i;
    ASSERT_EQ(actual.learned_from, wanted.learned_from) << i;
    ASSERT_EQ(actual.learned_to, wanted.learned_to) << i;
    ASSERT_EQ(actual.rows, wanted.rows) << i;
  }
  EXPECT_EQ(result.transition, e.transition);
  EXPECT_EQ(result.next, e.next);
  EXPECT_EQ(result.policy, e.policy);
  EXPECT_EQ(result.weight, e.weight);
  EXPECT_EQ(result.bootstrap_row, e.bootstrap_row);
  if (!e.sequences.empty()) {
    EXPECT_EQ(result.learned_steps, e.learned_steps);
  }
  for (std::size_t i = 0; i < e.reward.size(); ++i) {
    ASSERT_NEAR(result.reward[i], e.reward[i], 1e-6) << i;
    ASSERT_NEAR(result.bootstrap_discount[i], e.bootstrap_discount[i], 1e-6) << i;
  }
}

TEST(SequenceKernels, GatherWhatGoingThroughTheEpisodesFinds) {
  Tally sum;
  for (const RowLayout layout : {RowLayout{3, 1}, RowLayout{1, 2}, RowLayout{17, 6}}) {
    for (const std::int64_t environments : {1, 7, 33}) {
      FilledReplays replays(sequence_agents, environments, layout, shape);
      const DeviceReplays device(replays);
      for (const SequenceSettings& settings : all_settings) {
        for (const int batch : {0, 1, 31, 33, 65}) {
          const bool normalise = batch % 2 == 1;
          const Expected expected(replays, batch, settings, normalise);
          expect_same(gather(device, 0, sequence_agents, batch, settings, normalise), expected);
          sum.burn_in += expected.tally.burn_in;
          sum.padding += expected.tally.padding;
          sum.terminations += expected.tally.terminations;
          sum.time_limits += expected.tally.time_limits;
          sum.open_rows += expected.tally.open_rows;
          sum.cut_beginnings += expected.tally.cut_beginnings;
        }
      }
    }
  }
  for (const int cases : {sum.burn_in, sum.padding, sum.terminations, sum.time_limits,
                          sum.open_rows, sum.cut_beginnings}) {
    EXPECT_GT(cases, 1000) << "the batches must have every case";
  }
}

TEST(SequenceKernels, DrawMoreSequencesThanABlockHasThreads) {
  FilledReplays replays(sequence_agents, 7, {3, 1}, shape);
  const DeviceReplays device(replays);
  const SequenceSettings settings{3, 2, false, 1};
  expect_same(gather(device, 0, sequence_agents, 1023, settings, false),
              Expected(replays, 1023, settings, false));
}

TEST(SequenceKernels, NeitherOtherAgentsNorTheOrderOfThreadsMatter) {
  FilledReplays replays(sequence_agents, 7, {3, 2}, shape);
  const DeviceReplays device(replays);
  const SequenceSettings settings{9, 3, false, 3};
  Gathered together;
  same_bits_in_every_order([&] {
    together = gather(device, 0, sequence_agents, 65, settings, true);
    std::vector<float> all = together.transition;
    all.insert(all.end(), together.reward.begin(), together.reward.end());
    for (const std::int32_t steps : together.learned_steps) {
      all.push_back(static_cast<float>(steps));
    }
    return all;
  });
  const Gathered alone = gather(device, 2, 1, 65, settings, true);
  const auto last = [](const std::vector<float>& all) {
    return std::vector<float>(all.end() - static_cast<std::ptrdiff_t>(all.size()) / sequence_agents,
                              all.end());
  };
  EXPECT_TRUE(same_bits(alone.transition, last(together.transition)));
  EXPECT_TRUE(same_bits(alone.reward, last(together.reward)));
  EXPECT_EQ(alone.learned_steps.front(), together.learned_steps.back());
}

TEST(SequenceKernels, RefuseToDrawWithoutReplacement) {
  std::int32_t owner = 0;
  kernels::DrawSequences arguments{};
  arguments.draws.claims = &owner;
  EXPECT_EQ(kernels::launch_draw_sequences(arguments, nullptr), cudaErrorInvalidValue);
}

}  // namespace
}  // namespace polyak::test
