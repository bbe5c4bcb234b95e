// The safetensors format: eight bytes with the length of a JSON header (little-endian), the header,
// the tensors' values (https://github.com/huggingface/safetensors, "Format"). Here with F32 only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
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

/// Reads and checks a whole file. UsageError in one line for anything that is not such a file:
/// truncated, lengths or offsets that do not fit each other, other types, values not finite.
Safetensors read_safetensors(const std::filesystem::path& path);

/// The bytes of such a file.
std::string serialise_safetensors(const Safetensors& content);

}  // namespace polyak
