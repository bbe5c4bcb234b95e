// cuRAND's host generator, which needs no GPU, gives the bits of polyak/core/philox.hpp.
#include <curand.h>
#include <gtest/gtest.h>

#include <vector>

#include "polyak/core/philox.hpp"
#include "polyak/core/random.hpp"

namespace polyak {
namespace {

/// The host generator's Philox sequence as 32-bit words.
std::vector<unsigned> host_generator_words(unsigned long long seed, std::size_t count) {
  curandGenerator_t generator = nullptr;
  EXPECT_EQ(curandCreateGeneratorHost(&generator, CURAND_RNG_PSEUDO_PHILOX4_32_10),
            CURAND_STATUS_SUCCESS);
  EXPECT_EQ(curandSetPseudoRandomGeneratorSeed(generator, seed), CURAND_STATUS_SUCCESS);
  std::vector<unsigned> result(count);
  EXPECT_EQ(curandGenerate(generator, result.data(), count), CURAND_STATUS_SUCCESS);
  EXPECT_EQ(curandDestroyGenerator(generator), CURAND_STATUS_SUCCESS);
  return result;
}

// The host generator deals its blocks of four over 65536 subsequences in turn: quad q is block
// q / 65536 of subsequence q % 65536.
TEST(CurandHostGenerator, HasTheSameBits) {
  constexpr std::size_t subsequences = 65536;
  constexpr std::size_t count = 4 * (2 * subsequences + 1000);
  for (const unsigned long long seed : {1ull, 0xfedcba9876543210ull}) {
    const std::vector<unsigned> theirs = host_generator_words(seed, count);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t quad = i / 4;
      const RandomBits own =
          philox4x32_10({static_cast<std::uint32_t>(quad / subsequences), 0,
                         static_cast<std::uint32_t>(quad % subsequences), 0},
                        static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32));
      ASSERT_EQ(word_of(own, static_cast<int>(i % 4)), theirs[i]) << "word " << i;
    }
  }
}

}  // namespace
}  // namespace polyak
