#include "io/run_directory.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <limits>
#include <new>
#include <nlohmann/json.hpp>

#include "io/config_text.hpp"
#include "io/policy_samples.hpp"
#include "io/temporary_directory.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

using test::read_text;
using test::TemporaryDirectory;
using test::write_text;

/// The directory of a training that has begun.
class BegunRun : public RunDirectory {
 public:
  explicit BegunRun(const std::filesystem::path& path, bool overwrite = false, int agents = 1)
      : RunDirectory(DirectoryClaim::named(path), overwrite) {
    Config config;
    config.agents = agents;
    begin(config);
  }
};

Policy policy_of(int agent) {
  Policy policy = test::sample_policy();
  policy.training["agent"] = std::to_string(agent);
  return policy;
}

/// Leaves a finished training of `agents` agents.
void train_in(const std::filesystem::path& path, int agents) {
  BegunRun run(path, false, agents);
  run.write_policies(policy_of);
  for (int agent = 0; agent < agents; ++agent) run.write_best_policy(agent, "best");
  run.write_summary({{"seconds", agents}});
}

using Names = std::vector<std::string>;

TEST(RunDirectory, ANewTrainingHasItsConfigurationAndMetricsFromTheBeginning) {
  const TemporaryDirectory directory;
  const BegunRun run(directory.path() / "runs" / "one", false);
  EXPECT_FALSE(run.holds_older_training());
  EXPECT_EQ(directory.listing(), (Names{"runs", "runs/one", "runs/one/config.toml",
                                        "runs/one/evaluations.csv", "runs/one/metrics.csv"}));
  EXPECT_EQ(agents_of_training(run.path()), 1);
}

TEST(RunDirectory, RefusesAnotherTrainingsDirectoryUnlessToldOtherwise) {
  const TemporaryDirectory directory;
  train_in(directory / "run", 1);
  const Names before = directory.listing();
  EXPECT_THROW(RunDirectory(DirectoryClaim::named(directory / "run"), false), UsageError);
  EXPECT_EQ(directory.listing(), before);
  EXPECT_TRUE(RunDirectory(DirectoryClaim::named(directory / "run"), true).holds_older_training());
  EXPECT_EQ(directory.listing(), before);
}

TEST(RunDirectory, RefusesWhatIsNoTrainingEvenToOverwrite) {
  for (const char* const missing : {"config.toml", "metrics.csv"}) {
    const TemporaryDirectory directory;
    train_in(directory.path(), 1);
    write_text(directory / missing, "of another program");
    EXPECT_THROW(RunDirectory(DirectoryClaim::named(directory.path()), true), UsageError);
    std::filesystem::remove(directory / missing);
    EXPECT_THROW(RunDirectory(DirectoryClaim::named(directory.path()), true), UsageError);
  }
  const TemporaryDirectory linked;
  train_in(linked.path(), 1);
  std::filesystem::rename(linked / "policy.safetensors", linked / "elsewhere");
  std::filesystem::create_symlink("elsewhere", linked / "policy.safetensors");
  EXPECT_THROW(RunDirectory(DirectoryClaim::named(linked.path()), true), UsageError);
}

TEST(RunDirectory, TheOlderTrainingIsWholeUntilTheNewPoliciesAre) {
  const TemporaryDirectory directory;
  train_in(directory.path(), 1);
  const std::string config = read_text(directory / "config.toml");
  const std::string policy = read_text(directory / "policy.safetensors");
  write_text(directory / "policy_backup.safetensors", "mine");
  write_text(directory / "policy_01.safetensors", "mine");
  write_text(directory / "notes.txt", "mine");
  const auto expect_older_training = [&] {
    EXPECT_EQ(read_text(directory / "config.toml"), config);
    EXPECT_EQ(read_text(directory / "policy.safetensors"), policy);
    EXPECT_TRUE(std::filesystem::exists(directory / "summary.json"));
  };
  {
    const BegunRun given_up(directory.path(), true, 2);
    expect_older_training();
  }
  EXPECT_EQ(directory.listing(),
            (Names{"config.toml", "evaluations.csv", "metrics.csv", "notes.txt",
                   "policy.safetensors", "policy_01.safetensors", "policy_backup.safetensors",
                   "policy_best.safetensors", "summary.json"}));
  BegunRun run(directory.path(), true, 2);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  run.write_metrics(
      {1, 1, 1.0, 1.0, 1.0, std::vector<AgentMetrics>{{0, nan, nan, 0, 0, nan, nan, {}}}});
  EXPECT_THROW(run.write_policies(
                   [](int agent) { return agent == 0 ? policy_of(0) : throw std::bad_alloc(); }),
               std::bad_alloc);
  expect_older_training();
}

