#include "io/run_directory.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "io/policy_samples.hpp"
#include "io/temporary_directory.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

using test::read_text;
using test::TemporaryDirectory;
using test::write_text;

TEST(RunDirectory, CreatesWhatIsMissingAndWritesTheConfiguration) {
  const TemporaryDirectory directory;
  const RunDirectory run(directory.path() / "runs" / "one", false, Config{});
  EXPECT_EQ(directory.listing(),
            (std::vector<std::string>{"runs", "runs/one", "runs/one/config.toml",
                                      "runs/one/metrics.csv"}));
}

TEST(RunDirectory, RefusesAnotherTrainingsDirectoryUnlessToldOtherwise) {
  const TemporaryDirectory directory;
  write_text(directory / "metrics.csv", "old");
  write_text(directory / "policy_7.safetensors", "old");
  write_text(directory / "notes.txt", "mine");
  EXPECT_THROW(RunDirectory::check(directory.path(), false), UsageError);
  EXPECT_THROW(RunDirectory(directory.path(), false, Config{}), UsageError);
  EXPECT_EQ(read_text(directory / "metrics.csv"), "old");
  const RunDirectory run(directory.path(), true, Config{});
  EXPECT_EQ(directory.listing(),
            (std::vector<std::string>{"config.toml", "metrics.csv", "notes.txt"}));
  EXPECT_EQ(read_text(directory / "notes.txt"), "mine");
}

TEST(RunDirectory, RefusesWhatCannotBeADirectory) {
  const TemporaryDirectory directory;
  write_text(directory / "file", "");
  EXPECT_THROW(RunDirectory::check(directory / "file", true), UsageError);
  EXPECT_THROW(RunDirectory::check(directory.path() / "file" / "below", true), UsageError);
  EXPECT_THROW(RunDirectory("/proc/polyak", true, Config{}), UsageError);
  RunDirectory::check(directory.path() / "new" / "below", false);
  EXPECT_EQ(directory.listing(), std::vector<std::string>{"file"}) << "check() wrote something";
}

TEST(RunDirectory, NamesPoliciesByAgent) {
  const TemporaryDirectory directory;
  Config config;
  const RunDirectory one(directory / "one", false, config);
  EXPECT_EQ(one.policy_path(0).filename(), "policy.safetensors");
  config.agents = 2;
  const RunDirectory two(directory / "two", false, config);
  EXPECT_EQ(two.policy_path(1).filename(), "policy_1.safetensors");
  two.write_policy(1, test::sample_policy());
  EXPECT_EQ(Policy::load(two.policy_path(1)).environment, "Pendulum-v1");
}

TEST(RunDirectory, MetricsAreOneRowPerAgentAndReport) {
  const TemporaryDirectory directory;
  Config config;
  config.agents = 2;
  RunDirectory run(directory.path(), false, config);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<AgentMetrics> agents = {{2, -150.5, 200.0, 10, 10, 0.25, 3.5, {}},
                                            {0, nan, nan, 0, 0, nan, nan, {}}};
  run.write_metrics({400, 10, 0.5, 1.0, 1.0, agents});
  const MetricsTable table(config);
  EXPECT_EQ(read_text(run.metrics_path()),
            table.header() + table.rows({400, 10, 0.5, 1.0, 1.0, agents}));
}

TEST(RunDirectory, SummaryIsJson) {
  const TemporaryDirectory directory;
  const RunDirectory run(directory.path(), false, Config{});
  run.write_summary({{"seconds", 1.5}});
  EXPECT_EQ(nlohmann::json::parse(read_text(run.summary_path()))["seconds"], 1.5);
}

}  // namespace
}  // namespace polyak
