#include "io/run_files.hpp"

#include <gtest/gtest.h>

#include "io/temporary_directory.hpp"

namespace polyak {
namespace {

using test::TemporaryDirectory;
using test::write_text;

TEST(RunFiles, PoliciesAreNamedByAgent) {
  EXPECT_EQ(policy_file_name(0, 1), "policy.safetensors");
  EXPECT_EQ(policy_file_name(0, 2), "policy_0.safetensors");
  EXPECT_EQ(policy_file_name(11, 12), "policy_11.safetensors");
  EXPECT_EQ(best_policy_file_name(0, 1), "policy_best.safetensors");
  EXPECT_EQ(best_policy_file_name(11, 12), "policy_best_11.safetensors");
  EXPECT_EQ(agent_of_policy_file("policy.safetensors"), only_agent);
  EXPECT_EQ(agent_of_policy_file("policy_0.safetensors"), 0);
  EXPECT_EQ(agent_of_policy_file("policy_11.safetensors"), 11);
  EXPECT_FALSE(agent_of_policy_file("policy_best.safetensors")) << "not the newest one";
  EXPECT_FALSE(agent_of_policy_file("policy_best_1.safetensors"));
}

TEST(RunFiles, OnlyExactNamesAreATrainings) {
  for (const char* const ours :
       {"policy.safetensors", "policy_0.safetensors", "policy_10.safetensors",
        "policy_best.safetensors", "policy_best_10.safetensors", "config.toml", "metrics.csv",
        "evaluations.csv", "summary.json"}) {
    EXPECT_TRUE(is_run_file_name(ours)) << ours;
  }
  for (const char* const foreign :
       {"policy_final.safetensors", "policy_.safetensors", "policy_best_.safetensors",
        "policy_best_01.safetensors", "policy_best1.safetensors", "policy_1_best.safetensors",
        "policy_01.safetensors", "policy_-1.safetensors", "policy_1e1.safetensors",
        "policy_99999999999.safetensors", "policy_1.safetensors.bak", "policy_1x.safetensors",
        "policies.safetensors", "Config.toml", "config.toml~", ""}) {
    EXPECT_FALSE(is_run_file_name(foreign)) << foreign;
  }
}

TEST(RunFiles, EventFilesHaveTheirTimeInTheirNames) {
  EXPECT_EQ(event_file_name(1'764'000'000), "events.out.tfevents.1764000000.polyak");
  EXPECT_EQ(time_of_event_file("events.out.tfevents.1764000000.polyak"), 1'764'000'000);
  EXPECT_TRUE(is_run_file_name("events.out.tfevents.1764000000.polyak"));
  for (const char* const foreign :
       {"events.out.tfevents.1764000000.host", "events.out.tfevents.176400000.polyak",
        "events.out.tfevents.-764000000.polyak", "events.out.tfevents.17640000000.polyak",
        "events.out.tfevents.1764000e00.polyak", "xevents.out.tfevents.176400000.polyak"}) {
    EXPECT_FALSE(time_of_event_file(foreign)) << foreign;
    EXPECT_FALSE(is_run_file_name(foreign)) << foreign;
  }
}

TEST(RunFiles, ATrainingWritesThoseOfItsOwnAgents) {
  EXPECT_TRUE(is_file_of_training("policy.safetensors", 1));
  EXPECT_FALSE(is_file_of_training("policy_0.safetensors", 1));
  EXPECT_FALSE(is_file_of_training("policy.safetensors", 3));
  EXPECT_TRUE(is_file_of_training("policy_2.safetensors", 3));
  EXPECT_FALSE(is_file_of_training("policy_3.safetensors", 3));
  EXPECT_TRUE(is_file_of_training("policy_best.safetensors", 1));
  EXPECT_FALSE(is_file_of_training("policy_best.safetensors", 3));
  EXPECT_TRUE(is_file_of_training("policy_best_2.safetensors", 3));
  EXPECT_FALSE(is_file_of_training("policy_best_3.safetensors", 3));
  EXPECT_FALSE(is_file_of_training("policy_best_0.safetensors", 1));
  EXPECT_TRUE(is_file_of_training("summary.json", 3));
}

TEST(RunFiles, ATrainingIsKnownByItsRecordsWhichSayHowManyAgentsItHas) {
  const TemporaryDirectory directory;
  const std::string ours = "# A training of polyak, as any version writes it\n";
  EXPECT_FALSE(agents_of_training(directory.path()));
  write_text(directory / "metrics.csv", "agent,environment_steps,updates,seconds\n");
  for (const auto& [config, agents] :
       {std::pair(ours + "[Population]\nagents = 12\n", std::optional(12)),
        std::pair(ours + "agents = 3  # as 0.1.0 had it\n", std::optional(3)),
        std::pair(ours + "agents = 0\n", std::optional<int>()),
        std::pair(ours + "agents = [1, 2]\n", std::optional<int>()),
        std::pair(ours + "agents 3\n", std::optional<int>()),
        std::pair(std::string("agents = 3\n"), std::optional<int>())}) {
    write_text(directory / "config.toml", config);
    EXPECT_EQ(agents_of_training(directory.path()), agents) << config;
  }
}

}  // namespace
}  // namespace polyak
