// Holds the project's sources against the rules of its structure.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "architecture/dependency_rules.hpp"

namespace polyak::architecture {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::size_t max_lines = 400;

const std::vector<SourceFile>& product_sources() {
  static const std::vector<SourceFile> files =
      read_sources(POLYAK_SOURCE_DIRECTORY, {"include", "src", "kernels"});
  return files;
}

TEST(Architecture, FindsTheSources) { EXPECT_GT(product_sources().size(), 50u); }

TEST(Architecture, IncludesFollowTheDependencyRules) {
  EXPECT_THAT(include_violations(product_sources(), include_rules()), IsEmpty());
}

TEST(Architecture, OnlyTheRightFoldersUseCudaTheTerminalAndTheParser) {
  EXPECT_THAT(interface_violations(product_sources()), IsEmpty());
}

TEST(Architecture, KernelsWaitForThoseBefore) {
  EXPECT_THAT(kernel_violations(product_sources()), IsEmpty());
}

TEST(Architecture, FilesAreShort) {
  const auto files = read_sources(POLYAK_SOURCE_DIRECTORY, {"include", "src", "kernels", "tests"});
  EXPECT_THAT(length_violations(files, max_lines), IsEmpty());
}

// The rules themselves, on made-up sources: each must be able to fail.

SourceFile source(std::string path, std::vector<std::string> lines) {
  return {std::move(path), std::move(lines)};
}

TEST(DependencyRules, RefuseAnIncludeAgainstTheDirection) {
  const std::vector<SourceFile> files = {
      source("include/polyak/core/a.hpp", {"#include <vector>", "#include \"agent/agent.hpp\""}),
      source("src/agent/agent.hpp", {"#include \"polyak/core/a.hpp\""})};
  EXPECT_THAT(include_violations(files, include_rules()),
              ElementsAre("include/polyak/core/a.hpp:2: may not include src/agent/agent.hpp"));
}

TEST(DependencyRules, KeepTheBackEndsApart) {
  const std::vector<SourceFile> files = {
      source("src/backend/cpu/a.cpp", {"#include \"backend/cuda/b.hpp\""}),
      source("src/backend/cuda/b.hpp", {"#  include \"backend/cpu/c.hpp\""}),
      source("src/backend/cpu/c.hpp", {})};
  EXPECT_THAT(include_violations(files, include_rules()),
              ElementsAre("src/backend/cpu/a.cpp:1: may not include src/backend/cuda/b.hpp",
                          "src/backend/cuda/b.hpp:1: may not include src/backend/cpu/c.hpp"));
}

TEST(DependencyRules, KeepCommandsApart) {
  const std::vector<SourceFile> files = {
      source("src/app/command_line.cpp",
             {"#include \"app/one/a.hpp\"", "#include \"app/two/b.hpp\""}),
      source("src/app/one/a.cpp", {"#include \"app/one/a.hpp\"", "#include \"app/two/b.hpp\"",
                                   "#include \"app/options/c.hpp\""}),
      source("src/app/one/a.hpp", {}), source("src/app/two/b.hpp", {}),
      source("src/app/options/c.hpp", {"#include \"app/one/a.hpp\""})};
  EXPECT_THAT(include_violations(files, include_rules()),
              ElementsAre("src/app/one/a.cpp:2: may not include src/app/two/b.hpp",
                          "src/app/options/c.hpp:1: may not include src/app/one/a.hpp"));
}

TEST(DependencyRules, SeeThroughRelativePathsAndBrackets) {
  const std::vector<SourceFile> files = {source("kernels/a.cu", {"#include \"../src/app/b.hpp\""}),
                                         source("kernels/c.cu", {"#include <polyak/config.hpp>"}),
                                         source("src/app/b.hpp", {}),
                                         source("include/polyak/config.hpp", {})};
  EXPECT_THAT(include_violations(files, include_rules()),
              ElementsAre("kernels/a.cu:1: may not include src/app/b.hpp",
                          "kernels/c.cu:1: may not include include/polyak/config.hpp"));
}

TEST(DependencyRules, RefuseFoldersAndFilesThatNobodyKnows) {
  const std::vector<SourceFile> files = {source("src/novelty/a.cpp", {}),
                                         source("src/io/b.cpp", {"#include \"io/missing.hpp\""})};
  EXPECT_THAT(include_violations(files, include_rules()),
              ElementsAre("src/novelty/a.cpp: no rule says what this folder may include",
                          "src/io/b.cpp:1: no file \"io/missing.hpp\""));
}

TEST(InterfaceRules, RefuseTheTerminalOutsideTheApplication) {
  const std::vector<SourceFile> files = {
      source("src/io/a.cpp",
             {"// std::cout is fine here", "const char* b = \"std::cerr\";", "std::cout << b;",
              "/* printf(b)", "*/ std::printf(b);", "std::snprintf(text, size, b);"}),
      source("src/app/c.cpp", {"#include <iostream>", "std::cout << 1;"})};
  EXPECT_THAT(interface_violations(files), ElementsAre("src/io/a.cpp:3: may not use the terminal",
                                                       "src/io/a.cpp:5: may not use the terminal"));
}

TEST(InterfaceRules, RefuseCudaAndTheParserInTheLibrary) {
  const std::vector<SourceFile> files = {
      source("include/polyak/a.hpp", {"#include <cuda_runtime.h>"}),
      source("src/trainer/b.cpp", {"cudaDeviceSynchronize();", "#include <CLI/CLI.hpp>"}),
      source("src/backend/cuda/c.cpp", {"#include <cublas_v2.h>", "cudaDeviceSynchronize();"})};
  EXPECT_THAT(interface_violations(files),
              ElementsAre("include/polyak/a.hpp:1: may not use CUDA",
                          "src/trainer/b.cpp:1: may not use CUDA",
                          "src/trainer/b.cpp:2: may not use the command line's parser"));
}

TEST(KernelRule, RefusesKernelsThatDoNotWaitFirst) {
  const std::vector<SourceFile> files = {
      source("kernels/a.cu", {"__global__ void a(int* b) {", "  wait_for_previous_kernel();", "}",
                              "__global__ void __launch_bounds__(128)", "    c(int* d) {",
                              "  ++*d;", "  wait_for_previous_kernel();", "}"}),
      source("kernels/fused/e.cuh", {"__global__ void f() {", "}"})};
  EXPECT_THAT(kernel_violations(files), ElementsAre("kernels/a.cu:4: does not wait first"));
}

TEST(LengthRule, RefusesLongFilesOnly) {
  const std::vector<SourceFile> files = {source("src/io/a.cpp", std::vector<std::string>(401)),
                                         source("src/io/b.cpp", std::vector<std::string>(400))};
  EXPECT_THAT(length_violations(files, max_lines),
              ElementsAre("src/io/a.cpp: 401 lines; at most 400"));
}

}  // namespace
}  // namespace polyak::architecture
