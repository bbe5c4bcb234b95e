// Tables of digests: read, written, and made into one digest.
#include <algorithm>
#include <string_view>

#include "io/sha256.hpp"
#include "io/text_value.hpp"
#include "polyak/core/error.hpp"
#include "trainer/signature/embedded_digests.hpp"
#include "trainer/signature/signature.hpp"

namespace polyak {
namespace {

std::string table_line(const std::string& name, const std::string& digest) {
  return name + " " + digest + "\n";
}

bool is_digest(std::string_view text) {
  return text.size() == digest_digits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// Of the trainings that ran; digest_in(signature) is empty where there is none.
template <class DigestIn>
std::optional<CombinedSignature> combine_all(std::span<const CaseSignature> signatures,
                                             const DigestIn& digest_in) {
  Sha256 digest;
  std::size_t trainings = 0;
  for (const CaseSignature& signature : signatures) {
    if (signature.digest.empty()) continue;
    const std::string own = digest_in(signature);
    if (own.empty()) return {};
    digest.add(table_line(signature.name, own));
    ++trainings;
  }
  return CombinedSignature{trainings, digest.hex().substr(0, digest_digits)};
}

}  // namespace

CombinedSignature combine(std::span<const CaseSignature> signatures) {
  return *combine_all(signatures, [](const CaseSignature& own) { return own.digest; });
}

std::optional<CombinedSignature> combine(std::span<const CaseSignature> signatures,
                                         const DigestTable& table) {
  return combine_all(signatures, [&table](const CaseSignature& own) {
    const auto entry = table.find(own.name);
    return entry == table.end() ? std::string() : entry->second;
  });
}

DigestTable parse_digest_table(std::string_view text, const std::string& name) {
  DigestTable table;
  std::size_t number = 0;
  for (const std::string& line : split_text(text, '\n')) {
    ++number;
    if (line.empty() || line.front() == '#') continue;
    const auto refuse = [&](const std::string& why) {
      throw UsageError(name + ": line " + std::to_string(number) + ": " + why);
    };
    const std::vector<std::string> words = split_text(line, ' ');
    if (words.size() != 2 || !is_digest(words[1])) {
      refuse("is not the name of a training and a digest of 16 digits 0-9a-f");
    }
    if (find_signature_case(words[0]) == nullptr) {
      refuse("'" + words[0] + "' is no training of this version's signature");
    }
    if (!table.emplace(words[0], words[1]).second) refuse("'" + words[0] + "' is there twice");
  }
  return table;
}

std::string digest_table_text(std::span<const CaseSignature> signatures) {
  std::string text =
      "# What the trainings of `polyak signature` must give, everywhere. Written by\n"
      "#   polyak signature --device cpu --write FILE\n";
  for (const CaseSignature& signature : signatures) {
    if (signature.digest.empty()) {
      throw UsageError("the training " + signature.name +
                       " did not run on this engine; write the table on the CPU");
    }
    text += table_line(signature.name, signature.digest);
  }
  return text;
}

const DigestTable& expected_digests() {
  static const DigestTable table = parse_digest_table(embedded_digests, "the program's own table");
  return table;
}

}  // namespace polyak
