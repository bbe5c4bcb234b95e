#include "io/atomic_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "io/temporary_directory.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

using test::read_text;
using test::TemporaryDirectory;
using test::write_text;

TEST(AtomicFile, WritesAndReplaces) {
  const TemporaryDirectory directory;
  write_file_atomically(directory / "file", "first");
  write_file_atomically(directory / "file", "second, longer");
  EXPECT_EQ(read_text(directory / "file"), "second, longer");
  EXPECT_EQ(directory.listing(), std::vector<std::string>{"file"});
}

TEST(AtomicFile, FullDiskIsARunErrorWithTheReason) {
  try {
    write_file_atomically("/dev/full", "content");
    FAIL() << "writing to a full disk succeeded";
  } catch (const RunError& error) {
    EXPECT_NE(std::string(error.what()).find("/dev/full"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("No space left"), std::string::npos);
  }
}

TEST(AtomicFile, DevicesAreNotReplaced) {
  write_file_atomically("/dev/null", "content");
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST(AtomicFile, ALinkStaysAndTheFileThatItLeadsToIsReplaced) {
  const TemporaryDirectory directory;
  std::filesystem::create_directory(directory / "data");
  write_text(directory / "data/target", "old");
  std::filesystem::create_hard_link(directory / "data/target", directory / "data/same");
  std::filesystem::create_symlink("data/target", directory / "link");
  std::filesystem::create_symlink("link", directory / "longer");
  write_file_atomically(directory / "longer", "new");
  EXPECT_TRUE(std::filesystem::is_symlink(directory / "link"));
  EXPECT_EQ(read_text(directory / "data/target"), "new");
  EXPECT_EQ(read_text(directory / "data/same"), "old") << "written into, not replaced";
  std::filesystem::create_symlink("data/missing", directory / "dangling");
  write_file_atomically(directory / "dangling", "new");
  EXPECT_EQ(read_text(directory / "data/missing"), "new");
}

// Whoever has the file open, as a shell that redirects into it, must find the content in it.
TEST(AtomicFile, ADescriptorsFileIsWrittenInto) {
  const TemporaryDirectory directory;
  const int descriptor = ::open((directory / "file").c_str(), O_RDWR | O_CREAT, 0600);
  write_file_atomically("/dev/fd/" + std::to_string(descriptor), "content");
  char content[8] = {};
  EXPECT_EQ(::read(descriptor, content, sizeof content), 7);
  EXPECT_STREQ(content, "content");
  ::close(descriptor);
}

// As a shell's `>>` has it.
TEST(AtomicFile, WhatADescriptorsFileHasStays) {
  const TemporaryDirectory directory;
  write_text(directory / "file", "older, ");
  const int descriptor = ::open((directory / "file").c_str(), O_WRONLY | O_APPEND);
  write_file_atomically("/dev/fd/" + std::to_string(descriptor), "newer");
  EXPECT_EQ(read_text(directory / "file"), "older, newer");
  ::close(descriptor);
}

// Remains of a process that had the same number, or a link that somebody put there.
TEST(AtomicFile, ATemporaryNameThatIsTakenIsLeftAlone) {
  const TemporaryDirectory directory;
  write_text(directory / "precious", "precious");
  const std::string own = ".polyak-" + std::to_string(::getpid()) + "-";
  for (int number = 0; number < 500; ++number) {
    std::filesystem::create_symlink("precious",
                                    directory / (own + std::to_string(number) + ".tmp"));
  }
  write_file_atomically(directory / "file", "content");
  EXPECT_EQ(read_text(directory / "file"), "content");
  EXPECT_EQ(read_text(directory / "precious"), "precious");
  EXPECT_TRUE(
      std::filesystem::is_regular_file(std::filesystem::symlink_status(directory / "file")));
  EXPECT_TRUE(is_temporary_name(own + "7.tmp"));
  for (const char* const other :
       {".polyak-staging", ".polyak-1-2.tmp~", ".polyak-a.tmp", "x.tmp"}) {
    EXPECT_FALSE(is_temporary_name(other)) << other;
  }
}

/// In a child process that can write no more than ten bytes to a file: exit code 0 if the write
/// failed as a RunError.
int write_with_little_space(const std::filesystem::path& path) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);  // as the program does
    const rlimit limit{10, 10};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    try {
      write_file_atomically(path, "more than ten bytes");
    } catch (const RunError&) {
      ::_exit(0);
    }
    ::_exit(1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(AtomicFile, NothingIsLeftHalfWritten) {
  const TemporaryDirectory directory;
  EXPECT_EQ(write_with_little_space(directory / "new"), 0);
  EXPECT_TRUE(directory.listing().empty());
  write_text(directory / "old", "old content");
  EXPECT_EQ(write_with_little_space(directory / "old"), 0);
  EXPECT_EQ(directory.listing(), std::vector<std::string>{"old"});
  EXPECT_EQ(read_text(directory / "old"), "old content");
}

TEST(AtomicFile, MissingDirectoryIsARunError) {
  const TemporaryDirectory directory;
  EXPECT_THROW(write_file_atomically(directory / "no" / "file", "content"), RunError);
}

}  // namespace
}  // namespace polyak
