// Animated GIF files, as the GIF89a specification (CompuServe, 1990) has them.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace polyak {

struct RgbColour {
  std::uint8_t red, green, blue;
  friend bool operator==(const RgbColour&, const RgbColour&) = default;
};

/// A GIF that goes round for ever, made frame by frame.
class GifWriter {
 public:
  /// The last entry of the palette is never shown: it stands for "as in the frame before".
  static constexpr std::size_t max_colours = 255;

  /// width, height: 1 to 65,535 pixels; palette: 1 to max_colours colours; hundredths: how long
  /// each frame stays, in hundredths of a second (browsers make less than 2 a 10).
  GifWriter(int width, int height, std::span<const RgbColour> palette, int hundredths);

  /// Adds a frame: indices into the palette [height, width].
  void add(std::span<const std::uint8_t> pixels);

  /// The file's content; nothing can be added afterwards.
  std::string finish();

 private:
  int width_, height_, hundredths_;
  std::vector<std::uint8_t> before_;  // the frame before, empty for the first
  std::string bytes_;
};

/// GIF's variant of LZW for indices of 8 bits, without the sub-blocks that a file cuts it into.
std::string gif_lzw(std::span<const std::uint8_t> indices);

}  // namespace polyak
