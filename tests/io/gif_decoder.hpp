// Reads the GIFs that GifWriter writes, by the specification and not by the writer.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "io/gif.hpp"

namespace polyak::test {

struct DecodedGif {
  int width = 0, height = 0;
  std::vector<int> hundredths;                 // [frames]
  std::vector<std::vector<RgbColour>> frames;  // [frames, height * width], as they are seen
};

/// The indices that a stream of GIF's LZW stands for.
inline std::vector<std::uint8_t> decode_gif_lzw(const std::string& data, int index_bits) {
  const unsigned clear = 1u << index_bits, end = clear + 1;
  std::vector<std::vector<std::uint8_t>> table;
  std::vector<std::uint8_t> result;
  const auto reset = [&] {
    table.assign(end + 1, {});
    for (unsigned i = 0; i < clear; ++i) table[i] = {static_cast<std::uint8_t>(i)};
  };
  reset();
  std::size_t bit = 0;
  int size = index_bits + 1;
  std::vector<std::uint8_t> before;
  for (;;) {
    unsigned code = 0;
    for (int i = 0; i < size; ++i, ++bit) {
      code |= (static_cast<unsigned>(data.at(bit / 8)) >> (bit % 8) & 1u) << i;
    }
    if (code == end) return result;
    if (code == clear) {
      reset();
      size = index_bits + 1;
      before.clear();
      continue;
    }
    if (code > table.size()) throw std::runtime_error("a code that nobody has defined");
    std::vector<std::uint8_t> text = code < table.size() ? table[code] : before;
    if (code == table.size()) text.push_back(before.at(0));
    if (!before.empty() && table.size() < 4096) {
      before.push_back(text[0]);
      table.push_back(before);
      if (table.size() == 1u << size && size < 12) ++size;
    }
    result.insert(result.end(), text.begin(), text.end());
    before = text;
  }
}

inline DecodedGif decode_gif(const std::string& bytes) {
  std::size_t at = 0;
  const auto byte = [&] { return static_cast<std::uint8_t>(bytes.at(at++)); };
  const auto two = [&] {
    const int low = byte();
    return low | byte() << 8;
  };
  const auto sub_blocks = [&] {
    std::string data;
    while (const std::size_t length = byte()) {
      data += bytes.substr(at, length);
      at += length;
    }
    return data;
  };
  if (bytes.substr(0, 6) != "GIF89a") throw std::runtime_error("no GIF");
  at = 6;
  DecodedGif gif;
  gif.width = two();
  gif.height = two();
  const int flags = byte();
  at += 2;
  std::vector<RgbColour> palette;
  for (int i = 0; i < 2 << (flags & 7); ++i) {
    const std::uint8_t red = byte(), green = byte();
    palette.push_back({red, green, byte()});
  }
  std::vector<RgbColour> seen(static_cast<std::size_t>(gif.width * gif.height));
  int transparent = -1;
  for (;;) {
    const int kind = byte();
    if (kind == 0x3b) break;
    if (kind == 0x21) {
      const int label = byte();
      const std::string data = sub_blocks();
      if (label != 0xf9) continue;
      gif.hundredths.push_back(static_cast<std::uint8_t>(data.at(1)) |
                               static_cast<std::uint8_t>(data.at(2)) << 8);
      transparent = (data.at(0) & 1) != 0 ? static_cast<std::uint8_t>(data.at(3)) : -1;
      continue;
    }
    if (kind != 0x2c) throw std::runtime_error("an unknown block");
    at += 9;
    const int index_bits = byte();
    const std::vector<std::uint8_t> indices = decode_gif_lzw(sub_blocks(), index_bits);
    if (indices.size() != seen.size()) throw std::runtime_error("a frame of another size");
    for (std::size_t i = 0; i < seen.size(); ++i) {
      if (indices[i] != transparent) seen[i] = palette.at(indices[i]);
    }
    gif.frames.push_back(seen);
  }
  if (at != bytes.size()) throw std::runtime_error("more bytes than a GIF has");
  return gif;
}

}  // namespace polyak::test
