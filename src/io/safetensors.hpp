// The safetensors format: eight bytes with the length of a JSON header (little-endian), the header,
// the tensors' values (https://github.com/huggingface/safetensors, "Format"). Here with F32 only.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace polyak {

struct Tensor {
  std::vector<std::int64_t> shape;
  std::vector<float> values;  // row-major
};

struct Safetensors {
  std::map<std::string, std::string> metadata;
  std::vector<std::pair<std::string, Tensor>> tensors;  // in the order of their values
};

/// The largest policy has less than 20 MiB of values.
inline constexpr std::uint64_t largest_safetensors = std::uint64_t{64} << 20;

/// Reads and checks the bytes of a whole file, `name` for messages. UsageError in one line for
/// anything that is not such a file: truncated, a header that is no JSON or names something twice,
/// lengths or offsets that do not fit each other, other types, values not finite.
Safetensors parse_safetensors(std::string_view bytes, const std::string& name);

/// The bytes of such a file.
std::string serialise_safetensors(const Safetensors& content);

}  // namespace polyak
