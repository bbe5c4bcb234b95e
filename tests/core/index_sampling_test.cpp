// Integers below a bound without bias, and transitions drawn with them.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "polyak/core/random.hpp"
#include "polyak/core/replay.hpp"
#include "support/statistics.hpp"

namespace polyak {
namespace {

__extension__ using uint128 = unsigned __int128;
constexpr std::uint64_t all_ones = ~std::uint64_t{0};

/// The smallest word that Lemire's product maps to `value` or more.
uint128 first_word(std::uint64_t value, std::uint64_t bound) {
  return ((uint128{value} << 64) + bound - 1) / bound;
}

/// How many words are accepted and mapped to `value`. Words that map to it are consecutive, and
/// only the first can be refused; the test looks at the ends and at the middle.
std::uint64_t accepted_words(std::uint64_t value, std::uint64_t bound) {
  const uint128 first = first_word(value, bound), end = first_word(value + 1, bound);
  std::uint64_t result = 0;
  const auto accepts = [&](uint128 word) {
    const bool accepted = unbiased_below(static_cast<std::uint64_t>(word), bound, result);
    EXPECT_EQ(result, value);
    return accepted;
  };
  for (const uint128 word : {first + 1, first + (end - first) / 2, end - 1}) {
    if (word > first && word < end) {
      EXPECT_TRUE(accepts(word));
    }
  }
  return static_cast<std::uint64_t>(end - first) - (accepts(first) ? 0 : 1);
}

TEST(UnbiasedBelow, EveryValueHasExactlyAsManyWords) {
  for (std::uint64_t bound = 2; bound <= 300; ++bound) {
    const auto share = static_cast<std::uint64_t>((uint128{1} << 64) / bound);
    for (std::uint64_t value = 0; value < bound; ++value) {
      ASSERT_EQ(accepted_words(value, bound), share) << value << " of " << bound;
    }
  }
}

TEST(UnbiasedBelow, LargeBoundsAtTheEndsAndBetween) {
  for (const std::uint64_t bound : {(1ull << 24) + 1, (1ull << 32) - 1, (1ull << 32) + 1,
                                    1'000'000'000'039ull, (1ull << 62) + 12345}) {
    const auto share = static_cast<std::uint64_t>((uint128{1} << 64) / bound);
    for (std::uint64_t i = 0; i < 1000; ++i) {
      ASSERT_EQ(accepted_words(i, bound), share);
      ASSERT_EQ(accepted_words(bound - 1 - i, bound), share);
      ASSERT_EQ(accepted_words(bound / 1000 * i, bound), share);
    }
  }
}

TEST(UnbiasedBelow, BoundOneIsAlwaysZero) {
  for (const std::uint64_t bits : {std::uint64_t{0}, std::uint64_t{1}, all_ones}) {
    std::uint64_t result = 99;
    EXPECT_TRUE(unbiased_below(bits, 1, result));
    EXPECT_EQ(result, 0u);
  }
}

/// Hands out given 64-bit words, two per draw.
struct GivenWords {
  std::vector<std::uint64_t> words;
  RandomBits operator()(std::uint32_t draw) const {
    const std::uint64_t a = words.at(2 * draw), b = words.at(2 * draw + 1);
    return {static_cast<std::uint32_t>(a >> 32), static_cast<std::uint32_t>(a),
            static_cast<std::uint32_t>(b >> 32), static_cast<std::uint32_t>(b)};
  }
};

TEST(SampleAccepted, GoesOnUntilAValueIsAccepted) {
  // With bound 3, word 0 is refused by the unbiasing: 2^64 mod 3 = 1.
  const GivenWords words{{0, all_ones, all_ones / 2, 1}};
  const auto any = [](std::uint64_t) { return true; };
  EXPECT_EQ(sample_accepted(3, words, any), 2u);
  EXPECT_EQ(sample_accepted(3, words, [](std::uint64_t value) { return value < 2; }), 1u);
  EXPECT_EQ(sample_accepted(3, words, [](std::uint64_t value) { return value == 0; }), 0u);
}

/// A replay of one environment that has held `transitions` transitions and no more.
class OneEnvironment {
 public:
  explicit OneEnvironment(std::int64_t transitions)
      : rows_(static_cast<std::size_t>(2 * std::max<std::int64_t>(3, transitions + 1)),
              static_cast<float>(static_cast<int>(RowKind::continuing))),
        written_(transitions + 1),
        view_{rows_.data(), &written_, 1, std::max<std::int64_t>(3, transitions + 1), {0, 0}} {}

  template <class Generate>
  std::int64_t draw(const Generate& generate) const {
    return sample_transition(view_, closed_rows(view_, 0), generate).number;
  }

 private:
  std::vector<float> rows_;
  std::int64_t written_;
  ReplayView view_;
};

class BufferSize : public testing::TestWithParam<std::int64_t> {
 protected:
  std::int64_t size() const { return GetParam(); }
};
INSTANTIATE_TEST_SUITE_P(Sizes, BufferSize,
                         testing::Values<std::int64_t>(1, 2, 3, 1000, (1 << 24) + 1),
                         testing::PrintToStringParamName());

TEST_P(BufferSize, NewestAndOldestAreDrawn) {
  const OneEnvironment replay(size());
  // The age rises with the word. Word 1 gives age 0 and, unlike word 0, is never refused.
  EXPECT_EQ(replay.draw(GivenWords{{1, 0}}), size() - 1) << "newest";
  EXPECT_EQ(replay.draw(GivenWords{{all_ones, 0}}), 0) << "oldest";
}

TEST_P(BufferSize, DrawsAreUniform) {
  const OneEnvironment replay(size());
  const PhiloxRandom random{99};
  const auto size_bins = std::min<std::int64_t>(size(), 1024);
  const std::uint32_t draws = 2'000'000;
  std::vector<std::int64_t> ranges(static_cast<std::size_t>(size_bins));
  std::vector<std::int64_t> remainders(
      static_cast<std::size_t>(std::min<std::int64_t>(size(), 64)));
  std::vector<double> range_weights(ranges.size()), remainder_weights(remainders.size());
  const auto range_of = [&](std::int64_t number) {
    return static_cast<std::size_t>(number * size_bins / size());
  };
  for (std::int64_t number = 0; number < size(); ++number) {
    ++range_weights[range_of(number)];
    ++remainder_weights[static_cast<std::size_t>(number) % remainders.size()];
  }
  for (std::uint32_t i = 0; i < draws; ++i) {
    const std::int64_t number = replay.draw(
        [&](std::uint32_t draw) { return random(i, 12, Purpose::replay_sample, draw); });
    ASSERT_GE(number, 0);
    ASSERT_LT(number, size());
    ++ranges[range_of(number)];
    ++remainders[static_cast<std::size_t>(number) % remainders.size()];
  }
  if (size() == 1) return;  // every draw was number 0, as asserted above
  EXPECT_GT(test::chi_squared_test(ranges, range_weights), 1e-3);
  // Remainders show generators of too few bits, which make some numbers rare.
  EXPECT_GT(test::chi_squared_test(remainders, remainder_weights), 1e-3);
}

}  // namespace
}  // namespace polyak
