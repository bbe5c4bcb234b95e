#include "io/read_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <thread>

#include "io/temporary_directory.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

using test::TemporaryDirectory;
using test::write_text;
using testing::HasSubstr;

std::string read_refusal(const std::filesystem::path& path, std::uint64_t max_bytes) {
  try {
    read_whole_file(path, max_bytes);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(ReadFile, ReadsEverythingUpToTheLimit) {
  const TemporaryDirectory directory;
  for (const std::size_t size : {0u, 1u, 65535u, 65536u, 65537u, 300000u}) {
    std::string content;
    for (std::size_t i = 0; i < size; ++i) content += static_cast<char>(i * 31 % 256);
    write_text(directory / "file", content);
    EXPECT_EQ(read_whole_file(directory / "file", size), content);
    EXPECT_EQ(read_whole_file(directory / "file", 1'000'000), content);
    if (size == 0) continue;
    EXPECT_THAT(read_refusal(directory / "file", size - 1), HasSubstr("more than"));
  }
}

TEST(ReadFile, SaysWhyItCannot) {
  const TemporaryDirectory directory;
  EXPECT_THAT(read_refusal(directory / "missing", 5), HasSubstr("missing: no such file"));
  EXPECT_THAT(read_refusal(directory.path(), 5), HasSubstr("is a directory"));
  write_text(directory / "file", "12345");
  EXPECT_THAT(read_refusal(directory.path() / "file" / "below", 5), HasSubstr("Not a directory"));
  EXPECT_THAT(read_refusal(std::string(5000, 'a'), 5), HasSubstr("File name too long"));
}

TEST(ReadFile, EndsWhereThereIsNoEnd) {
  EXPECT_THAT(read_refusal("/dev/zero", 1'000'000), HasSubstr("more than 1000000 bytes"));
}

TEST(ReadFile, ReadsAPipe) {
  const TemporaryDirectory directory;
  const std::filesystem::path pipe = directory / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&] { write_text(pipe, "through a pipe"); });
  EXPECT_EQ(read_whole_file(pipe, 100), "through a pipe");
  writer.join();
}

}  // namespace
}  // namespace polyak
