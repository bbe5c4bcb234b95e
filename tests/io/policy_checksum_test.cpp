// A policy file that is not as it was written is refused, wherever it was changed.
#include <regex>

#include "io/policy_file_parts.hpp"
#include "io/policy_samples.hpp"
#include "io/sha256.hpp"

namespace polyak {
namespace {

using nlohmann::json;
using test::FileParts;
using test::refusal;
using test::saved_bytes;
using testing::HasSubstr;

std::string checksum_in(const std::string& bytes) {
  std::smatch match;
  const bool found = std::regex_search(bytes, match, std::regex("\"checksum\":\"([0-9a-f]{64})\""));
  return found ? match[1].str() : "none";
}

TEST(PolicyChecksum, IsOfTheWholeFileWithZerosInItsPlace) {
  std::string bytes = saved_bytes(test::sample_policy());
  const std::string checksum = checksum_in(bytes);
  ASSERT_EQ(checksum.size(), 64u) << "the file has no checksum";
  bytes.replace(bytes.find(checksum), checksum.size(), std::string(64, '0'));
  EXPECT_EQ(Sha256().add(bytes).hex(), checksum);
}

TEST(PolicyChecksum, EveryFlippedBitIsRefused) {
  std::string bytes = saved_bytes(test::normalising_policy());
  ASSERT_EQ(refusal(bytes), "");
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      bytes[at] = static_cast<char>(bytes[at] ^ 1 << bit);
      EXPECT_NE(refusal(bytes), "") << "bit " << bit << " of byte " << at << " was flipped";
      bytes[at] = static_cast<char>(bytes[at] ^ 1 << bit);
    }
  }
}

TEST(PolicyChecksum, SaysWhatIsWrong) {
  std::string bytes = saved_bytes(test::recurrent_policy(PolicyKind::lstm));
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  EXPECT_EQ(refusal(bytes),
            "p.safetensors: corrupted: it is not the file that its checksum was made of");
  const std::string whole = saved_bytes(test::sample_policy()), checksum = checksum_in(whole);
  for (const std::string& other : {std::string(64, '0'), checksum.substr(1), std::string()}) {
    std::string changed = whole;
    changed.replace(changed.find(checksum), checksum.size(), other);
    const std::size_t cut = checksum.size() - other.size();
    changed.insert(changed.find("}}"), std::string(cut, ' '));  // the header's length stays
    EXPECT_THAT(refusal(changed), HasSubstr("its checksum was made of")) << other;
  }
}

// Programs before there were checksums wrote such files.
TEST(PolicyChecksum, FilesWithoutOneAreStillRead) {
  FileParts parts(saved_bytes(test::normalising_policy()));
  ASSERT_FALSE(parts.header["__metadata__"].contains("checksum"));
  EXPECT_EQ(refusal(parts.bytes()), "");
  parts.header["__metadata__"]["training.anything"] = "1";
  EXPECT_EQ(refusal(parts.bytes()), "");
  parts.header["__metadata__"]["checksuo"] = std::string(64, 'a');
  EXPECT_THAT(refusal(parts.bytes()), HasSubstr("its metadata has 'checksuo'"));
}

TEST(PolicyChecksum, IsTheSameForTheSamePolicy) {
  EXPECT_EQ(saved_bytes(test::sample_policy()), saved_bytes(test::sample_policy()));
}

}  // namespace
}  // namespace polyak
