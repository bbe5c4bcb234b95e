#include "kernels/episode_totals.hpp"

#include "kernels/kernel_test.hpp"

namespace polyak::test {
namespace {

TEST(EpisodeTotalsKernel, SumsEachAgentsEnvironmentsAndClearsThem) {
  constexpr int agents = 3;
  for (const std::size_t environments : {0u, 1u, 31u, 33u, 1023u}) {
    const std::vector<float> returns = random_values(agents * environments, 1);
    std::vector<EpisodeTotals> totals(agents * environments);
    for (std::size_t i = 0; i < totals.size(); ++i) {
      const auto number = static_cast<std::int64_t>(i);
      totals[i] = {static_cast<double>(returns[i]), number, 200 * number, 0, 3 * number};
    }
    const DeviceBuffer<EpisodeTotals> environment_totals(totals), agent_totals(agents);
    finish(kernels::launch_gather_episode_totals({agents, static_cast<std::int64_t>(environments),
                                                  environment_totals.data(), agent_totals.data()},
                                                 nullptr));
    const std::vector<EpisodeTotals> result = agent_totals.download();
    for (std::size_t agent = 0; agent < agents; ++agent) {
      double return_sum = 0.0;
      std::int64_t episodes = 0;
      for (std::size_t i = agent * environments; i < (agent + 1) * environments; ++i) {
        return_sum += totals[i].return_sum;
        episodes += totals[i].episodes;
      }
      EXPECT_NEAR(result[agent].return_sum, return_sum, 1e-12);
      EXPECT_EQ(result[agent].episodes, episodes);
      EXPECT_EQ(result[agent].steps, 200 * episodes);
      EXPECT_EQ(result[agent].saturated_actions, 3 * episodes);
      EXPECT_EQ(result[agent].non_finite_step, 0);
    }
    for (const EpisodeTotals& cleared : environment_totals.download()) {
      EXPECT_EQ(cleared.return_sum, 0.0);
      EXPECT_EQ(cleared.episodes, 0);
      EXPECT_EQ(cleared.steps, 0);
      EXPECT_EQ(cleared.saturated_actions, 0);
      EXPECT_EQ(cleared.non_finite_step, 0);
    }
  }
}

TEST(EpisodeTotalsKernel, KeepsTheEarliestStepThatWasNotFinite) {
  constexpr std::size_t environments = 1023;
  std::vector<EpisodeTotals> totals(3 * environments);
  totals[environments + 1022].non_finite_step = std::int64_t{1} << 40;
  for (const std::size_t environment : {0u, 31u, 300u, 301u}) {
    totals[2 * environments + environment].non_finite_step =
        1000 - static_cast<std::int64_t>(environment);
  }
  // A thread that has the earliest comes to another, later one after it.
  totals[2 * environments + 301 + 256].non_finite_step = 900;
  const DeviceBuffer<EpisodeTotals> environment_totals(totals), agent_totals(3);
  finish(kernels::launch_gather_episode_totals(
      {3, environments, environment_totals.data(), agent_totals.data()}, nullptr));
  const std::vector<EpisodeTotals> result = agent_totals.download();
  EXPECT_EQ(result[0].non_finite_step, 0);
  EXPECT_EQ(result[1].non_finite_step, std::int64_t{1} << 40);
  EXPECT_EQ(result[2].non_finite_step, 699);
  for (const EpisodeTotals& cleared : environment_totals.download()) {
    ASSERT_EQ(cleared.non_finite_step, 0);
  }
}

TEST(EpisodeTotalsKernel, ThreadOrderDoesNotMatter) {
  const std::vector<float> returns = random_values(1023, 1);
  same_bits_in_every_order([&] {
    std::vector<EpisodeTotals> totals;
    for (const float value : returns) totals.push_back({static_cast<double>(value), 1, 1, 0, 1});
    const DeviceBuffer<EpisodeTotals> environment_totals(totals), agent_totals(1);
    finish(kernels::launch_gather_episode_totals(
        {1, 1023, environment_totals.data(), agent_totals.data()}, nullptr));
    const double sum = agent_totals.download()[0].return_sum;
    std::vector<float> bits(2);
    std::memcpy(bits.data(), &sum, sizeof(sum));
    return bits;
  });
}

}  // namespace
}  // namespace polyak::test
