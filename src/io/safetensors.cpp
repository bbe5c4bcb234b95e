#include "io/safetensors.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

#include "io/parse_json.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

static_assert(std::endian::native == std::endian::little,
              "tensor values are copied as they are in memory");

constexpr std::uint64_t length_bytes = 8;
constexpr std::uint64_t largest_header = 1u << 20;
constexpr std::string_view metadata_key = "__metadata__";

/// The file being read, for its messages.
struct Reader {
  const std::string& name;
  std::string_view content;

  [[noreturn]] void refuse(const std::string& why) const { throw UsageError(name + ": " + why); }

  nlohmann::json header(std::uint64_t& values_begin) const {
    if (content.size() < length_bytes) refuse("truncated: too short for a safetensors file");
    std::uint64_t length = 0;
    std::memcpy(&length, content.data(), length_bytes);
    if (length > largest_header) refuse("not a safetensors file (its header would be too long)");
    if (length > content.size() - length_bytes) {
      refuse("truncated: the header has " + std::to_string(length) + " bytes, but only " +
             std::to_string(content.size() - length_bytes) + " follow");
    }
    values_begin = length_bytes + length;
    nlohmann::json header = parse_json(content.substr(length_bytes, length), name + ": its header");
    if (!header.is_object()) refuse("not a safetensors file, or corrupted: no JSON header");
    return header;
  }

  std::map<std::string, std::string> metadata(const nlohmann::json& header) const {
    std::map<std::string, std::string> result;
    const auto entry = header.find(metadata_key);
    if (entry == header.end()) return result;
    if (!entry->is_object()) refuse("corrupted: __metadata__ is not an object");
    for (const auto& [key, value] : entry->items()) {
      if (!value.is_string()) refuse("corrupted: metadata '" + key + "' is not a string");
      result.emplace(key, value.get<std::string>());
    }
    return result;
  }
};

/// Where one tensor's values are, in bytes from the end of the header.
struct TensorEntry {
  std::string name;
  std::vector<std::int64_t> shape;
  std::uint64_t begin, end;
};

bool is_count(const nlohmann::json& value) { return value.is_number_unsigned(); }

TensorEntry parse_entry(const Reader& reader, const std::string& name, const nlohmann::json& json) {
  const auto corrupted = [&](const std::string& why) {
    reader.refuse("corrupted: tensor '" + name + "' " + why);
  };
  if (!json.is_object() || !json.contains("dtype") || !json.contains("shape") ||
      !json.contains("data_offsets")) {
    corrupted("lacks dtype, shape or data_offsets");
  }
  if (json["dtype"] != "F32") {
    reader.refuse("is no policy: tensor '" + name + "' has dtype " + json["dtype"].dump() +
                  "; policies have F32 alone, checkpoints others, too");
  }
  const nlohmann::json& offsets = json["data_offsets"];
  const nlohmann::json& shape = json["shape"];
  if (!offsets.is_array() || offsets.size() != 2 ||
      !std::all_of(offsets.begin(), offsets.end(), is_count)) {
    corrupted("has no two data_offsets");
  }
  if (!shape.is_array() || !std::all_of(shape.begin(), shape.end(), is_count)) {
    corrupted("has a shape that is not a list of sizes");
  }
  TensorEntry entry{name, {}, offsets[0].get<std::uint64_t>(), offsets[1].get<std::uint64_t>()};
  std::uint64_t bytes = sizeof(float);
  for (const nlohmann::json& size : shape) {
    const auto dimension = size.get<std::uint64_t>();
    if (dimension > largest_safetensors || bytes * dimension > largest_safetensors)
      corrupted("is too large");
    bytes *= dimension;
    entry.shape.push_back(static_cast<std::int64_t>(dimension));
  }
  if (entry.end < entry.begin || entry.end - entry.begin != bytes) {
    corrupted("has data_offsets that do not fit its shape");
  }
  return entry;
}

Tensor read_values(const Reader& reader, const TensorEntry& entry, std::uint64_t values_begin) {
  Tensor tensor{entry.shape, std::vector<float>((entry.end - entry.begin) / sizeof(float))};
  std::memcpy(tensor.values.data(), reader.content.data() + values_begin + entry.begin,
              entry.end - entry.begin);
  if (!std::all_of(tensor.values.begin(), tensor.values.end(),
                   [](float value) { return std::isfinite(value); })) {
    reader.refuse("corrupted: tensor '" + entry.name + "' has a value that is not finite");
  }
  return tensor;
}

}  // namespace

Safetensors parse_safetensors(std::string_view bytes, const std::string& name) {
  const Reader reader{name, bytes};
  std::uint64_t values_begin = 0;
  const nlohmann::json header = reader.header(values_begin);
  std::vector<TensorEntry> entries;
  for (const auto& [tensor, json] : header.items()) {
    if (tensor != metadata_key) entries.push_back(parse_entry(reader, tensor, json));
  }
  std::sort(entries.begin(), entries.end(), [](const TensorEntry& a, const TensorEntry& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
  });
  Safetensors result{reader.metadata(header), {}};
  std::uint64_t position = 0;
  const std::uint64_t available = reader.content.size() - values_begin;
  for (const TensorEntry& entry : entries) {
    if (entry.begin != position) {
      reader.refuse("corrupted: the values of tensor '" + entry.name +
                    "' overlap others or leave a gap");
    }
    if (entry.end > available) {
      reader.refuse("truncated: the values of tensor '" + entry.name + "' go beyond the end");
    }
    result.tensors.emplace_back(entry.name, read_values(reader, entry, values_begin));
    position = entry.end;
  }
  if (position != available) reader.refuse("corrupted: there are values that no tensor names");
  return result;
}

std::string serialise_safetensors(const Safetensors& content) {
  // Not null: one that gets no memory to become an object could not be destroyed.
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  header[metadata_key] = content.metadata;
  std::string values;
  for (const auto& [name, tensor] : content.tensors) {
    const std::size_t begin = values.size();
    values.append(reinterpret_cast<const char*>(tensor.values.data()),
                  tensor.values.size() * sizeof(float));
    header[name] = {
        {"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {begin, values.size()}}};
  }
  std::string text = header.dump();
  text.resize((text.size() + length_bytes - 1) / length_bytes * length_bytes, ' ');
  const std::uint64_t length = text.size();
  std::string bytes(reinterpret_cast<const char*>(&length), length_bytes);
  return bytes + text + values;
}

}  // namespace polyak
