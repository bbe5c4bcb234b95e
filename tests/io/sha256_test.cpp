// SHA-256 against the examples that NIST publishes with FIPS 180-4.
#include "io/sha256.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "io/sha256_blocks.hpp"

namespace polyak {
namespace {

TEST(Sha256, IsThatOfThePublishedExamples) {
  EXPECT_EQ(Sha256().hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256().add("abc").hex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256().add("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq").hex(),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(Sha256()
                .add("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
                     "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu")
                .hex(),
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
  EXPECT_EQ(Sha256().add(std::string(1000000, 'a')).hex(),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// Of 55 'a's the padding fits the block, of 56 it takes one more.
TEST(Sha256, PadsEveryLength) {
  EXPECT_EQ(Sha256().add(std::string(55, 'a')).hex(),
            "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
  EXPECT_EQ(Sha256().add(std::string(56, 'a')).hex(),
            "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a");
  EXPECT_EQ(Sha256().add(std::string(64, 'a')).hex(),
            "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
}

TEST(Sha256, DoesNotDependOnHowTheBytesArrive) {
  const std::string text(200, 'x');
  const std::string whole = Sha256().add(text).hex();
  for (const std::size_t cut : {1, 63, 64, 65, 128, 199}) {
    Sha256 digest;
    digest.add(text.substr(0, cut));
    digest.hex();  // looking at it changes nothing
    EXPECT_EQ(digest.add(text.substr(cut)).hex(), whole) << cut;
  }
}

// Of a processor without the instructions nothing is to be seen here; the lanes for older ones do
// the examples above without them.
TEST(Sha256, TheProcessorsInstructionsGiveTheSame) {
  if (!sha256::has_instructions()) return;
  std::vector<std::byte> bytes(64 * 7);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * i + 7 * i);
  sha256::State portable = {1, 0x80000000, 3, 4, 0xfffffff0, 6, 7, 8}, fast = portable;
  for (const std::size_t blocks : {0, 1, 2, 4}) {
    sha256::add_blocks_portably(portable, bytes.data(), blocks);
    sha256::add_blocks_by_instructions(fast, bytes.data(), blocks);
    EXPECT_EQ(fast, portable) << blocks;
  }
}

/// The least of three times, in seconds.
template <class Function>
double seconds_of(const Function& function) {
  double least = 1e9;
  for (int i = 0; i < 3; ++i) {
    const auto start = std::chrono::steady_clock::now();
    function();
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
    least = std::min(least, passed.count());
  }
  return least;
}

// They are SSE's, which take up to two hundred times as long where code that was compiled for AVX
// leaves something in the upper halves of the vector registers, as GCC's without -O2 does unless it
// is told otherwise.
TEST(Sha256, TheProcessorsInstructionsAreNotSlow) {
  if (!sha256::has_instructions()) return;
  const std::vector<std::byte> bytes(std::size_t{64} << 13);
  const double portable = seconds_of([&] {
    sha256::State state{};
    sha256::add_blocks_portably(state, bytes.data(), bytes.size() / 64);
  });
  std::string digest;
  const double with_instructions = seconds_of([&] { digest += Sha256().add(bytes).hex(); });
  EXPECT_LT(with_instructions, 2.0 * portable);
}

}  // namespace
}  // namespace polyak
