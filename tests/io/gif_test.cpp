// GIFs, read back by a decoder of the tests' own.
#include "io/gif.hpp"

#include <gtest/gtest.h>

#include "io/gif_decoder.hpp"
#include "polyak/core/random.hpp"

namespace polyak {
namespace {

/// Random indices in runs of up to `longest`.
std::vector<std::uint8_t> sample_indices(std::size_t count, std::uint32_t colours,
                                         std::uint32_t longest = 5) {
  const PhiloxRandom random{5};
  std::vector<std::uint8_t> indices;
  for (std::uint32_t i = 0; indices.size() < count; ++i) {
    const RandomBits bits = random(i, 0, Purpose::evaluation_reset);
    indices.insert(indices.end(), 1 + bits.y % longest,
                   static_cast<std::uint8_t>(bits.x % colours));
  }
  indices.resize(count);
  return indices;
}

void expect_read_back(std::span<const std::uint8_t> indices) {
  EXPECT_EQ(test::decode_gif_lzw(gif_lzw(indices), 8),
            std::vector<std::uint8_t>(indices.begin(), indices.end()))
      << indices.size() << " indices";
}

TEST(Gif, LzwReadsBackFarBeyondAFullTable) {
  for (const std::uint32_t colours : {1u, 2u, 256u}) {
    const std::vector<std::uint8_t> all = sample_indices(30'000, colours);
    for (const std::size_t length : {0u, 1u, 2u, 3u, 1023u, 30'000u}) {
      expect_read_back(std::span(all).first(length));
    }
  }
}

TEST(Gif, LzwReadsBackWhereCodesGetLonger) {
  // Of noise almost every index is a code: of 10 bits from 255 codes on, 11 from 767, 12 from 1791,
  // and of a new table after 3838.
  const std::vector<std::uint8_t> noise = sample_indices(5'000, 256, 1);
  for (const std::size_t boundary : {255u, 767u, 1791u, 3838u}) {
    for (std::size_t length = boundary - 3; length < boundary + boundary / 50 + 10; ++length) {
      expect_read_back(std::span(noise).first(length));
    }
  }
}

TEST(Gif, LzwIsSmallWhereNothingChanges) {
  EXPECT_LT(gif_lzw(std::vector<std::uint8_t>(57'600, 255)).size(), 500u);
}

TEST(Gif, FramesAreSeenAsTheyWereGiven) {
  const std::vector<RgbColour> palette = {{255, 255, 255}, {1, 2, 3}, {200, 100, 0}};
  GifWriter writer(31, 7, palette, 5);
  std::vector<std::vector<std::uint8_t>> frames;
  std::vector<std::uint8_t> frame = sample_indices(31u * 7u, 3);
  for (std::size_t i = 0; i < 4; ++i) {
    frames.push_back(frame);
    writer.add(frame);
    for (std::size_t pixel = i; pixel < frame.size(); pixel += 9) {
      frame[pixel] = static_cast<std::uint8_t>(i % 3);
    }
  }
  const test::DecodedGif gif = test::decode_gif(writer.finish());
  EXPECT_EQ(gif.width, 31);
  EXPECT_EQ(gif.height, 7);
  EXPECT_EQ(gif.hundredths, std::vector<int>(4, 5));
  ASSERT_EQ(gif.frames.size(), frames.size());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    for (std::size_t pixel = 0; pixel < frames[i].size(); ++pixel) {
      ASSERT_EQ(gif.frames[i][pixel], palette[frames[i][pixel]]) << i << ' ' << pixel;
    }
  }
}

}  // namespace
}  // namespace polyak
