#include "io/tensor_file.hpp"

#include <fcntl.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "io/parse_json.hpp"
#include "io/safetensors_checksum.hpp"
#include "io/sha256.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

static_assert(std::endian::native == std::endian::little,
              "tensor values are copied as they are in memory");

constexpr std::int64_t prefix_bytes = 8;  // the header's length
constexpr std::int64_t longest_header = std::int64_t{32} << 20;
constexpr std::size_t piece_bytes = std::size_t{1} << 20;
constexpr std::string_view metadata_name = "__metadata__";
/// The checksum is that of the file with zeros in its place.
constexpr std::string_view checksum_mark = R"("checksum":")";
constexpr std::size_t checksum_digits = 64;

std::string header_text(const FileMetadata& metadata, std::span<const TensorSpec> tensors) {
  nlohmann::ordered_json entries = nlohmann::ordered_json::object();
  // First of all, so that its mark is the first in the text.
  entries[metadata_name][checksum_key] = std::string(checksum_digits, '0');
  for (const auto& [key, value] : metadata) entries[metadata_name][key] = value;
  std::int64_t position = 0;
  for (const TensorSpec& tensor : tensors) {
    const std::int64_t end = position + tensor.bytes();
    entries[tensor.name] = {
        {"dtype", tensor.type}, {"shape", tensor.shape}, {"data_offsets", {position, end}}};
    position = end;
  }
  std::string text = entries.dump();
  text.resize((text.size() + prefix_bytes - 1) / prefix_bytes * prefix_bytes, ' ');
  return text;
}

std::int64_t bytes_of_type(std::string_view type) {
  if (type == "U8") return 1;
  if (type == "F32" || type == "I32") return 4;
  return type == "F64" || type == "I64" ? 8 : 0;
}

/// The size that a shape stands for in bytes; nothing if it is none or is beyond 64 bits.
std::optional<std::int64_t> bytes_of_shape(const nlohmann::json& shape, std::int64_t value_bytes) {
  if (!shape.is_array()) return {};
  std::int64_t bytes = value_bytes;
  for (const nlohmann::json& size : shape) {
    if (!size.is_number_unsigned()) return {};
    const auto count = size.get<std::uint64_t>();
    if (count > std::uint64_t{1} << 48 ||
        __builtin_mul_overflow(bytes, static_cast<std::int64_t>(count), &bytes)) {
      return {};
    }
  }
  return bytes;
}

}  // namespace

std::int64_t TensorSpec::count() const {
  std::int64_t values = 1;
  for (const std::int64_t size : shape) values *= size;
  return values;
}

std::int64_t TensorSpec::bytes() const { return count() * bytes_of_type(type); }

TensorFileWriter::TensorFileWriter(const FileDescriptor& file,
                                   const std::filesystem::path& shown_as,
                                   const FileMetadata& metadata,
                                   std::span<const TensorSpec> tensors)
    : file_(file), shown_as_(shown_as) {
  buffer_.reserve(piece_bytes);
  const std::string header = header_text(metadata, tensors);
  checksum_at_ =
      prefix_bytes + static_cast<std::int64_t>(header.find(checksum_mark) + checksum_mark.size());
  const std::uint64_t length = header.size();
  append_bytes(std::as_bytes(std::span(&length, 1)));
  append_bytes(std::as_bytes(std::span(header)));
}

void TensorFileWriter::append_bytes(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const std::size_t some = std::min(bytes.size(), piece_bytes - buffer_.size());
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(some));
    bytes = bytes.subspan(some);
    if (buffer_.size() == piece_bytes) flush();
  }
}

void TensorFileWriter::flush() {
  checksum_.add(buffer_);
  if (!file_.write({reinterpret_cast<const char*>(buffer_.data()), buffer_.size()})) {
    fail_to_write(shown_as_);
  }
  written_ += static_cast<std::int64_t>(buffer_.size());
  buffer_.clear();
}

std::int64_t TensorFileWriter::finish() {
  flush();
  if (!file_.write_at(checksum_at_, checksum_.hex())) fail_to_write(shown_as_);
  return written_;
}

TensorFileReader::TensorFileReader(std::filesystem::path path) : path_(std::move(path)) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path_, error);
  if (!std::filesystem::exists(status)) refuse("no such file");
  if (!std::filesystem::is_regular_file(status)) refuse("is not a regular file");
  file_ = FileDescriptor(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file_.is_open()) refuse(std::string("cannot be opened (") + std::strerror(errno) + ")");
  bytes_ = file_.size();
  read_entries(read_header());
}

void TensorFileReader::refuse(const std::string& why) const {
  throw UsageError(path_.string() + ": " + why);
}

void TensorFileReader::read_at(std::int64_t position, std::span<std::byte> bytes) const {
  if (file_.read_at(position, {reinterpret_cast<char*>(bytes.data()), bytes.size()})) return;
  if (errno == 0) refuse("truncated while it was read");
  refuse(std::string("cannot be read (") + std::strerror(errno) + ")");
}

