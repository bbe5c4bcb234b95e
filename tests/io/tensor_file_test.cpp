#include "io/tensor_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "io/atomic_file.hpp"
#include "io/temporary_directory.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

using test::read_text;
using test::TemporaryDirectory;
using test::write_text;
using testing::HasSubstr;

std::vector<TensorSpec> specs(std::int64_t many) {
  return {{"floats", "F32", {2, 3}}, {"none", "F64", {0, 4}},        {"doubles", "F64", {1}},
          {"counts", "I64", {2}},    {"many", "I32", {3, many / 3}}, {"letters", "U8", {5}}};
}
constexpr std::int64_t longer_than_a_piece = 300'000;  // in which files are written

std::vector<std::int32_t> counted(std::int64_t count) {
  std::vector<std::int32_t> values(static_cast<std::size_t>(count));
  std::iota(values.begin(), values.end(), -5);
  return values;
}

std::int64_t write_sample(const std::filesystem::path& path, std::int64_t many) {
  std::int64_t bytes = 0;
  write_file_atomically(path, [&](const FileDescriptor& file) {
    TensorFileWriter writer(file, path, {{"who", "\"checksum\":\"me\""}, {"sha", "no"}},
                            specs(many));
    const std::vector<float> floats = {1, -2, 3e-30f, 4, 5, 6};
    const std::vector<double> doubles = {0.1};
    const std::vector<std::int64_t> counts = {std::int64_t{1} << 40, -1};
    const std::vector<std::int32_t> integers = counted(many);
    writer.append(std::span(floats).first(4));
    writer.append(std::span(floats).subspan(4));
    writer.append(std::span(doubles));
    writer.append(std::span(counts));
    writer.append(std::span(integers));
    writer.append(std::span(std::string_view("a\0\xff\"z", 5)));
    bytes = writer.finish();
  });
  return bytes;
}

/// What is wrong with a file, or nothing.
std::string fault_of(const std::filesystem::path& path) {
  try {
    TensorFileReader(path).verify();
    return {};
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), testing::StartsWith(path.string() + ": "));
    EXPECT_THAT(error.what(), testing::Not(HasSubstr("\n")));
    return error.what();
  }
}

TEST(TensorFile, GivesBackWhatWasWritten) {
  const TemporaryDirectory directory;
  const std::int64_t bytes = write_sample(directory / "file", longer_than_a_piece);
  EXPECT_EQ(bytes, static_cast<std::int64_t>(std::filesystem::file_size(directory / "file")));
  const TensorFileReader file(directory / "file");
  file.verify();
  EXPECT_EQ(file.metadata().at("who"), "\"checksum\":\"me\"");
  std::vector<float> floats(2);
  file.read("floats", 1, std::span(floats));
  EXPECT_EQ(floats, (std::vector<float>{-2, 3e-30f}));
  std::vector<double> doubles(1);
  file.read("doubles", 0, std::span(doubles));
  EXPECT_EQ(doubles[0], 0.1);
  std::vector<std::int64_t> counts(2);
  file.read("counts", 0, std::span(counts));
  EXPECT_EQ(counts, (std::vector<std::int64_t>{std::int64_t{1} << 40, -1}));
  std::vector<std::int32_t> integers(300'000);
  file.read("many", 0, std::span(integers));
  EXPECT_EQ(integers, counted(longer_than_a_piece));
  EXPECT_EQ(file.find("many")->shape, (std::vector<std::int64_t>{3, 100'000}));
  std::string letters(4, ' ');
  file.read("letters", 1, std::span(letters));
  EXPECT_EQ(letters, std::string("\0\xff\"z", 4));
  EXPECT_EQ(file.find("none")->count(), 0);
  EXPECT_EQ(file.find("nothing"), nullptr);
}

TEST(TensorFile, RefusesWhatIsNotThere) {
  const TemporaryDirectory directory;
  write_sample(directory / "file", 30);
  const TensorFileReader file(directory / "file");
  std::vector<double> doubles(2);
  EXPECT_THROW(file.read("doubles", 0, std::span(doubles)), UsageError);
  EXPECT_THROW(file.read("counts", 0, std::span(doubles)), UsageError);
  EXPECT_THROW(file.read("nothing", 0, std::span(doubles)), UsageError);
  EXPECT_THAT(fault_of(directory / "missing"), HasSubstr("no such file"));
  EXPECT_THAT(fault_of(directory.path()), HasSubstr("not a regular file"));
}

TEST(TensorFile, EveryDamagedByteIsFound) {
  const TemporaryDirectory directory;
  write_sample(directory / "file", 30);
  const std::string whole = read_text(directory / "file");
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 1 << i % 8);
    write_text(directory / "damaged", damaged);
    EXPECT_NE(fault_of(directory / "damaged"), "") << "byte " << i;
  }
  for (const std::size_t length :
       {std::size_t{0}, std::size_t{7}, std::size_t{8}, std::size_t{100}, whole.size() - 1}) {
    write_text(directory / "damaged", whole.substr(0, length));
    EXPECT_THAT(fault_of(directory / "damaged"), HasSubstr("truncated")) << length;
  }
  write_text(directory / "damaged", whole + "more");
  EXPECT_NE(fault_of(directory / "damaged"), "");
}

/// A file with this header and so many bytes of values.
std::string with_header(const std::string& header, std::size_t values) {
  const std::uint64_t length = header.size();
  return std::string(reinterpret_cast<const char*>(&length), 8) + header +
         std::string(values, '\0');
}

TEST(TensorFile, HeadersThatCannotBeAreRefused) {
  const TemporaryDirectory directory;
  for (const char* const header :
       {"[]", "{\"a\":1}", "{\"a\":{}}", "{\"__metadata__\":{\"a\":1}}",
        R"({"a":{"dtype":"F16","shape":[2],"data_offsets":[0,8]}})",
        R"({"a":{"dtype":"F64","shape":[2],"data_offsets":[0,8]}})",
        R"({"a":{"dtype":"F64","shape":[1],"data_offsets":[8,0]}})",
        R"({"a":{"dtype":"F64","shape":[1],"data_offsets":[0]}})",
        R"({"a":{"dtype":"F64","shape":1,"data_offsets":[0,8]}})",
        R"({"a":{"dtype":"F64","shape":[-1],"data_offsets":[0,8]}})",
        R"({"a":{"dtype":"F32","shape":[4294967296,4294967296,4],"data_offsets":[0,8]}})",
        R"({"a":{"dtype":"F64","shape":[1],"data_offsets":[1,9]}})",
        R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
        R"({"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}})"}) {
    write_text(directory / "file", with_header(header, 8));
    EXPECT_NE(fault_of(directory / "file"), "") << header;
  }
  write_text(directory / "file", std::string(8, '\x7f') + "{}");
  EXPECT_THAT(fault_of(directory / "file"), HasSubstr("too long"));
}

}  // namespace
}  // namespace polyak
