// Files of named arrays that need not fit into memory: safetensors (safetensors.hpp says what that
// is) of floats, doubles, integers and bytes, written and read piece by piece, with a checksum.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "io/file_descriptor.hpp"
#include "io/sha256.hpp"

namespace polyak {

/// As safetensors names types: "F32", "F64", "I32", "I64", or "U8" for bytes.
template <class T>
constexpr std::string_view tensor_type() {
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double> ||
                std::is_same_v<T, std::int32_t> || std::is_same_v<T, std::int64_t> ||
                std::is_same_v<T, char>);
  if constexpr (std::is_same_v<T, char>) return "U8";
  if constexpr (std::is_floating_point_v<T>) return sizeof(T) == 4 ? "F32" : "F64";
  return sizeof(T) == 4 ? "I32" : "I64";
}

/// One array of a file, row-major.
struct TensorSpec {
  std::string name;
  std::string type;  // tensor_type()
  std::vector<std::int64_t> shape;

  std::int64_t count() const;  // of values
  std::int64_t bytes() const;
};

using FileMetadata = std::map<std::string, std::string>;

/// Writes such a file from its beginning to its end, holding a few megabytes of it.
class TensorFileWriter {
 public:
  /// `file` is open for writing and empty, `shown_as` its name in messages; both must outlive the
  /// writer. RunError if it cannot be written, here and below.
  TensorFileWriter(const FileDescriptor& file, const std::filesystem::path& shown_as,
                   const FileMetadata& metadata, std::span<const TensorSpec> tensors);

  /// The next values: of all tensors, in their order.
  template <class T>
  void append(std::span<const T> values) {
    append_bytes(std::as_bytes(values));
  }

  /// Puts the checksum into the header; the file's length in bytes. Does not sync.
  std::int64_t finish();

 private:
  void append_bytes(std::span<const std::byte> bytes);
  void flush();

  const FileDescriptor& file_;
  const std::filesystem::path& shown_as_;
  std::vector<std::byte> buffer_;  // not yet written
  Sha256 checksum_;
  std::int64_t checksum_at_ = 0;  // where it stands in the file
  std::int64_t written_ = 0;      // bytes, those in the buffer not counted
};

/// Reads such a file, any part of it at any time.
class TensorFileReader {
 public:
  /// Opens it and reads its header. UsageError in one line, here and below: no such file, not a
  /// safetensors file, truncated, other types, a header that does not fit what follows.
  explicit TensorFileReader(std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }
  const FileMetadata& metadata() const { return metadata_; }
  std::int64_t bytes() const { return bytes_; }

  /// Reads the whole file. UsageError unless every byte is as it was written.
  void verify() const;

  /// The tensor of this name; nullptr if there is none.
  const TensorSpec* find(std::string_view name) const;

  /// Reads values of a tensor from number `first` on. UsageError if there is no such tensor of this
  /// type, or if it has too few.
  template <class T>
  void read(std::string_view name, std::int64_t first, std::span<T> values) const {
    read_bytes(name, tensor_type<T>(), first * static_cast<std::int64_t>(sizeof(T)),
               std::as_writable_bytes(values));
  }

  [[noreturn]] void refuse(const std::string& why) const;

 private:
  struct Entry {
    TensorSpec spec;
    std::int64_t begin;  // bytes from the start of the file
  };

  std::string read_header();
  void read_entries(std::string_view header);
  void read_metadata(const nlohmann::json& json);
  Entry entry_of(const std::string& name, const nlohmann::json& json) const;
  void read_at(std::int64_t position, std::span<std::byte> bytes) const;
  void read_bytes(std::string_view name, std::string_view type, std::int64_t first,
                  std::span<std::byte> bytes) const;

  std::filesystem::path path_;
  FileDescriptor file_;
  std::int64_t bytes_ = 0, values_begin_ = 0;
  FileMetadata metadata_;
  std::vector<Entry> entries_;
};

}  // namespace polyak
