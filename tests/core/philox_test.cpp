#include "polyak/core/philox.hpp"

#include <gtest/gtest.h>

#include <set>
#include <tuple>

namespace polyak {
namespace {

std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t> words(RandomBits bits) {
  return {bits.x, bits.y, bits.z, bits.w};
}

struct KnownAnswer {
  RandomBits counter;
  std::uint32_t key_low, key_high;
  RandomBits result;
};

// The three philox4x32-10 lines of tests/kat_vectors in Random123 (D. E. Shaw Research).
TEST(Philox, PublishedKnownAnswers) {
  constexpr std::uint32_t ones = 0xffffffffu;
  const KnownAnswer answers[] = {
      {{0, 0, 0, 0}, 0, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {{ones, ones, ones, ones}, ones, ones, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
       0xa4093822,
       0x299f31d0,
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}};
  for (const KnownAnswer& answer : answers) {
    EXPECT_EQ(words(philox4x32_10(answer.counter, answer.key_low, answer.key_high)),
              words(answer.result));
  }
}

TEST(Philox, CounterHoldsIndexStepPurposeAndDraw) {
  const RandomBits counter =
      random_counter(7, 0x1122334455667788u, Purpose::replay_sample, 0xabcdef);
  EXPECT_EQ(words(counter), std::tuple(7u, 0x55667788u, 0x11223344u, 0xabcdef05u));
}

TEST(Philox, NoTwoUsesShareACounter) {
  const Purpose purposes[] = {Purpose::parameter_initialisation,
                              Purpose::environment_reset,
                              Purpose::exploration_noise,
                              Purpose::warmup_action,
                              Purpose::replay_sample,
                              Purpose::evaluation_reset};
  std::set<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t>> seen;
  std::size_t uses = 0;
  for (const Purpose purpose : purposes) {
    for (const std::uint32_t index : {0u, 1u, 0xffffffffu}) {
      for (const std::uint64_t step : {0ull, 1ull, 0xffffffffull, 0x100000000ull}) {
        for (const std::uint32_t draw : {0u, 1u, 255u, 256u, 0xffffffu}) {
          seen.insert(words(random_counter(index, step, purpose, draw)));
          ++uses;
        }
      }
    }
  }
  EXPECT_EQ(seen.size(), uses);
}

TEST(Philox, AgentsKeyIsTheWholeSeed) {
  const std::uint64_t seed = 0x299f31d0a4093822u;
  const RandomBits direct =
      philox4x32_10(random_counter(3, 5, Purpose::warmup_action, 2), 0xa4093822u, 0x299f31d0u);
  EXPECT_EQ(words(PhiloxRandom{seed}(3, 5, Purpose::warmup_action, 2)), words(direct));
  EXPECT_NE(words(PhiloxRandom{seed}(3, 5, Purpose::warmup_action, 2)),
            words(PhiloxRandom{seed + (1ull << 32)}(3, 5, Purpose::warmup_action, 2)));
}

}  // namespace
}  // namespace polyak
