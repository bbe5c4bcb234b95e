#include "io/checkpoint_files.hpp"

#include <gtest/gtest.h>

#include "io/run_files.hpp"
#include "io/temporary_directory.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

using test::read_text;
using test::TemporaryDirectory;

void write_checkpoint(const TemporaryDirectory& directory, int keep, const std::string& text) {
  write_newest_checkpoint(directory.path(), keep, [&](const FileDescriptor& file) {
    if (!file.write(text)) fail_to_write("checkpoint");
  });
}

/// From the newest on.
std::vector<std::string> texts_in(const TemporaryDirectory& directory) {
  std::vector<std::string> texts;
  for (const auto& path : checkpoints_in(directory.path())) texts.push_back(read_text(path));
  return texts;
}

using Texts = std::vector<std::string>;

TEST(CheckpointFiles, HaveNamesByTheirAge) {
  EXPECT_EQ(checkpoint_file_name(0), "checkpoint.safetensors");
  EXPECT_EQ(checkpoint_file_name(12), "checkpoint.12.safetensors");
  for (const int age : {0, 1, 12, max_checkpoints - 1}) {
    EXPECT_EQ(age_of_checkpoint_file(checkpoint_file_name(age)), age);
    EXPECT_TRUE(is_file_of_training(checkpoint_file_name(age), 3));
  }
  for (const char* const name :
       {"checkpoint", "checkpoint.safetensor", "checkpoint.0.safetensors",
        "checkpoint.01.safetensors", "checkpoint.1e1.safetensors", "checkpoint.-1.safetensors",
        "checkpoint..safetensors", "checkpoint1.safetensors", "checkpoint.1000.safetensors",
        "my.checkpoint.safetensors", ""}) {
    EXPECT_FALSE(age_of_checkpoint_file(name)) << name;
    EXPECT_FALSE(is_run_file_name(name)) << name;
  }
}

TEST(CheckpointFiles, TheNewestOnesStay) {
  const TemporaryDirectory directory;
  test::write_text(directory / "checkpoint.txt", "mine");
  EXPECT_TRUE(checkpoints_in(directory.path()).empty());
  write_checkpoint(directory, 1, "a");
  write_checkpoint(directory, 1, "b");
  EXPECT_EQ(texts_in(directory), Texts{"b"});
  for (const char* const text : {"c", "d", "e"}) write_checkpoint(directory, 3, text);
  EXPECT_EQ(texts_in(directory), (Texts{"e", "d", "c"}));
  write_checkpoint(directory, 2, "f");
  EXPECT_EQ(texts_in(directory), (Texts{"f", "e"}));
  write_checkpoint(directory, 1, "g");
  EXPECT_EQ(texts_in(directory), Texts{"g"});
  EXPECT_EQ(directory.listing(), (Texts{"checkpoint.safetensors", "checkpoint.txt"}));
}

TEST(CheckpointFiles, OneThatFailsLeavesThoseBefore) {
  const TemporaryDirectory directory;
  for (const char* const text : {"a", "b"}) write_checkpoint(directory, 2, text);
  EXPECT_THROW(write_newest_checkpoint(directory.path(), 2,
                                       [](const FileDescriptor& file) {
                                         file.write("c");
                                         throw RunError("full");
                                       }),
               RunError);
  EXPECT_EQ(texts_in(directory), (Texts{"b", "a"}));
  EXPECT_EQ(directory.listing().size(), 2u);
}

}  // namespace
}  // namespace polyak
