// Stores into other blocks' shared memory that are waited for by their bytes.
#include "kernels/transfer_barrier.hpp"

#include <gtest/gtest.h>

#include "backend/cuda/fused/fused_engine.hpp"
#include "kernels/kernel_test.hpp"

namespace polyak::test {
namespace {

std::vector<int> cluster_sizes() {
  if (cuda::fused_limits().cluster_blocks < 8) return {};
  return {1, 2, 5, 8};
}

class TransferBarrier : public testing::TestWithParam<int> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(
    TransferBarrier);  // devices without clusters have none
INSTANTIATE_TEST_SUITE_P(Blocks, TransferBarrier, testing::ValuesIn(cluster_sizes()),
                         testing::PrintToStringParamName());

TEST_P(TransferBarrier, BringsEveryBlockWhatAllHaveSent) {
  const int blocks = GetParam();
  constexpr int phases = 5;
  std::vector<float> expected;
  for (int phase = 0; phase < phases; ++phase) {
    for (int receiver = 0; receiver < blocks; ++receiver) {
      for (int sender = 0; sender < blocks; ++sender) {
        for (int i = 0; i < transferred_floats; ++i) {
          expected.push_back(transferred_value(phase, sender, receiver, i));
        }
      }
    }
  }
  const std::vector<float> received = same_bits_in_every_order([&] {
    const DeviceBuffer<float> buffer(expected.size());
    finish(launch_transfers(blocks, phases, buffer.data()));
    return buffer.download();
  });
  EXPECT_EQ(received, expected);
}

}  // namespace
}  // namespace polyak::test
