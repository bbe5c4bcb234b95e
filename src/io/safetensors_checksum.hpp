// A safetensors file's checksum, in its metadata: SHA-256 of the whole file with zeros in the place
// of the checksum's own 64 hexadecimal digits. One flipped bit anywhere does not pass.
#pragma once

#include <string>
#include <string_view>

#include "io/safetensors.hpp"

namespace polyak {

inline constexpr std::string_view checksum_key = "checksum";

/// serialise_safetensors, with the checksum among the metadata.
std::string serialise_with_checksum(Safetensors content);

/// Holds the bytes of a whole file against the checksum that its metadata names; `name` is the
/// file's, for messages. UsageError if they differ.
void verify_checksum(std::string_view bytes, const std::string& checksum, const std::string& name);

}  // namespace polyak
