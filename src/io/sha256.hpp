// SHA-256 (FIPS 180-4). Written here because it is all of a cryptographic library that the program
// needs: OpenSSL's libcrypto would be its only shared library besides the C++ runtime, and one more
// package for everybody who links the installed static library.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace polyak {

/// The digest of all bytes that were added, in order.
class Sha256 {
 public:
  Sha256& add(std::span<const std::byte> bytes);
  Sha256& add(std::string_view text);

  /// Of all that was added so far: 64 hexadecimal digits. More may be added afterwards.
  std::string hex() const;

 private:
  static constexpr std::size_t block_bytes = 64;

  // The first 32 bits of the fractional parts of the square roots of the first eight primes.
  std::array<std::uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::byte, block_bytes> rest_{};  // the first of a block that is not yet full
  std::uint64_t bytes_ = 0;                    // added so far
};

}  // namespace polyak
