#include "io/staged_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/directory_claim.hpp"
#include "io/output_file.hpp"
#include "io/temporary_directory.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

using test::read_text;
using test::TemporaryDirectory;
using test::write_text;
using testing::HasSubstr;
using Names = std::vector<std::string>;
using Paths = std::vector<std::filesystem::path>;

/// Puts a set of files with `text` in them in the place of `older`.
void replace(const std::filesystem::path& directory, const Names& names, const std::string& text,
             const Names& older = {}) {
  StagedFiles staged(directory, names, older);
  for (const std::string& name : names) {
    write_new_file(staged.path(name), text, directory / name);
  }
  staged.commit();
}

const Names first_set = {"policy_0.safetensors", "policy_1.safetensors", "config.toml"};
const Names second_set = {"policy_0.safetensors", "policy.safetensors", "config.toml"};

/// The texts of a directory's policies as a reader finds them, `meanwhile` being called after the
/// first file of the first try.
Names texts_of(const std::filesystem::path& directory, const std::function<void()>& meanwhile) {
  Names texts;
  bool is_first = true;
  StagedFiles::read_newest(directory, [&](const Paths& files) {
    texts.clear();
    for (const std::filesystem::path& file : files) {
      if (file.extension() != ".safetensors") continue;
      if (!std::filesystem::exists(file)) throw UsageError(file.string() + ": no such file");
      texts.push_back(read_text(file));
      if (std::exchange(is_first, false)) meanwhile();
    }
  });
  return texts;
}

TEST(StagedFiles, AReaderGetsOneSetWhateverReplacesItMeanwhile) {
  const TemporaryDirectory directory;
  replace(directory.path(), first_set, "old");
  EXPECT_EQ(texts_of(directory.path(), [] {}), (Names{"old", "old"}));
  EXPECT_EQ(
      texts_of(directory.path(), [&] { replace(directory.path(), second_set, "new", first_set); }),
      (Names{"new", "new"}));
  EXPECT_EQ(directory.listing(),
            (Names{"config.toml", "policy.safetensors", "policy_0.safetensors"}));
}

// No file is missing then, so that only the look for the set itself can tell.
TEST(StagedFiles, ASetOfTheSameNamesIsNotMixedWithTheOneBefore) {
  const TemporaryDirectory directory;
  replace(directory.path(), first_set, "old");
  EXPECT_EQ(
      texts_of(directory.path(), [&] { replace(directory.path(), first_set, "new", first_set); }),
      (Names{"new", "new"}));
}

TEST(StagedFiles, AReaderMayComeInTheMiddleOfACommit) {
  const TemporaryDirectory directory;
  const std::filesystem::path hidden = directory / ".polyak-commit";
  replace(directory.path(), first_set, "old");
  std::filesystem::create_directory(hidden);
  for (const std::string& name : first_set) write_text(hidden / name, "new");
  write_text(hidden / "files", "policy_0.safetensors\npolicy_1.safetensors\nconfig.toml\nend\n");
  EXPECT_EQ(texts_of(directory.path(), [] {}), (Names{"new", "new"}));
  // The next file moves while the one before it is read, and then the commit ends.
  EXPECT_EQ(texts_of(directory.path(),
                     [&] {
                       std::filesystem::rename(hidden / "policy_1.safetensors",
                                               directory / "policy_1.safetensors");
                     }),
            (Names{"new", "new"}));
  EXPECT_EQ(
      texts_of(directory.path(), [&] { StagedFiles::recover(directory.path(), output_option); }),
      (Names{"new", "new"}));
  EXPECT_FALSE(std::filesystem::exists(hidden));
}

TEST(StagedFiles, AReadersOwnFailureIsTold) {
  const TemporaryDirectory directory;
  replace(directory.path(), first_set, "old");
  int tries = 0;
  EXPECT_THROW(StagedFiles::read_newest(directory.path(),
                                        [&](const Paths&) {
                                          ++tries;
                                          throw UsageError("damaged");
                                        }),
               UsageError);
  EXPECT_EQ(tries, 1);
}

// Killed between the two halves of a commit: what is to be removed must be known without the older
// training's configuration, which is replaced by then.
TEST(StagedFiles, RecoveryRemovesTheOlderSetsFilesAndNoOthers) {
  const TemporaryDirectory directory;
  for (const char* const name : {"policy_0.safetensors", "policy_7.safetensors", "config.toml"}) {
    write_text(directory / name, "there");
  }
  const std::filesystem::path hidden = directory / ".polyak-commit";
  std::filesystem::create_directory(hidden);
  write_text(hidden / "policy.safetensors", "new");
  write_text(hidden / "files",
             "policy.safetensors\nconfig.toml\nremove policy_0.safetensors\nend\n");
  StagedFiles::recover(directory.path(), output_option);
  EXPECT_EQ(directory.listing(),
            (Names{"config.toml", "policy.safetensors", "policy_7.safetensors"}));
}

TEST(StagedFiles, ADamagedListIsRefusedWithEverythingLeftAsItWas) {
  for (const char* const list : {"", "policy.safetensors\n", "notes.txt\nend\n",
                                 "policy.safetensors\nremove notes.txt\nend\n"}) {
    const TemporaryDirectory directory;
    std::filesystem::create_directory(directory / ".polyak-commit");
    write_text(directory / ".polyak-commit/files", list);
    write_text(directory / "notes.txt", "mine");
    const Names before = directory.listing();
    EXPECT_THAT([&] { StagedFiles::recover(directory.path(), output_option); },
                testing::ThrowsMessage<UsageError>(HasSubstr("files: is damaged")))
        << list;
    EXPECT_EQ(directory.listing(), before);
  }
}

TEST(StagedFiles, SomebodysFileInTheStageIsLeftThere) {
  const TemporaryDirectory directory;
  StagedFiles staged(directory.path(), {"config.toml"}, {});
  write_new_file(staged.path("config.toml"), "new", "config.toml");
  write_text(directory / ".polyak-staging/notes.txt", "mine");
  staged.commit();
  EXPECT_EQ(directory.listing(),
            (Names{".polyak-commit", ".polyak-commit/notes.txt", "config.toml"}));
}

}  // namespace
}  // namespace polyak
