// cuRAND's device code, compiled by the host compiler, gives the bits of polyak/core/philox.hpp.
#include <curand_kernel.h>
#include <gtest/gtest.h>

#include <tuple>

#include "polyak/core/philox.hpp"

namespace polyak {
namespace {

auto words(const RandomBits& bits) { return std::tuple(bits.x, bits.y, bits.z, bits.w); }
auto words(const uint4& bits) { return std::tuple(bits.x, bits.y, bits.z, bits.w); }

TEST(CurandDevice, BlockFunctionHasTheSameBits) {
  RandomBits counter{0, 0, 0, 0};
  std::uint32_t key_low = 0, key_high = 0;
  for (int i = 0; i < 100'000; ++i) {
    const RandomBits own = philox4x32_10(counter, key_low, key_high);
    const uint4 theirs = curand_Philox4x32_10(
        make_uint4(counter.x, counter.y, counter.z, counter.w), make_uint2(key_low, key_high));
    ASSERT_EQ(words(own), words(theirs)) << "input " << i;
    // Each result is the next input, so the inputs are spread over the whole range.
    key_low = counter.x ^ own.w;
    key_high = counter.y + own.z;
    counter = own;
  }
}

TEST(CurandDevice, AgentsDrawWithTheCounterOfTheContract) {
  for (const std::uint64_t seed : {0ull, 1ull, 0xfedcba9876543210ull}) {
    for (const std::uint64_t step : {0ull, 77ull, 0x123456789abull}) {
      const RandomBits own = PhiloxRandom{seed}(9, step, Purpose::replay_sample, 300);
      const uint4 theirs = curand_Philox4x32_10(
          make_uint4(9u, static_cast<unsigned>(step), static_cast<unsigned>(step >> 32),
                     5u + (300u << 8)),
          make_uint2(static_cast<unsigned>(seed), static_cast<unsigned>(seed >> 32)));
      EXPECT_EQ(words(own), words(theirs));
    }
  }
}

// curand_init puts the offset (in blocks of four) into the lower half of the counter, the
// subsequence into the upper half, and the seed into the key.
TEST(CurandDevice, GeneratorStateIsTheSameCounter) {
  for (const unsigned long long seed : {1ull, 0x123456789abcdefull}) {
    for (const unsigned long long subsequence : {0ull, 3ull, 0x100000001ull}) {
      curandStatePhilox4_32_10_t state;
      curand_init(seed, subsequence, 4 * 1000, &state);
      for (std::uint32_t block = 1000; block < 1050; ++block) {
        const RandomBits own =
            philox4x32_10({block, 0, static_cast<std::uint32_t>(subsequence),
                           static_cast<std::uint32_t>(subsequence >> 32)},
                          static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32));
        ASSERT_EQ(words(own), words(curand4(&state)));
      }
    }
  }
}

}  // namespace
}  // namespace polyak
