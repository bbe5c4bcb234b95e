#include "io/atomic_file.hpp"

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

TEST(AtomicFile, DevicesAndLinksAreNotReplaced) {
  const TemporaryDirectory directory;
  write_file_atomically("/dev/null", "content");
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
  write_text(directory / "target", "old");
  std::filesystem::create_symlink("target", directory / "link");
  write_file_atomically(directory / "link", "new");
  EXPECT_TRUE(std::filesystem::is_symlink(directory / "link"));
  EXPECT_EQ(read_text(directory / "target"), "new");
}

/// In a child process that can write no more than ten bytes to a file: exit code 0 if the write
/// failed as a RunError.
int write_with_little_space(const std::filesystem::path& path) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
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
