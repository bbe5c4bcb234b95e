#include "kernels/random_bits.hpp"

#include "kernels/kernel_test.hpp"

namespace polyak::test {
namespace {

TEST(RandomBitsKernel, EqualsTheCpusGeneratorBitForBit) {
  const std::vector<std::uint64_t> seeds = {0, 1, 0xffffffffffffffffu, 0x0123456789abcdefu};
  const DeviceBuffer<std::uint64_t> seed_buffer(seeds);
  const auto agents = static_cast<int>(seeds.size());
  for (const std::uint32_t indices : {0u, 1u, 33u, 1023u}) {
    for (const std::uint64_t step : {std::uint64_t{0}, std::uint64_t{7}, std::uint64_t{1} << 40}) {
      const DeviceBuffer<RandomBits> bits(seeds.size() * indices);
      finish(kernels::launch_random_bits(
          {agents, indices, step, Purpose::exploration_noise, 5, seed_buffer.data(), bits.data()},
          nullptr));
      std::vector<RandomBits> expected;
      for (const std::uint64_t seed : seeds) {
        for (std::uint32_t index = 0; index < indices; ++index) {
          expected.push_back(PhiloxRandom{seed}(index, step, Purpose::exploration_noise, 5));
        }
      }
      EXPECT_TRUE(same_bits(bits.download(), expected));
    }
  }
}

TEST(RandomBitsKernel, GivesThePublishedValues) {
  // The first known answer of Random123 (kat_vectors): philox4x32, 10 rounds, counter and key zero.
  const DeviceBuffer<std::uint64_t> seed(std::vector<std::uint64_t>{0});
  const DeviceBuffer<RandomBits> bits(1);
  finish(kernels::launch_random_bits(
      {1, 1, 0, static_cast<Purpose>(0), 0, seed.data(), bits.data()}, nullptr));
  const RandomBits value = bits.download()[0];
  EXPECT_EQ(value.x, 0x6627e8d5u);
  EXPECT_EQ(value.y, 0xe169c58du);
  EXPECT_EQ(value.z, 0xbc57ac4cu);
  EXPECT_EQ(value.w, 0x9b00dbd8u);
}

}  // namespace
}  // namespace polyak::test
