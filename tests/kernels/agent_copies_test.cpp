#include "kernels/agent_copies.hpp"

#include <cstdint>
#include <numeric>
#include <vector>

#include "kernels/kernel_test.hpp"

namespace polyak::test {
namespace {

using Pairs = std::vector<kernels::CopyAgents::Pair>;

/// Every word another number.
std::vector<std::uint32_t> numbered(std::size_t count) {
  std::vector<std::uint32_t> words(count);
  std::iota(words.begin(), words.end(), 1u);
  return words;
}

TEST(CopyAgentsKernel, CopiesThePairsAndNobodyElse) {
  constexpr std::size_t agents = 5;
  for (const std::size_t words : {1u, 31u, 33u, 255u, 4095u, 4096u, 4097u, 9001u}) {
    const std::vector<std::uint32_t> before = numbered(agents * words);
    const DeviceBuffer<std::uint32_t> array(before);
    const Pairs pairs = {{4, 0}, {4, 2}, {1, 3}};
    const DeviceBuffer<kernels::CopyAgents::Pair> device_pairs(pairs);
    finish(kernels::launch_copy_agents({.count = 3,
                                        .pairs = device_pairs.data(),
                                        .words = static_cast<std::int64_t>(words),
                                        .array = array.data()},
                                       nullptr));
    const std::vector<std::uint32_t> after = array.download();
    constexpr std::size_t source[agents] = {4, 1, 4, 1, 4};
    for (std::size_t i = 0; i < after.size(); ++i) {
      const std::size_t agent = i / words;
      ASSERT_EQ(after[i], before[source[agent] * words + i % words])
          << "word " << i % words << " of " << words << " of agent " << agent;
    }
  }
}

TEST(CopyAgentsKernel, HasNothingToDoWithoutPairsOrWords) {
  const DeviceBuffer<std::uint32_t> array(numbered(4));
  const DeviceBuffer<kernels::CopyAgents::Pair> pairs(Pairs{{0, 1}});
  finish(kernels::launch_copy_agents({0, pairs.data(), 2, array.data()}, nullptr));
  finish(kernels::launch_copy_agents({1, pairs.data(), 0, array.data()}, nullptr));
  EXPECT_EQ(array.download(), numbered(4));
}

}  // namespace
}  // namespace polyak::test
