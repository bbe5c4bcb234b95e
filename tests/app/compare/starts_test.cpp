// Where `polyak compare` takes its start states from.
#include "app/compare/starts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/temporary_directory.hpp"

namespace polyak {
namespace {

using test::TemporaryDirectory;
using testing::HasSubstr;

constexpr const char* two_starts =
    R"({"theta": [0, 1], "theta_dot": [0, 0.5], "best_return": [0, -50]})";

TEST(ComparisonStarts, AreTheReferenceOfTheFirstFolderThatHasIt) {
  const TemporaryDirectory directory;
  test::write_text(directory / "pendulum_v1_starts.json", two_starts);
  const std::vector<std::filesystem::path> folders = {directory / "none", directory.path()};
  const ComparisonStarts found = comparison_starts(Config{}, "", folders);
  EXPECT_EQ(found.starts.count(), 2u);
  EXPECT_EQ(found.starts.best_returns, (std::vector<double>{0.0, -50.0}));
  EXPECT_EQ(found.remark, "");
}

TEST(ComparisonStarts, AreDrawnAndSayWhyWhereTheReferenceIsNotInstalled) {
  const TemporaryDirectory directory;
  const std::vector<std::filesystem::path> folders = {directory / "here", directory / "there"};
  const ComparisonStarts drawn = comparison_starts(Config{}, "", folders);
  EXPECT_EQ(drawn.starts.count(), 100u);
  EXPECT_TRUE(drawn.starts.best_returns.empty()) << "so returns are compared";
  EXPECT_THAT(drawn.remark, HasSubstr("pendulum_v1_starts.json is not there"));
  EXPECT_THAT(drawn.remark, HasSubstr((directory / "there").string()));
  EXPECT_THAT(drawn.remark, HasSubstr("--starts"));
}

TEST(ComparisonStarts, AreDrawnWithoutARemarkForATaskThatHasNoReference) {
  Config config;
  config.environment = "MountainCarContinuous-v0";
  const ComparisonStarts drawn = comparison_starts(config, "", {});
  EXPECT_EQ(drawn.starts.count(), 100u);
  EXPECT_EQ(drawn.remark, "");
}

TEST(ComparisonStarts, TheSourceTreeHasTheReference) {
  EXPECT_EQ(comparison_starts(Config{}, "", reference_folders()).starts.count(), 500u);
}

}  // namespace
}  // namespace polyak
