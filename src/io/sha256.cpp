#include "io/sha256.hpp"

#include <algorithm>

#include "io/sha256_blocks.hpp"

namespace polyak {
Sha256& Sha256::add(std::span<const std::byte> bytes) {
  static const bool by_instructions = sha256::has_instructions();
  const auto add_blocks =
      by_instructions ? sha256::add_blocks_by_instructions : sha256::add_blocks_portably;
  const auto filled = static_cast<std::size_t>(bytes_ % block_bytes);
  bytes_ += bytes.size();
  if (filled > 0) {
    const std::size_t count = std::min(block_bytes - filled, bytes.size());
    std::copy_n(bytes.begin(), count, rest_.begin() + static_cast<std::ptrdiff_t>(filled));
    bytes = bytes.subspan(count);
    if (filled + count < block_bytes) return *this;
    add_blocks(state_, rest_.data(), 1);
  }
  const std::size_t blocks = bytes.size() / block_bytes;
  add_blocks(state_, bytes.data(), blocks);
  std::ranges::copy(bytes.subspan(blocks * block_bytes), rest_.begin());
  return *this;
}

Sha256& Sha256::add(std::string_view text) { return add(std::as_bytes(std::span(text))); }

std::string Sha256::hex() const {
  Sha256 padded = *this;
  // A one bit, zeros to 8 bytes before the end of a block, and the message's length in bits.
  std::array<std::byte, block_bytes + 8> padding{std::byte{0x80}};
  const auto filled = static_cast<std::size_t>(bytes_ % block_bytes);
  const std::size_t zeros_end = (2 * block_bytes - 8 - filled - 1) % block_bytes + 1;
  for (std::size_t i = 0; i < 8; ++i) {
    padding[zeros_end + i] = static_cast<std::byte>(bytes_ * 8 >> (56 - 8 * i) & 0xff);
  }
  padded.add(std::span(padding).first(zeros_end + 8));
  std::string text;
  for (const std::uint32_t word : padded.state_) {
    for (int shift = 28; shift >= 0; shift -= 4) text += "0123456789abcdef"[word >> shift & 0xf];
  }
  return text;
}

}  // namespace polyak
