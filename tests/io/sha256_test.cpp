// SHA-256 against the examples that NIST publishes with FIPS 180-4.
#include "io/sha256.hpp"

#include <cpuid.h>
#include <gtest/gtest.h>
#include <immintrin.h>

#include <optional>
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

/// Whether something is in the upper halves of the vector registers (Intel's manual, volume 1,
/// section 13.6: XINUSE[2] and [6]); nothing where the processor does not tell.
std::optional<bool> upper_halves_in_use() {
  unsigned features = 0, others = 0, high = 0, low = 0;
  const bool knows_avx = __builtin_cpu_supports("avx");
  if (!knows_avx || __get_cpuid_count(13, 1, &features, &others, &others, &others) == 0) return {};
  if ((features >> 2 & 1) == 0) return {};  // XGETBV with ECX = 1
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(1));
  return (low & 0b0100'0100) != 0;
}

__attribute__((target("avx"))) void clear_upper_halves() { _mm256_zeroupper(); }

// What is left there makes SSE's instructions, as those for SHA-256 are, take up to two hundred
// times as long. GCC leaves it without -O2 unless it is told otherwise (cmake/CompileFlags.cmake).
TEST(Sha256, LeavesTheUpperHalvesOfTheVectorRegistersClear) {
  if (!upper_halves_in_use()) GTEST_SKIP() << "the processor does not tell";
  clear_upper_halves();
  if (*upper_halves_in_use()) GTEST_SKIP() << "the processor does not notice that they are clear";
  const std::string digest = Sha256().add("abc").hex();
  EXPECT_FALSE(*upper_halves_in_use());
}

}  // namespace
}  // namespace polyak
