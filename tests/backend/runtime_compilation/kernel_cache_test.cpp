#include "backend/cuda/runtime_compilation/kernel_cache.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "io/temporary_directory.hpp"

namespace polyak::cuda {
namespace {

using test::read_text;
using test::TemporaryDirectory;
using test::write_text;

TEST(KernelCache, KeepsWhatBelongsToAKey) {
  const TemporaryDirectory directory;
  const KernelCache cache(directory / "not/yet/there");
  EXPECT_EQ(cache.load("source"), std::nullopt);
  const std::string code("machine\0code", 12);
  cache.store("source", code);
  cache.store("other source", "other code");
  EXPECT_EQ(cache.load("source"), code);
  EXPECT_EQ(KernelCache(cache.folder()).load("other source"), "other code");
  EXPECT_EQ(cache.load("third source"), std::nullopt);
}

TEST(KernelCache, WhatIsDamagedIsNotThere) {
  const TemporaryDirectory directory;
  const KernelCache cache(directory.path());
  cache.store("source", "machine code");
  const std::filesystem::path file = directory / directory.listing().at(0);
  const std::string content = read_text(file);
  for (const std::string& damaged :
       {content.substr(1), content.substr(0, content.size() - 1), std::string(), "x" + content}) {
    write_text(file, damaged);
    EXPECT_EQ(cache.load("source"), std::nullopt) << damaged;
  }
  cache.store("source", "machine code");
  EXPECT_EQ(cache.load("source"), "machine code");
}

TEST(KernelCache, KeepsNothingWhereItCannot) {
  const TemporaryDirectory directory;
  write_text(directory / "file", "");
  for (const KernelCache& cache : {KernelCache({}), KernelCache(directory / "file/folder")}) {
    cache.store("source", "machine code");
    EXPECT_EQ(cache.load("source"), std::nullopt) << cache.folder();
  }
}

}  // namespace
}  // namespace polyak::cuda
