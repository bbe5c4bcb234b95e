// Messages of Protocol Buffers (https://protobuf.dev/programming-guides/encoding), as far as ONNX
// and TensorBoard need them: fields one after the other, each a number with its type and then its
// value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace polyak {

/// One message being written. `field`: its number in the message's definition.
class ProtobufMessage {
 public:
  ProtobufMessage& add_integer(int field, std::int64_t value);
  ProtobufMessage& add_float(int field, float value);
  ProtobufMessage& add_double(int field, double value);
  /// A text, any bytes, or the bytes of another message.
  ProtobufMessage& add_bytes(int field, std::string_view bytes);
  ProtobufMessage& add_message(int field, const ProtobufMessage& message) {
    return add_bytes(field, message.bytes());
  }

  const std::string& bytes() const { return bytes_; }

 private:
  void add_varint(std::uint64_t value);
  void add_little_endian(std::uint64_t bits, int count);
  void add_tag(int field, int type);

  std::string bytes_;
};

}  // namespace polyak