std::string TensorFileReader::read_header() {
  if (bytes_ < prefix_bytes) refuse("truncated: too short for a safetensors file");
  std::uint64_t length = 0;
  read_at(0, std::as_writable_bytes(std::span(&length, 1)));
  if (length > longest_header) refuse("not a safetensors file (its header would be too long)");
  if (static_cast<std::int64_t>(length) > bytes_ - prefix_bytes) {
    refuse("truncated: the header has " + std::to_string(length) + " bytes, but only " +
           std::to_string(bytes_ - prefix_bytes) + " follow");
  }
  values_begin_ = prefix_bytes + static_cast<std::int64_t>(length);
  std::string header(length, '\0');
  read_at(prefix_bytes, std::as_writable_bytes(std::span(header)));
  return header;
}

void TensorFileReader::read_metadata(const nlohmann::json& json) {
  for (const auto& [key, text] : json.items()) {
    if (!text.is_string()) refuse("damaged: metadata '" + key + "' is not a string");
    metadata_.emplace(key, text.get<std::string>());
  }
}

TensorFileReader::Entry TensorFileReader::entry_of(const std::string& name,
                                                   const nlohmann::json& json) const {
  const auto damaged = [&](const std::string& why) {
    refuse("damaged: tensor '" + name + "' " + why);
  };
  const nlohmann::json type = json.value("dtype", nlohmann::json());
  const nlohmann::json shape = json.value("shape", nlohmann::json());
  const nlohmann::json offsets = json.value("data_offsets", nlohmann::json());
  if (!type.is_string() || bytes_of_type(type.get<std::string>()) == 0) {
    damaged("is not of type F32, F64, I32, I64 or U8");
  }
  const auto size = bytes_of_shape(shape, bytes_of_type(type.get<std::string>()));
  if (!size || !offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
      !offsets[1].is_number_unsigned()) {
    damaged("has no shape or data_offsets that can be");
  }
  const auto begin = offsets[0].get<std::uint64_t>(), end = offsets[1].get<std::uint64_t>();
  if (end < begin || end - begin != static_cast<std::uint64_t>(*size)) {
    damaged("has data_offsets that do not fit its shape");
  }
  if (end > static_cast<std::uint64_t>(bytes_ - values_begin_)) {
    refuse("truncated: the values of tensor '" + name + "' go beyond the end");
  }
  return {{name, type.get<std::string>(), shape.get<std::vector<std::int64_t>>()},
          values_begin_ + static_cast<std::int64_t>(begin)};
}

void TensorFileReader::read_entries(std::string_view header) {
  const nlohmann::json json = parse_json(header, path_.string() + ": its header");
  if (!json.is_object()) refuse("not a safetensors file, or damaged: no JSON header");
  std::int64_t total = 0;
  for (const auto& [name, value] : json.items()) {
    if (!value.is_object()) refuse("damaged: '" + name + "' in its header is not an object");
    if (name == metadata_name) {
      read_metadata(value);
    } else {
      entries_.push_back(entry_of(name, value));
      total += entries_.back().spec.bytes();
    }
  }
  if (total != bytes_ - values_begin_) {
    refuse("damaged: its tensors overlap, or there are values of none");
  }
}

void TensorFileReader::verify() const {
  const auto expected = metadata_.find(std::string(checksum_key));
  if (expected == metadata_.end()) refuse("has no checksum");
  std::vector<std::byte> header(static_cast<std::size_t>(values_begin_));
  read_at(0, header);
  const std::string mark = std::string(checksum_mark) + expected->second + '"';
  const std::string_view text(reinterpret_cast<const char*>(header.data()), header.size());
  const std::size_t found = text.find(mark);
  const bool is_checksum = expected->second.size() == checksum_digits && found != text.npos;
  if (is_checksum) {
    std::fill_n(&header[found + checksum_mark.size()], checksum_digits, std::byte{'0'});
  }
  Sha256 checksum;
  checksum.add(header);
  std::vector<std::byte> piece(piece_bytes);
  for (std::int64_t position = values_begin_; position < bytes_;) {
    const std::span<std::byte> some =
        std::span(piece).first(std::min(piece.size(), static_cast<std::size_t>(bytes_ - position)));
    read_at(position, some);
    checksum.add(some);
    position += static_cast<std::int64_t>(some.size());
  }
  if (!is_checksum || checksum.hex() != expected->second) {
    refuse("damaged: its checksum is not that of what is in it");
  }
}

const TensorSpec* TensorFileReader::find(std::string_view name) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.spec.name == name; });
  return found == entries_.end() ? nullptr : &found->spec;
}

void TensorFileReader::read_bytes(std::string_view name, std::string_view type, std::int64_t first,
                                  std::span<std::byte> bytes) const {
  const auto entry = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& one) { return one.spec.name == name; });
  const std::string quoted = "'" + std::string(name) + "'";
  if (entry == entries_.end()) refuse("has no tensor " + quoted);
  if (entry->spec.type != type) refuse("its tensor " + quoted + " is not " + std::string(type));
  if (entry->spec.bytes() - first < static_cast<std::int64_t>(bytes.size())) {
    refuse("its tensor " + quoted + " has too few values");
  }
  read_at(entry->begin + first, bytes);
}

}  // namespace polyak
