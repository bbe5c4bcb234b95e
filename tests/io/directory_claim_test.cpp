#include "io/directory_claim.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <set>
#include <thread>

#include "io/temporary_directory.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

using test::TemporaryDirectory;
namespace fs = std::filesystem;

TEST(DirectoryClaim, CreatesWhatIsMissingAndRemovesItIfItStaysEmpty) {
  const TemporaryDirectory directory;
  fs::create_directory(directory / "there");
  {
    const DirectoryClaim claim = DirectoryClaim::named(directory / "there/a/b");
    EXPECT_TRUE(fs::is_directory(directory / "there/a/b"));
    EXPECT_EQ(claim.path(), directory / "there/a/b");
  }
  EXPECT_EQ(directory.listing(), std::vector<std::string>{"there"});
  DirectoryClaim::named(directory / "there");
  EXPECT_EQ(directory.listing(), std::vector<std::string>{"there"}) << "it was there before";
  {
    const DirectoryClaim claim = DirectoryClaim::named(directory / "kept/run/");
    test::write_text(directory / "kept/run/file", "");
  }
  EXPECT_TRUE(fs::exists(directory / "kept/run/file"));
}

TEST(DirectoryClaim, IsHeldByOneAtATime) {
  const TemporaryDirectory directory;
  fs::create_directory_symlink(directory.path(), directory / "link");
  {
    const DirectoryClaim claim = DirectoryClaim::named(directory.path());
    EXPECT_THROW(DirectoryClaim::named(directory.path()), UsageError);
    EXPECT_THROW(DirectoryClaim::named(directory / "link"), UsageError) << "the same directory";
  }
  DirectoryClaim::named(directory.path());
}

TEST(DirectoryClaim, OthersSeeThatItIsHeld) {
  const TemporaryDirectory directory;
  EXPECT_FALSE(is_claimed(directory.path()));
  {
    const DirectoryClaim claim = DirectoryClaim::named(directory.path());
    EXPECT_TRUE(is_claimed(directory.path()));
  }
  EXPECT_FALSE(is_claimed(directory.path()));
  EXPECT_FALSE(is_claimed(directory / "none"));
}

// Each look holds the lock for an instant.
TEST(DirectoryClaim, LooksDoNotKeepATrainingFromItsDirectory) {
  const TemporaryDirectory directory;
  std::atomic<bool> done = false;
  std::thread looker([&] {
    while (!done) is_claimed(directory.path());
  });
  for (int i = 0; i < 300; ++i) EXPECT_NO_THROW(DirectoryClaim::named(directory.path()));
  done = true;
  looker.join();
}

TEST(DirectoryClaim, NumbersCountOnOverWhateverIsThere) {
  const TemporaryDirectory directory;
  test::write_text(directory / "run-2", "");
  const DirectoryClaim first = DirectoryClaim::numbered(directory / "run");
  const DirectoryClaim third = DirectoryClaim::numbered(directory / "run");
  EXPECT_EQ(first.path(), directory / "run");
  EXPECT_EQ(third.path(), directory / "run-3");
}

// Processes that claim and give up all at once, so that each may find what another just removed.
TEST(DirectoryClaim, ProcessesThatStartTogetherGetDirectoriesOfTheirOwn) {
  const TemporaryDirectory directory;
  std::vector<pid_t> processes;
  for (int number = 0; number < 8; ++number) {
    const pid_t process = ::fork();
    if (process == 0) {
      try {
        for (int repetition = 0; repetition < 30; ++repetition) {
          DirectoryClaim::numbered(directory / "given-up/run");
        }
        const DirectoryClaim claim = DirectoryClaim::numbered(directory / "runs/run");
        test::write_text(claim.path() / std::to_string(::getpid()), "");
      } catch (...) {
        ::_exit(1);
      }
      ::_exit(0);
    }
    processes.push_back(process);
  }
  for (const pid_t process : processes) {
    int status = 0;
    ::waitpid(process, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  // Whoever created the outer one may have found another's directory in it.
  EXPECT_TRUE(!fs::exists(directory / "given-up") || fs::is_empty(directory / "given-up"));
  int claimed = 0;
  for (const auto& entry : fs::directory_iterator(directory / "runs")) {
    const auto files = std::distance(fs::directory_iterator(entry), fs::directory_iterator());
    EXPECT_EQ(files, 1) << entry;
    ++claimed;
  }
  EXPECT_EQ(claimed, 8);
}

}  // namespace
}  // namespace polyak
