#include "io/gif.hpp"

#include <algorithm>

namespace polyak {
namespace {

constexpr std::uint8_t unchanged = GifWriter::max_colours;
constexpr int index_bits = 8;

void append_16(std::string& bytes, int value) {
  bytes += static_cast<char>(value & 0xff);
  bytes += static_cast<char>(value >> 8 & 0xff);
}

/// Codes of growing size, the lowest bit first.
class BitWriter {
 public:
  void write(unsigned code, int size) {
    pending_ |= code << used_;
    used_ += size;
    for (; used_ >= 8; used_ -= 8, pending_ >>= 8) bytes_ += static_cast<char>(pending_ & 0xff);
  }
  std::string finish() {
    if (used_ > 0) bytes_ += static_cast<char>(pending_ & 0xff);
    return std::move(bytes_);
  }

 private:
  std::string bytes_;
  unsigned pending_ = 0;
  int used_ = 0;
};

}  // namespace

std::string gif_lzw(std::span<const std::uint8_t> indices) {
  constexpr unsigned clear = 1u << index_bits, end = clear + 1, largest = 4095;
  constexpr std::uint16_t none = 0;
  // The code of (the text of a code, one index more).
  std::vector<std::uint16_t> longer((largest + 1) << index_bits, none);
  BitWriter bits;
  int size = index_bits + 1;
  unsigned newest = end;
  bits.write(clear, size);
  if (indices.empty()) {
    bits.write(end, size);
    return bits.finish();
  }
  unsigned text = indices.front();
  for (const std::uint8_t index : indices.subspan(1)) {
    std::uint16_t& code = longer[text << index_bits | index];
    if (code != none) {
      text = code;
      continue;
    }
    bits.write(text, size);
    text = index;
    if (newest == largest) {
      bits.write(clear, size);
      std::fill(longer.begin(), longer.end(), none);
      size = index_bits + 1;
      newest = end;
      continue;
    }
    code = static_cast<std::uint16_t>(++newest);
    if (newest == 1u << size && size < 12) ++size;
  }
  bits.write(text, size);
  // The reader, one code behind, has just taken a new one as well.
  if (newest + 1 == 1u << size && size < 12) ++size;
  bits.write(end, size);
  return bits.finish();
}

GifWriter::GifWriter(int width, int height, std::span<const RgbColour> palette, int hundredths)
    : width_(width), height_(height), hundredths_(hundredths), bytes_("GIF89a") {
  append_16(bytes_, width);
  append_16(bytes_, height);
  bytes_ += static_cast<char>(0x80 | 0x70 | (index_bits - 1));  // 256 colours for all frames
  bytes_ += std::string(2, '\0');                               // background, aspect ratio
  for (std::size_t i = 0; i <= max_colours; ++i) {
    const RgbColour colour = i < palette.size() ? palette[i] : RgbColour{0, 0, 0};
    for (const std::uint8_t part : {colour.red, colour.green, colour.blue}) {
      bytes_ += static_cast<char>(part);
    }
  }
  bytes_ += "\x21\xff\x0bNETSCAPE2.0\x03\x01";  // repeats...
  bytes_ += std::string(3, '\0');               // ...for ever
}

void GifWriter::add(std::span<const std::uint8_t> pixels) {
  std::vector<std::uint8_t> changes(pixels.begin(), pixels.end());
  for (std::size_t i = 0; i < before_.size(); ++i) {
    if (changes[i] == before_[i]) changes[i] = unchanged;
  }
  before_.assign(pixels.begin(), pixels.end());
  bytes_ += "\x21\xf9\x04\x05";  // the next frame goes over this one; one index is transparent
  append_16(bytes_, hundredths_);
  bytes_ += static_cast<char>(unchanged);
  bytes_ += '\0';
  bytes_ += '\x2c';
  for (const int value : {0, 0, width_, height_}) append_16(bytes_, value);
  bytes_ += '\0';
  bytes_ += static_cast<char>(index_bits);
  constexpr std::size_t block = 255;
  const std::string data = gif_lzw(changes);
  for (std::size_t begin = 0; begin < data.size(); begin += block) {
    const std::size_t length = std::min(block, data.size() - begin);
    bytes_ += static_cast<char>(length);
    bytes_.append(data, begin, length);
  }
  bytes_ += '\0';
}

std::string GifWriter::finish() {
  bytes_ += '\x3b';
  return std::move(bytes_);
}

}  // namespace polyak
