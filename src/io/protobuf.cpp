#include "io/protobuf.hpp"

#include <bit>

namespace polyak {
namespace {

// How a field's value is written.
constexpr int as_varint = 0, as_eight_bytes = 1, length_delimited = 2, as_four_bytes = 5;

}  // namespace

/// Seven bits in each byte, the lowest first; all but the last have their highest bit set.
void ProtobufMessage::add_varint(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
  bytes_ += static_cast<char>(value);
}

void ProtobufMessage::add_tag(int field, int type) {
  add_varint(static_cast<std::uint64_t>(field) << 3 | static_cast<std::uint64_t>(type));
}

void ProtobufMessage::add_little_endian(std::uint64_t bits, int count) {
  for (int i = 0; i < count; ++i) bytes_ += static_cast<char>(bits >> 8 * i);
}

ProtobufMessage& ProtobufMessage::add_integer(int field, std::int64_t value) {
  add_tag(field, as_varint);
  add_varint(static_cast<std::uint64_t>(value));
  return *this;
}

ProtobufMessage& ProtobufMessage::add_float(int field, float value) {
  add_tag(field, as_four_bytes);
  add_little_endian(std::bit_cast<std::uint32_t>(value), 4);
  return *this;
}

ProtobufMessage& ProtobufMessage::add_double(int field, double value) {
  add_tag(field, as_eight_bytes);
  add_little_endian(std::bit_cast<std::uint64_t>(value), 8);
  return *this;
}

ProtobufMessage& ProtobufMessage::add_bytes(int field, std::string_view bytes) {
  add_tag(field, length_delimited);
  add_varint(bytes.size());
  bytes_ += bytes;
  return *this;
}

}  // namespace polyak
