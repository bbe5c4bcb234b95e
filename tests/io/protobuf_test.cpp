// The examples of the format's own description, and what it says of negative numbers.
#include "io/protobuf.hpp"

#include <gtest/gtest.h>

namespace polyak {
namespace {

using namespace std::string_literals;

TEST(Protobuf, WritesTheExamplesOfItsDescription) {
  EXPECT_EQ(ProtobufMessage().add_integer(1, 150).bytes(), "\x08\x96\x01");
  EXPECT_EQ(ProtobufMessage().add_bytes(2, "testing").bytes(), "\x12\x07testing");
  ProtobufMessage inner;
  inner.add_integer(1, 150);
  EXPECT_EQ(ProtobufMessage().add_message(3, inner).bytes(), "\x1a\x03\x08\x96\x01");
}

TEST(Protobuf, WritesEveryInteger) {
  EXPECT_EQ(ProtobufMessage().add_integer(1, 0).bytes(), "\x08\0"s);
  EXPECT_EQ(ProtobufMessage().add_integer(1, 127).bytes(), "\x08\x7f");
  EXPECT_EQ(ProtobufMessage().add_integer(1, 128).bytes(), "\x08\x80\x01");
  EXPECT_EQ(ProtobufMessage().add_integer(1, -1).bytes(), "\x08" + std::string(9, '\xff') + "\x01");
  EXPECT_EQ(ProtobufMessage().add_integer(20, 1).bytes(), "\xa0\x01\x01") << "a field beyond 15";
}

TEST(Protobuf, WritesFloatsAsTheirBytes) {
  EXPECT_EQ(ProtobufMessage().add_float(2, 1.0f).bytes(), "\x15\0\0\x80\x3f"s);
  EXPECT_EQ(ProtobufMessage().add_float(2, -2.0f).bytes(), "\x15\0\0\0\xc0"s);
}

TEST(Protobuf, WritesLongTexts) {
  const std::string text(300, 'a');
  EXPECT_EQ(ProtobufMessage().add_bytes(1, text).bytes(), "\x0a\xac\x02" + text);
}

}  // namespace
}  // namespace polyak
