// Episodes of recurrent policies on the CPU: as loaded from a file, and of a training.
#include "support/recurrent_simulator.hpp"

#include <gtest/gtest.h>

#include "backend/cpu/cpu_backend.hpp"
#include "config/derived.hpp"

namespace polyak {
namespace {

std::unique_ptr<Simulator> simulator_for(const Config& config) {
  return make_cpu_simulator(
      {config.environment, environment_parameter_values(config), config.time_limit, /*threads=*/2});
}

class RecurrentCpuSimulator : public testing::TestWithParam<std::tuple<PolicyKind, bool>> {};
INSTANTIATE_TEST_SUITE_P(Cells, RecurrentCpuSimulator,
                         testing::Combine(testing::Values(PolicyKind::lstm, PolicyKind::gru),
                                          testing::Bool()));

TEST_P(RecurrentCpuSimulator, ActsAsThePolicyDoes) {
  const auto [kind, normalised] = GetParam();
  const Config config = test::two_recurrent_agents(kind);
  test::expect_acts_as_the_policy(*simulator_for(config),
                                  test::untrained_policy(config, 1, normalised), 7);
}

TEST(RecurrentCpuEvaluation, IsThatOfEveryAgentsPolicy) {
  const Config config = test::two_recurrent_agents(PolicyKind::lstm);
  const std::vector<float> starts = test::scattered_starts();
  std::vector<float> expected;
  for (int agent = 0; agent < 2; ++agent) {
    const std::vector<float> returns =
        simulator_for(config)->evaluate(test::untrained_policy(config, agent), starts);
    expected.insert(expected.end(), returns.begin(), returns.end());
  }
  EXPECT_EQ(make_cpu_backend(config)->evaluate(starts), expected);
}

}  // namespace
}  // namespace polyak
