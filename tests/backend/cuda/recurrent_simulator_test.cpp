// Rollouts and returns of recurrent policies on the GPU, as loaded from a file.
#include "support/recurrent_simulator.hpp"

#include <gtest/gtest.h>

#include "backend/cuda/cuda_backend.hpp"

namespace polyak {
namespace {

class RecurrentCudaSimulator : public testing::TestWithParam<std::tuple<PolicyKind, bool>> {};
INSTANTIATE_TEST_SUITE_P(Cells, RecurrentCudaSimulator,
                         testing::Combine(testing::Values(PolicyKind::lstm, PolicyKind::gru),
                                          testing::Bool()));

TEST_P(RecurrentCudaSimulator, ActsAsThePolicyDoes) {
  const auto [kind, normalised] = GetParam();
  const Config config = test::two_recurrent_agents(kind);
  const Policy policy = test::untrained_policy(config, 1, normalised);
  const auto gpu = make_cuda_simulator(
      {policy.environment, policy.environment_parameters, config.time_limit, /*threads=*/1});
  test::expect_acts_as_the_policy(*gpu, policy, 7);
}

}  // namespace
}  // namespace polyak
