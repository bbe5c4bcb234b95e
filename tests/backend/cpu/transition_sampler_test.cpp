// Sampling without replacement on the CPU: which transitions a batch has.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "backend/cpu/sampler.hpp"
#include "support/configs.hpp"

namespace polyak::cpu {
namespace {

constexpr RowLayout layout{1, 1};
constexpr std::int64_t environments = 3, rows_per_environment = 9;

/// A replay whose transitions have their serial numbers as rewards; 14 of them are held.
struct Fixture {
  Fixture() : rows(environments * rows_per_environment * 4), written(environments, 0) {
    float serial = 0.0f;
    for (std::int64_t environment = 0; environment < environments; ++environment) {
      begin_episode(view(), environment, &serial);
      for (int step = 0; step < 2 + 5 * environment; ++step) {
        const RowKind kind = step % 3 == 2 ? RowKind::truncated : RowKind::continuing;
        append_transition(view(), environment, &serial, ++serial, kind, &serial);
        if (kind != RowKind::continuing) begin_episode(view(), environment, &serial);
      }
    }
  }
  ReplayView view() {
    return {rows.data(), written.data(), environments, rows_per_environment, layout};
  }
  SampleSource source() {
    return {view(), rows_per_environment - 1, 5, {0.9f, 1.0f, 1, false}, {nullptr, nullptr}};
  }
  std::set<float> held() {
    std::set<float> rewards;
    for (std::int64_t environment = 0; environment < environments; ++environment) {
      const std::int64_t open = written[static_cast<std::size_t>(environment)] - 1;
      for (std::int64_t n = std::max<std::int64_t>(0, open + 1 - rows_per_environment); n < open;
           ++n) {
        const float* const row = view().row(environment, n);
        if (row_kind(view(), row) != RowKind::last_observation) rewards.insert(row[2]);
      }
    }
    return rewards;
  }
  std::vector<float> rows;
  std::vector<std::int64_t> written;
};

std::vector<float> sample(Fixture& fixture, int batch, Sampling sampling, std::int64_t update) {
  Config config;
  config.batch_size = batch;
  config.sampling = sampling;
  const std::unique_ptr<Sampler> sampler = make_transition_sampler(config);
  const auto columns = static_cast<std::ptrdiff_t>(round_up(batch, panel_columns));
  PanelMatrix transition(2, columns), next(2, columns), policy(2, columns);
  const auto count = static_cast<std::size_t>(columns);
  AlignedArray rewards(count), discounts(count), weights(count);
  std::vector<std::ptrdiff_t> bootstrap_columns(count);
  std::vector<const float*> first_states(count);
  const SampleSource source = fixture.source();
  EXPECT_EQ(sampler->begin(source, update), batch);
  sampler->gather(
      source, update, {0, columns},
      {transition, next, policy, rewards, discounts, weights, bootstrap_columns, first_states});
  return {rewards.data(), rewards.data() + batch};
}

TEST(SamplingWithoutReplacement, NeverDrawsATransitionTwice) {
  Fixture fixture;
  const std::set<float> held = fixture.held();
  const int all = static_cast<int>(held.size());
  ASSERT_GT(all, 10);
  for (const int batch : {1, 7, all - 1, all}) {
    for (std::int64_t update = 0; update < 50; ++update) {
      const std::vector<float> rewards =
          sample(fixture, batch, Sampling::without_replacement, update);
      const std::set<float> distinct(rewards.begin(), rewards.end());
      ASSERT_EQ(distinct.size(), rewards.size());
      ASSERT_TRUE(std::includes(held.begin(), held.end(), distinct.begin(), distinct.end()));
    }
  }
}

TEST(SamplingWithReplacement, DoesDrawSomeTwice) {
  Fixture fixture;
  const std::vector<float> rewards = sample(fixture, 14, Sampling::with_replacement, 0);
  EXPECT_LT(std::set<float>(rewards.begin(), rewards.end()).size(), rewards.size());
}

// In every row of the batch every transition is equally likely: z values of the counts.
TEST(SamplingWithoutReplacement, IsUniformInEveryRow) {
  Fixture fixture;
  const std::set<float> held = fixture.held();
  constexpr int batch = 5, updates = 20'000;
  std::vector<std::vector<int>> counts(batch, std::vector<int>(100, 0));
  for (std::int64_t update = 0; update < updates; ++update) {
    const std::vector<float> rewards =
        sample(fixture, batch, Sampling::without_replacement, update);
    for (std::size_t i = 0; i < batch; ++i) ++counts[i][static_cast<std::size_t>(rewards[i])];
  }
  const double p = 1.0 / static_cast<double>(held.size());
  for (const std::vector<int>& row : counts) {
    for (const float reward : held) {
      const double z = (row[static_cast<std::size_t>(reward)] - updates * p) /
                       std::sqrt(updates * p * (1.0 - p));
      EXPECT_LT(std::abs(z), 4.5) << reward;
    }
  }
}

TEST(SamplingWithoutReplacement, KeepsTheFirstDrawsThatDoNotMeet) {
  Fixture fixture;
  const std::vector<float> with = sample(fixture, 7, Sampling::with_replacement, 3);
  const std::vector<float> without = sample(fixture, 7, Sampling::without_replacement, 3);
  std::set<float> taken;
  for (std::size_t i = 0; i < with.size(); ++i) {
    if (!taken.contains(with[i])) {
      EXPECT_EQ(without[i], with[i]);
    }
    taken.insert(without[i]);
  }
}

}  // namespace
}  // namespace polyak::cpu
