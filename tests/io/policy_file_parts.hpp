// A policy file taken apart, changed and read again.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <string>

#include "io/policy_reader.hpp"
#include "io/temporary_directory.hpp"
#include "polyak/core/error.hpp"
#include "polyak/policy.hpp"

namespace polyak::test {

/// A file in its two parts, taken apart without the code under test. Without its checksum, which
/// would hide every other reason to refuse what is made of them: as programs wrote it before they
/// had one.
struct FileParts {
  nlohmann::json header;
  std::string values;

  explicit FileParts(const std::string& bytes) {
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), 8);
    header = nlohmann::json::parse(bytes.substr(8, length));
    header["__metadata__"].erase("checksum");
    values = bytes.substr(8 + length);
  }
  std::string bytes() const {
    const std::string text = header.dump();
    const std::uint64_t length = text.size();
    std::string result(8, '\0');
    std::memcpy(result.data(), &length, 8);
    return result + text + values;
  }
};

/// Takes the last value out of a tensor of one dimension; the other values follow each other still.
inline void shorten(FileParts& file, const std::string& name) {
  nlohmann::json& tensor = file.header[name];
  tensor["shape"] = {tensor["shape"][0].get<std::size_t>() - 1};
  const std::size_t end = tensor["data_offsets"][1];
  file.values.erase(end - 4, 4);
  for (auto& [other, entry] : file.header.items()) {
    if (other == "__metadata__") continue;
    for (nlohmann::json& offset : entry["data_offsets"]) {
      const std::size_t at = offset;
      if (at >= end) offset = at - 4;
    }
  }
}

inline std::string saved_bytes(const Policy& policy) {
  const TemporaryDirectory directory;
  policy.save(directory / "policy.safetensors");
  return read_text(directory / "policy.safetensors");
}

/// The message with which a file of these bytes is refused; empty if it is not.
inline std::string refusal(const std::string& bytes) {
  try {
    parse_policy(bytes, "p.safetensors");
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("p.safetensors"));
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    return error.what();
  }
  return "";
}

}  // namespace polyak::test