TEST(RunDirectory, NewPoliciesReplaceTheOlderTrainingAndNothingElse) {
  const TemporaryDirectory directory;
  train_in(directory.path(), 1);
  write_text(directory / "policy_backup.safetensors", "mine");
  write_text(directory / "policy_00.safetensors", "mine");
  BegunRun run(directory.path(), true, 2);
  EXPECT_TRUE(run.holds_older_training());
  run.write_policies(policy_of);
  EXPECT_FALSE(run.holds_older_training());
  EXPECT_EQ(directory.listing(),
            (Names{"config.toml", "evaluations.csv", "metrics.csv", "policy_0.safetensors",
                   "policy_00.safetensors", "policy_1.safetensors", "policy_backup.safetensors"}))
      << "the older summary and policies describe what is no longer there";
  EXPECT_NE(read_text(directory / "config.toml").find("agents = 2"), std::string::npos);
  EXPECT_EQ(read_text(directory / "policy_backup.safetensors"), "mine");
  EXPECT_EQ(Policy::load(directory / "policy_1.safetensors").training.at("agent"), "1");
}

TEST(RunDirectory, PoliciesOfAgentsThatTheOlderTrainingNeverHadStay) {
  const TemporaryDirectory directory;
  train_in(directory.path(), 3);
  write_text(directory / "policy_3.safetensors", "mine");
  write_text(directory / "policy.safetensors", "mine");
  write_text(directory / "policy_best.safetensors", "mine");
  BegunRun(directory.path(), true, 2).write_policies(policy_of);
  EXPECT_EQ(directory.listing(),
            (Names{"config.toml", "evaluations.csv", "metrics.csv", "policy.safetensors",
                   "policy_0.safetensors", "policy_1.safetensors", "policy_3.safetensors",
                   "policy_best.safetensors"}));
  EXPECT_EQ(read_text(directory / "policy_3.safetensors"), "mine");
  EXPECT_EQ(read_text(directory / "policy.safetensors"), "mine");
  EXPECT_EQ(read_text(directory / "policy_best.safetensors"), "mine");
}

// A page of polyak's own shows the training that goes; another may have its name.
TEST(RunDirectory, TheOlderTrainingsReportGoesWithIt) {
  const std::string report = std::string(report_beginning) + "<html>";
  for (const auto& [page, stays] :
       {std::pair(report, false), std::pair(std::string("mine"), true)}) {
    const TemporaryDirectory directory;
    train_in(directory.path(), 1);
    write_text(directory / "report.html", page);
    write_text(directory / "all.html", report);
    BegunRun run(directory.path(), true);
    EXPECT_TRUE(std::filesystem::exists(directory / "report.html"));
    run.write_policies(policy_of);
    EXPECT_EQ(std::filesystem::exists(directory / "report.html"), stays);
    EXPECT_TRUE(std::filesystem::exists(directory / "all.html")) << "a name of the user's choice";
  }
}

TEST(RunDirectory, RefusesToReplaceWhatIsNotOfTheOlderTraining) {
  const TemporaryDirectory directory;
  train_in(directory.path(), 2);
  write_text(directory / "policy_2.safetensors", "mine");
  const Names before = directory.listing();
  EXPECT_THAT([&] { BegunRun(directory.path(), true, 3); },
              testing::ThrowsMessage<UsageError>(
                  testing::HasSubstr("policy_2.safetensors in it is not of the training there")));
  EXPECT_EQ(directory.listing(), before);
}

