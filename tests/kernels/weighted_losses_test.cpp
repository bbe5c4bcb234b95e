// The losses over the steps of sequences, of which only those with weight 1 count.
#include "kernels/kernel_test.hpp"
#include "kernels/losses.hpp"

namespace polyak::test {
namespace {

using kernels::LossQuantity;
using kernels::UpdateTotals;

constexpr std::size_t weighted_agents = 3, critics = 2;
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

/// Values, targets and weights of a batch. The last agent learns from no row at all. In rows with
/// weight 0 everything else is NaN.
struct WeightedBatch {
  explicit WeightedBatch(std::size_t rows)
      : batch(rows),
        value(random_values(weighted_agents * critics * rows, 1)),
        target(random_values(weighted_agents * rows, 2)),
        weight(weighted_agents * rows),
        weighted_rows(weighted_agents, 0) {
    for (std::size_t at = 0; at < weight.size(); ++at) {
      const std::size_t agent = at / rows, row = at % rows;
      const bool learned = agent + 1 < weighted_agents && (row + agent) % 3 != 1;
      weight[at] = learned ? 1.0f : 0.0f;
      weighted_rows[agent] += learned;
      if (learned) continue;
      target[at] = nan;
      for (std::size_t critic = 0; critic < critics; ++critic) {
        value[(agent * critics + critic) * rows + row] = nan;
      }
    }
  }

  bool learns(std::size_t agent, std::size_t row) const {
    return weight[agent * batch + row] == 1.0f;
  }
  double divisor(std::size_t agent) const { return std::max(1, weighted_rows[agent]); }

