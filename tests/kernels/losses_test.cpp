#include "kernels/losses.hpp"

#include "kernels/kernel_test.hpp"
#include "polyak/metrics.hpp"

namespace polyak::test {
namespace {

using kernels::LossQuantity;
using kernels::UpdateTotals;

static_assert(static_cast<int>(LossQuantity::none) == static_cast<int>(Quantity::none));
static_assert(static_cast<int>(LossQuantity::critic_loss) ==
              static_cast<int>(Quantity::critic_loss));
static_assert(static_cast<int>(LossQuantity::actor_loss) == static_cast<int>(Quantity::actor_loss));

constexpr int loss_batches[] = {1, 31, 33, 100, 1023, 4096, 4097, 9000};  // several blocks, too
constexpr int loss_agents = 3;

std::size_t rows(int batch) { return static_cast<std::size_t>(loss_agents * batch); }

/// Totals after one loss, and the gradient that the critic's has.
struct LossResult {
  std::vector<UpdateTotals> totals;
  std::vector<float> gradient;
};

LossResult run_critic_loss(int batch, const std::vector<float>& value,
                           const std::vector<float>& target, std::int64_t update,
                           const std::vector<UpdateTotals>& before) {
  const DeviceBuffer<float> values(value), targets(target), gradient(value.size());
  const DeviceBuffer<std::int64_t> updates(std::vector<std::int64_t>{update}), count(1);
  const DeviceBuffer<UpdateTotals> totals(before);
  finish(kernels::launch_critic_loss(
      {static_cast<int>(before.size()), batch, values.data(), targets.data(), gradient.data(),
       updates.data(), totals.data(), count.data()},
      nullptr));
  EXPECT_EQ(count.download()[0], update + 1);
  return {totals.download(), gradient.download()};
}

TEST(CriticLossKernel, SeveralCriticsShareTheTargetAndAverageTheirLosses) {
  constexpr int critics = 2, agent_count = 3;
  for (const int batch : {1, 33, 4097}) {
    const auto size = static_cast<std::size_t>(batch);
    const std::vector<float> value = random_values(critics * agent_count * size, 1);
    const std::vector<float> target = random_values(agent_count * size, 2);
    const DeviceBuffer<float> values(value), targets(target), gradients(value.size());
    const DeviceBuffer<std::int64_t> updates(std::vector<std::int64_t>{4});
    const DeviceBuffer<UpdateTotals> totals{std::vector<UpdateTotals>(agent_count)};
    finish(kernels::launch_critic_loss(
        {agent_count, batch, values.data(), targets.data(), gradients.data(), updates.data(),
         totals.data(), nullptr, critics},
        nullptr));
    const std::vector<float> gradient = gradients.download();
    for (std::size_t agent = 0; agent < agent_count; ++agent) {
      double loss = 0.0;
      for (std::size_t i = 0; i < critics * size; ++i) {
        const std::size_t at = critics * agent * size + i;
        const double error =
            static_cast<double>(value[at]) - static_cast<double>(target[agent * size + i % size]);
        loss += error * error / batch / critics;
        ASSERT_NEAR(gradient[at], 2.0 * error / batch, 1e-6) << at;
      }
      const UpdateTotals total = totals.download()[agent];
      EXPECT_NEAR(total.critic_loss_sum, loss, 1e-6);
      EXPECT_EQ(total.critic_updates, 1);
    }
  }
}

LossResult run_actor_loss(int batch, const std::vector<float>& value, std::int64_t update,
                          const std::vector<UpdateTotals>& before) {
  const DeviceBuffer<float> values(value);
  const DeviceBuffer<std::int64_t> updates(std::vector<std::int64_t>{update});
  const DeviceBuffer<UpdateTotals> totals(before);
  finish(kernels::launch_actor_loss(
      {static_cast<int>(before.size()), batch, values.data(), updates.data(), totals.data()},
      nullptr));
  return {totals.download(), {}};
}

TEST(CriticLossKernel, MatchesDoublePrecision) {
  for (const int batch : loss_batches) {
    const std::vector<float> value = random_values(rows(batch), 1);
    const std::vector<float> target = random_values(rows(batch), 2);
    std::vector<UpdateTotals> before(loss_agents);
    before[1].critic_loss_sum = 10.0;
    before[1].critic_updates = 4;
    const LossResult result = run_critic_loss(batch, value, target, 6, before);
    for (int agent = 0; agent < loss_agents; ++agent) {
      double sum = 0.0;
      for (int row = 0; row < batch; ++row) {
        const auto at = static_cast<std::size_t>(agent * batch + row);
        const double error = static_cast<double>(value[at]) - static_cast<double>(target[at]);
        sum += error * error;
        ASSERT_NEAR(result.gradient[at], 2.0 * error / batch, 0x1p-21 / batch);
      }
      const UpdateTotals& totals = result.totals[static_cast<std::size_t>(agent)];
      EXPECT_NEAR(totals.critic_loss_sum, sum / batch + (agent == 1 ? 10.0 : 0.0), 1e-6);
      EXPECT_EQ(totals.critic_updates, agent == 1 ? 5 : 1);
      EXPECT_EQ(totals.actor_updates, 0);
      EXPECT_EQ(totals.non_finite_quantity, LossQuantity::none);
    }
  }
}

TEST(ActorLossKernel, MatchesDoublePrecision) {
  for (const int batch : loss_batches) {
    const std::vector<float> value = random_values(rows(batch), 1);
    const LossResult result =
        run_actor_loss(batch, value, 0, std::vector<UpdateTotals>(loss_agents));
    for (int agent = 0; agent < loss_agents; ++agent) {
      double sum = 0.0;
      for (int row = 0; row < batch; ++row) {
        const auto at = static_cast<std::size_t>(agent * batch + row);
        sum -= value[at];
      }
      const UpdateTotals& totals = result.totals[static_cast<std::size_t>(agent)];
      EXPECT_NEAR(totals.actor_loss_sum, sum / batch, 1e-12);
      EXPECT_EQ(totals.actor_updates, 1);
      EXPECT_EQ(totals.critic_updates, 0);
      EXPECT_EQ(totals.non_finite_quantity, LossQuantity::none);
    }
  }
}

TEST(LossKernels, NoteTheFirstLossThatIsNotFinite) {
  constexpr int batch = 33;
  const std::vector<float> target = random_values(rows(batch), 1);
  std::vector<float> value = random_values(rows(batch), 2);
  value[batch + 32] = std::numeric_limits<float>::quiet_NaN();  // agent 1
  value[2 * batch] = -std::numeric_limits<float>::infinity();   // agent 2
  const std::vector<UpdateTotals> zeros(loss_agents);
  const LossResult critic = run_critic_loss(batch, value, target, 6, zeros);
  EXPECT_EQ(critic.totals[0].non_finite_quantity, LossQuantity::none);
  for (const std::size_t agent : {1u, 2u}) {
    EXPECT_EQ(critic.totals[agent].non_finite_quantity, LossQuantity::critic_loss);
    EXPECT_EQ(critic.totals[agent].non_finite_update, 7);
  }
  // What comes later does not replace the first.
  const LossResult later = run_actor_loss(batch, value, 8, critic.totals);
  EXPECT_EQ(later.totals[0].non_finite_quantity, LossQuantity::none);
  EXPECT_EQ(later.totals[1].non_finite_quantity, LossQuantity::critic_loss);
  EXPECT_EQ(later.totals[1].non_finite_update, 7);
  const LossResult actor = run_actor_loss(batch, value, 8, zeros);
  EXPECT_EQ(actor.totals[2].non_finite_quantity, LossQuantity::actor_loss);
  EXPECT_EQ(actor.totals[2].non_finite_update, 9);
}

TEST(LossKernels, NeitherOtherAgentsNorTheOrderOfThreadsMatter) {
  constexpr int batch = 9000;
  const std::vector<float> target = random_values(rows(batch), 1);
  const std::vector<float> value = random_values(rows(batch), 2);
  const auto loss_bits = [](const LossResult& result, std::size_t agent) {
    std::vector<float> bits(2);
    std::memcpy(bits.data(), &result.totals[agent].critic_loss_sum, sizeof(double));
    return bits;
  };
  const std::vector<float> together = same_bits_in_every_order([&] {
    return loss_bits(
        run_critic_loss(batch, value, target, 0, std::vector<UpdateTotals>(loss_agents)), 2);
  });
  const std::vector<float> own_value(value.end() - batch, value.end());
  const std::vector<float> own_target(target.end() - batch, target.end());
  EXPECT_TRUE(same_bits(
      loss_bits(run_critic_loss(batch, own_value, own_target, 0, std::vector<UpdateTotals>(1)), 0),
      together));
}

}  // namespace
}  // namespace polyak::test