TEST(RunDirectory, KeepsThePoliciesThatCouldBeWritten) {
  const TemporaryDirectory directory;
  BegunRun run(directory.path(), false, 3);
  EXPECT_THROW(run.write_policies(
                   [](int agent) { return agent < 2 ? policy_of(agent) : throw std::bad_alloc(); }),
               std::bad_alloc);
  EXPECT_EQ(directory.listing(), (Names{"config.toml", "evaluations.csv", "metrics.csv",
                                        "policy_0.safetensors", "policy_1.safetensors"}));
}

TEST(RunDirectory, RemainsOfAKilledTrainingDoNotFillADirectory) {
  const TemporaryDirectory directory;
  std::filesystem::create_directory(directory / ".polyak-staging");
  write_text(directory / ".polyak-staging/config.toml", "half");
  write_text(directory / ".polyak-12-3.tmp", "half");
  const BegunRun run(directory.path(), false);
  EXPECT_EQ(directory.listing(), (Names{"config.toml", "evaluations.csv", "metrics.csv"}));
}

TEST(RunDirectory, RefusesRemainsThatSomebodyHasPutSomethingInto) {
  for (const char* const hidden : {".polyak-staging", ".polyak-commit"}) {
    for (const char* const foreign : {"notes.txt", "policy_backup.safetensors", "config.toml/"}) {
      const TemporaryDirectory directory;
      std::filesystem::create_directories(directory.path() / hidden / foreign);
      write_text(directory.path() / hidden / "metrics.csv", "half");
      const Names before = directory.listing();
      EXPECT_THAT([&] { BegunRun(directory.path()); },
                  testing::ThrowsMessage<UsageError>(testing::HasSubstr(
                      std::string(hidden) + ", left by a training that was killed, has '")));
      EXPECT_EQ(directory.listing(), before);
    }
    const TemporaryDirectory directory;
    write_text(directory / hidden, "mine");
    EXPECT_THROW(BegunRun(directory.path()), UsageError);
  }
}

TEST(RunDirectory, RefusesWhatCannotBeADirectory) {
  const TemporaryDirectory directory;
  write_text(directory / "file", "");
  EXPECT_THROW(DirectoryClaim::named(directory / "file"), UsageError);
  EXPECT_THROW(DirectoryClaim::named(directory.path() / "file" / "below"), UsageError);
  EXPECT_THROW(DirectoryClaim::named("/proc/polyak"), UsageError);
  EXPECT_EQ(directory.listing(), Names{"file"});
}

TEST(RunDirectory, MetricsAreOneRowPerAgentAndReport) {
  const TemporaryDirectory directory;
  BegunRun run(directory.path(), false, 2);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<AgentMetrics> agents = {{2, -150.5, 200.0, 10, 10, 0.25, 3.5, {}},
                                            {0, nan, nan, 0, 0, nan, nan, {}}};
  run.write_metrics({400, 10, 0.5, 1.0, 1.0, agents});
  Config config;
  config.agents = 2;
  const MetricsTable table(config);
  EXPECT_EQ(read_text(run.metrics_path()),
            table.header() + table.rows({400, 10, 0.5, 1.0, 1.0, agents}));
}

/// While it lives no file grows beyond a few bytes.
class NoSpace {
 public:
  NoSpace() : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit none = before_;
    none.rlim_cur = 8;
    ::setrlimit(RLIMIT_FSIZE, &none);
  }
  ~NoSpace() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  NoSpace(const NoSpace&) = delete;
  NoSpace& operator=(const NoSpace&) = delete;

 private:
  void (*handler_)(int);
  rlimit before_{};
};