  std::size_t batch;
  std::vector<float> value, target, weight;
  std::vector<std::int32_t> weighted_rows;
};

struct LossResult {
  std::vector<UpdateTotals> totals;
  std::vector<float> gradient;
};

LossResult run_critic_loss(const WeightedBatch& b) {
  const DeviceBuffer<float> value(b.value), target(b.target), weight(b.weight);
  const DeviceBuffer<float> gradient(b.value.size());
  const DeviceBuffer<std::int32_t> weighted_rows(b.weighted_rows);
  const DeviceBuffer<std::int64_t> updates(std::vector<std::int64_t>{6});
  const DeviceBuffer<UpdateTotals> totals{std::vector<UpdateTotals>(weighted_agents)};
  const auto batch = static_cast<int>(b.batch);
  finish(kernels::launch_critic_loss(
      {weighted_agents, batch, value.data(), target.data(), gradient.data(), updates.data(),
       totals.data(), nullptr, critics, weight.data(), weighted_rows.data()},
      nullptr));
  return {totals.download(), gradient.download()};
}

/// Of the agents' first critics, whose values are put side by side.
LossResult run_actor_loss(const WeightedBatch& b) {
  std::vector<float> values;
  for (std::size_t agent = 0; agent < weighted_agents; ++agent) {
    const auto begin = b.value.begin() + static_cast<std::ptrdiff_t>(agent * critics * b.batch);
    values.insert(values.end(), begin, begin + static_cast<std::ptrdiff_t>(b.batch));
  }
  const DeviceBuffer<float> value(values), weight(b.weight), gradient(values.size());
  const DeviceBuffer<std::int32_t> weighted_rows(b.weighted_rows);
  const DeviceBuffer<std::int64_t> updates(std::vector<std::int64_t>{6});
  const DeviceBuffer<UpdateTotals> totals{std::vector<UpdateTotals>(weighted_agents)};
  const auto batch = static_cast<int>(b.batch);
  finish(kernels::launch_actor_loss(
      {weighted_agents, batch, value.data(), updates.data(), totals.data(), weight.data(),
       weighted_rows.data(), gradient.data()},
      nullptr));
  return {totals.download(), gradient.download()};
}

constexpr std::size_t batches[] = {1, 31, 33, 65, 1023, 4097};  // several blocks, too

TEST(WeightedCriticLoss, IsTheMeanOverTheRowsThatCount) {
  for (const std::size_t batch : batches) {
    const WeightedBatch b(batch);
    const LossResult result = run_critic_loss(b);
    for (std::size_t agent = 0; agent < weighted_agents; ++agent) {
      double loss = 0.0;
      for (std::size_t i = 0; i < critics * batch; ++i) {
        const std::size_t at = agent * critics * batch + i, row = i % batch;
        if (!b.learns(agent, row)) {
          ASSERT_EQ(result.gradient[at], 0.0f) << at;
          continue;
        }
        const double error =
            static_cast<double>(b.value[at]) - static_cast<double>(b.target[agent * batch + row]);
        loss += error * error / b.divisor(agent) / critics;
        ASSERT_NEAR(result.gradient[at], 2.0 * error / b.divisor(agent),
                    0x1p-21 / b.divisor(agent));
      }
      EXPECT_NEAR(result.totals[agent].critic_loss_sum, loss, 1e-6);
      EXPECT_EQ(result.totals[agent].critic_updates, 1);
      EXPECT_EQ(result.totals[agent].non_finite_quantity, LossQuantity::none);
    }
  }
}

TEST(WeightedActorLoss, IsTheMeanOverTheRowsThatCount) {
  for (const std::size_t batch : batches) {
    const WeightedBatch b(batch);
    const LossResult result = run_actor_loss(b);
    for (std::size_t agent = 0; agent < weighted_agents; ++agent) {
      double loss = 0.0;
      for (std::size_t row = 0; row < batch; ++row) {
        const float gradient = result.gradient[agent * batch + row];
        if (!b.learns(agent, row)) {
          ASSERT_EQ(gradient, 0.0f) << row;
          continue;
        }
        loss -= static_cast<double>(b.value[agent * critics * batch + row]) / b.divisor(agent);
        ASSERT_NEAR(gradient, -1.0 / b.divisor(agent), 0x1p-23 / b.divisor(agent));
      }
      EXPECT_NEAR(result.totals[agent].actor_loss_sum, loss, 1e-9);
      EXPECT_EQ(result.totals[agent].actor_updates, 1);
      EXPECT_EQ(result.totals[agent].non_finite_quantity, LossQuantity::none);
    }
  }
}

TEST(WeightedLosses, NoteWhatIsNotFiniteInARowThatCounts) {
  WeightedBatch b(33);
  ASSERT_TRUE(b.learns(1, 2));
  b.value[critics * 33 + 2] = nan;
  const LossResult critic = run_critic_loss(b), actor = run_actor_loss(b);
  EXPECT_EQ(critic.totals[0].non_finite_quantity, LossQuantity::none);
  EXPECT_EQ(critic.totals[1].non_finite_quantity, LossQuantity::critic_loss);
  EXPECT_EQ(actor.totals[0].non_finite_quantity, LossQuantity::none);
  EXPECT_EQ(actor.totals[1].non_finite_quantity, LossQuantity::actor_loss);
}

TEST(WeightedLosses, OfOnesAreThoseWithoutWeights) {
  constexpr int batch = 4097;
  const std::vector<float> values = random_values(weighted_agents * batch, 1);
  const DeviceBuffer<float> value(values), target(random_values(weighted_agents * batch, 2));
  const DeviceBuffer<float> gradients[] = {DeviceBuffer<float>(values.size()),
                                           DeviceBuffer<float>(values.size())};
  const DeviceBuffer<float> weight(std::vector<float>(values.size(), 1.0f));
  const DeviceBuffer<std::int32_t> weighted_rows(std::vector<std::int32_t>(weighted_agents, batch));
  const DeviceBuffer<std::int64_t> updates(std::vector<std::int64_t>{6});
  std::vector<UpdateTotals> results[2];
  for (const std::size_t weighted : {0u, 1u}) {
    const DeviceBuffer<UpdateTotals> totals{std::vector<UpdateTotals>(weighted_agents)};
    kernels::CriticLoss critic{
        weighted_agents, batch,         value.data(), target.data(), gradients[weighted].data(),
        updates.data(),  totals.data(), nullptr};
    kernels::ActorLoss actor{weighted_agents, batch, value.data(), updates.data(), totals.data()};
    if (weighted == 1) {
      critic.weight = actor.weight = weight.data();
      critic.weighted_rows = actor.weighted_rows = weighted_rows.data();
    }
    finish(kernels::launch_critic_loss(critic, nullptr));
    finish(kernels::launch_actor_loss(actor, nullptr));
    results[weighted] = totals.download();
  }
  EXPECT_TRUE(same_bits(gradients[0].download(), gradients[1].download()));
  for (std::size_t agent = 0; agent < weighted_agents; ++agent) {
    const UpdateTotals &without = results[0][agent], &with = results[1][agent];
    EXPECT_EQ(with.critic_loss_sum, without.critic_loss_sum);
    EXPECT_EQ(with.mean_q_sum, without.mean_q_sum);
    EXPECT_EQ(with.actor_loss_sum, without.actor_loss_sum);
    EXPECT_EQ(with.critic_gradient_norm_sum, without.critic_gradient_norm_sum);
    EXPECT_EQ(with.actor_gradient_norm_sum, without.actor_gradient_norm_sum);
    EXPECT_EQ(with.critic_updates, without.critic_updates);
    EXPECT_EQ(with.actor_updates, without.actor_updates);
    EXPECT_EQ(with.non_finite_update, without.non_finite_update);
    EXPECT_EQ(with.non_finite_quantity, without.non_finite_quantity);
  }
}

}  // namespace
}  // namespace polyak::test
