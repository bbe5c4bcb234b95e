#include "kernels/td_target.hpp"

#include <algorithm>

#include "kernels/kernel_test.hpp"
#include "polyak/core/philox.hpp"
#include "polyak/core/random.hpp"

namespace polyak::test {
namespace {

constexpr int batches[] = {0, 1, 31, 33, 65, 100, 1023};
constexpr int td_target_agents = 3;

std::size_t td_target_rows(int batch) { return static_cast<std::size_t>(td_target_agents * batch); }

TEST(TdTargetKernel, BootstrapsWithTheDiscountOfEveryRow) {
  for (const int batch : batches) {
    const std::vector<float> rewards = random_values(td_target_rows(batch), 1);
    const std::vector<float> values = random_values(td_target_rows(batch), 2);
    std::vector<float> discounts(td_target_rows(batch));
    for (std::size_t i = 0; i < discounts.size(); ++i) {
      discounts[i] = i % 3 == 0 ? 0.0f : 0.9f / static_cast<float>(1 + i % 7);
    }
    const DeviceBuffer<float> reward(rewards), discount(discounts), next_value(values),
        target(td_target_rows(batch));
    finish(kernels::launch_td_target(
        {td_target_agents, batch, reward.data(), discount.data(), next_value.data(), target.data()},
        nullptr));
    const std::vector<float> result = target.download();
    for (std::size_t i = 0; i < result.size(); ++i) {
      const double bootstrap = static_cast<double>(discounts[i]) * static_cast<double>(values[i]);
      ASSERT_NEAR(result[i], static_cast<double>(rewards[i]) + bootstrap, 0x1p-22) << i;
    }
  }
}

TEST(TdTargetKernel, AnInfiniteValueAfterATerminationDoesNotMatter) {
  const float infinity = std::numeric_limits<float>::infinity();
  const DeviceBuffer<float> reward(std::vector<float>{1.5f, 1.5f});
  const DeviceBuffer<float> next_value(std::vector<float>{infinity, infinity});
  const DeviceBuffer<float> discount(std::vector<float>{0.0f, 0.5f}), target(2);
  finish(kernels::launch_td_target(
      {1, 2, reward.data(), discount.data(), next_value.data(), target.data()}, nullptr));
  EXPECT_EQ(target.download(), (std::vector<float>{1.5f, infinity}));
}

TEST(TdTargetKernel, TakesTheSmallestOfTheCriticsValues) {
  constexpr int batch = 133, critics = 2;
  const std::vector<float> rewards = random_values(td_target_rows(batch), 1);
  const std::vector<float> values = random_values(critics * td_target_rows(batch), 2);
  const DeviceBuffer<float> reward(rewards), next_value(values), target(td_target_rows(batch)),
      discount(std::vector<float>(td_target_rows(batch), 0.5f));
  finish(kernels::launch_td_target({td_target_agents, batch, reward.data(), discount.data(),
                                    next_value.data(), target.data(), critics},
                                   nullptr));
  const std::vector<float> result = target.download();
  for (std::size_t i = 0; i < result.size(); ++i) {
    const std::size_t agent = i / batch, row = i % batch;
    const float first = values[critics * agent * batch + row];
    const float second = values[(critics * agent + 1) * batch + row];
    ASSERT_NEAR(result[i], rewards[i] + 0.5f * std::min(first, second), 0x1p-22) << i;
  }
}

TEST(TdTargetKernel, AValueThatIsNoNumberIsNotHiddenByTheOtherCritic) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const DeviceBuffer<float> reward(std::vector<float>{0.0f, 0.0f});
  const DeviceBuffer<float> next_value(std::vector<float>{nan, 1.0f, 1.0f, nan});
  const DeviceBuffer<float> discount(std::vector<float>{0.5f, 0.5f}), target(2);
  finish(kernels::launch_td_target(
      {1, 2, reward.data(), discount.data(), next_value.data(), target.data(), 2}, nullptr));
  for (const float value : target.download()) EXPECT_TRUE(std::isnan(value));
}

TEST(TdTargetKernel, BootstrapsFromTheRowThatItIsGiven) {
  constexpr int critics = 2;
  for (const int batch : batches) {
    const std::vector<float> rewards = random_values(td_target_rows(batch), 1);
    const std::vector<float> values = random_values(critics * td_target_rows(batch), 2);
    std::vector<std::int32_t> from(td_target_rows(batch));
    for (std::size_t i = 0; i < from.size(); ++i) {  // other rows for every agent
      const auto size = static_cast<std::size_t>(batch);
      from[i] = static_cast<std::int32_t>((i * 7 + i / size * 5 + 3) % size);
    }
    const DeviceBuffer<std::int32_t> bootstrap_row(from);
    const DeviceBuffer<float> reward(rewards), next_value(values), target(td_target_rows(batch)),
        discount(std::vector<float>(td_target_rows(batch), 0.5f));
    finish(
        kernels::launch_td_target({td_target_agents, batch, reward.data(), discount.data(),
                                   next_value.data(), target.data(), critics, bootstrap_row.data()},
                                  nullptr));
    const std::vector<float> result = target.download();
    for (std::size_t i = 0; i < result.size(); ++i) {
      const auto size = static_cast<std::size_t>(batch);
      const float* const first = &values[critics * (i / size) * size];
      const auto row = static_cast<std::size_t>(from[i]);
      ASSERT_NEAR(result[i], rewards[i] + 0.5f * std::min(first[row], first[size + row]), 0x1p-22);
    }
  }
}

/// The target's actions of every agent, [agents, batch, size], after the kernel.
std::vector<float> smooth(int count, int batch, int size, const std::vector<float>& actions,
                          const std::vector<std::uint64_t>& seeds, const std::vector<float>& scales,
                          const std::vector<float>& clips) {
  const DeviceBuffer<std::uint64_t> seed(seeds);
  const DeviceBuffer<std::int64_t> updates(std::vector<std::int64_t>{77});
  const DeviceBuffer<float> scale(scales), clip(clips);
  const MatrixBuffer action(count, batch, size, 3, actions);
  finish(kernels::launch_smooth_actions(
      {count, batch, size, seed.data(), updates.data(), scale.data(), clip.data(), action.view()},
      nullptr));
  return action.values();
}

TEST(SmoothActionsKernel, AddsClippedNoiseOfItsOwnCounters) {
  const std::vector<std::uint64_t> seeds = {5, 6, 7};
  const std::vector<float> scales = {0.2f, 0.0f, 0.9f}, clips = {0.5f, 0.5f, 0.3f};
  for (const int size : {1, 5}) {
    for (const int batch : batches) {
      const auto per_agent = static_cast<std::size_t>(batch * size);
      const std::vector<float> actions = random_values(td_target_agents * per_agent, 1);
      const std::vector<float> result =
          smooth(td_target_agents, batch, size, actions, seeds, scales, clips);
      for (std::size_t i = 0; i < result.size(); ++i) {
        const std::size_t agent = i / per_agent;
        const auto row = static_cast<std::uint32_t>(i % per_agent) / static_cast<unsigned>(size);
        const auto dimension = static_cast<unsigned>(i % static_cast<std::size_t>(size));
        const RandomBits bits =
            PhiloxRandom{seeds[agent]}(row, 77, Purpose::target_noise, dimension / 4);
        const float noise = scales[agent] * normal_from_bits(bits, static_cast<int>(dimension % 4));
        const float expected =
            std::clamp(actions[i] + std::clamp(noise, -clips[agent], clips[agent]), -1.0f, 1.0f);
        ASSERT_NEAR(result[i], expected, 1e-6f) << i;
        if (scales[agent] == 0.0f) {
          ASSERT_EQ(result[i], actions[i]);
        }
      }
    }
  }
}

TEST(SmoothActionsKernel, AgentsDoNotDependOnEachOther) {
  const std::vector<float> actions = random_values(2 * 33, 1);
  const std::vector<float> together = smooth(2, 33, 1, actions, {5, 6}, {0.2f, 0.3f}, {0.5f, 0.4f});
  const std::vector<float> alone =
      smooth(1, 33, 1, {actions.begin() + 33, actions.end()}, {6}, {0.3f}, {0.4f});
  EXPECT_TRUE(same_bits(alone, {together.begin() + 33, together.end()}));
}

}  // namespace
}  // namespace polyak::test