TEST(RunDirectory, RowsThatADiskHasNoSpaceForAreWrittenLater) {
  const TemporaryDirectory directory;
  BegunRun run(directory.path());
  const std::vector<AgentMetrics> agents = {{2, -150.5, 200.0, 10, 10, 0.25, 3.5, {}}};
  const Report first{400, 10, 0.5, 1.0, 1.0, agents}, second{800, 20, 1.0, 1.0, 1.0, agents};
  {
    const NoSpace none;
    EXPECT_THAT(run.write_metrics(first), testing::HasSubstr("cannot write"));
  }
  EXPECT_EQ(run.write_metrics(second), "");
  const Report third{1200, 30, 1.5, 1.0, 1.0, agents};
  EXPECT_EQ(run.write_metrics(third), "");
  const MetricsTable table{Config{}};
  EXPECT_EQ(read_text(run.metrics_path()),
            table.header() + table.rows(first) + table.rows(second) + table.rows(third));
}

TEST(RunDirectory, EvaluationsAreRowsThatAreTriedAgain) {
  const TemporaryDirectory directory;
  BegunRun run(directory.path());
  const EvaluationRow first{0, 400, 40, 1.5f, 16, -100.5f, 8.25f, -99.0f, -301.0f, 12.5f};
  const EvaluationRow second{0, 800, 80, 2.5f, 16, -90.5f, 8.25f, -99.0f, -301.0f, 2.5f};
  {
    const NoSpace none;
    EXPECT_THAT(run.write_evaluation({&first, 1}), testing::HasSubstr("cannot write"));
    EXPECT_THROW(run.finish_evaluations(), RunError);
  }
  EXPECT_EQ(run.write_evaluation({&second, 1}), "");
  run.finish_evaluations();
  const EvaluationsTable table{Config{}};
  EXPECT_EQ(read_text(directory / "evaluations.csv"),
            table.header() + table.lines({&first, 1}) + table.lines({&second, 1}));
}

TEST(RunDirectory, ABetterPolicyReplacesTheBestOneOrLeavesIt) {
  const TemporaryDirectory directory;
  const BegunRun run(directory.path(), false, 2);
  EXPECT_FALSE(run.has_best_policy(1, ""));
  run.write_best_policy(1, "a good policy");
  {
    const NoSpace none;
    EXPECT_THROW(run.write_best_policy(1, "a better policy"), RunError);
  }
  EXPECT_TRUE(run.has_best_policy(1, "a good policy"));
  run.write_best_policy(1, "a better policy");
  EXPECT_TRUE(run.has_best_policy(1, "a better policy"));
  for (const char* const other : {"", "a better", "a better policy!", "a bitter policy"}) {
    EXPECT_FALSE(run.has_best_policy(1, other)) << other;
  }
  EXPECT_EQ(directory.listing(),
            (Names{"config.toml", "evaluations.csv", "metrics.csv", "policy_best_1.safetensors"}));
}

TEST(RunDirectory, SummaryIsJson) {
  const TemporaryDirectory directory;
  const BegunRun run(directory.path(), false);
  run.write_summary({{"seconds", 1.5}});
  EXPECT_EQ(nlohmann::json::parse(read_text(run.summary_path()))["seconds"], 1.5);
}

// What failed once may be tried again: the stage is as it was.
TEST(RunDirectory, PoliciesThatFailedMayBeWrittenLater) {
  const TemporaryDirectory directory;
  train_in(directory.path(), 1);
  const std::string policy = read_text(directory / "policy.safetensors");
  BegunRun run(directory.path(), true, 2);
  EXPECT_THROW(run.write_policies([](int agent) {
    if (agent == 1) throw RunError("full");
    return policy_of(agent);
  }),
               RunError);
  EXPECT_EQ(read_text(directory / "policy.safetensors"), policy);
  EXPECT_TRUE(run.holds_older_training());
  run.write_policies(policy_of);
  EXPECT_EQ(directory.listing(), (Names{"config.toml", "evaluations.csv", "metrics.csv",
                                        "policy_0.safetensors", "policy_1.safetensors"}));
}

}  // namespace
}  // namespace polyak
