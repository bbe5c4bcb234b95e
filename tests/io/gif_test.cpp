// GIFs, read back by a decoder of the tests' own.
#include "io/gif.hpp"

#include <gtest/gtest.h>

#include "io/gif_decoder.hpp"
#include "polyak/core/random.hpp"

namespace polyak {
namespace {

/// Indices in runs of a few, so that the table of codes grows at every pace.
std::vector<std::uint8_t> sample_indices(std::size_t count, std::uint32_t colours) {
  const PhiloxRandom random{5};
  std::vector<std::uint8_t> indices;
  for (std::uint32_t i = 0; indices.size() < count; ++i) {
    const RandomBits bits = random(i, 0, Purpose::evaluation_reset);
    indices.insert(indices.end(), 1 + bits.y % 5, static_cast<std::uint8_t>(bits.x % colours));
  }
  indices.resize(count);
  return indices;
}

TEST(Gif, LzwReadsBackAtEveryLength) {
  // To either side of where codes get 10, 11 and 12 bits, and far beyond a full table.
  for (const std::uint32_t colours : {1u, 2u, 256u}) {
    const std::vector<std::uint8_t> all = sample_indices(30'000, colours);
    std::vector<std::size_t> lengths = {0, 1, 2, 3, 1023, 30'000};
    for (std::size_t length = 240; length < 280; ++length) lengths.push_back(length);
    for (const std::size_t length : lengths) {
      const std::span<const std::uint8_t> some = std::span(all).first(length);
      EXPECT_EQ(test::decode_gif_lzw(gif_lzw(some), 8),
                std::vector<std::uint8_t>(some.begin(), some.end()))
          << length << " indices of " << colours << " colours";
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
