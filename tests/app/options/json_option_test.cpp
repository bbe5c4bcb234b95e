// --json means one thing in every command.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "app/output/json_output.hpp"
#include "app/program.hpp"
#include "io/policy_samples.hpp"
#include "io/temporary_directory.hpp"

namespace polyak {
namespace {

using nlohmann::json;
using test::ProgramResult;
using test::TemporaryDirectory;

struct Command {
  std::string name;
  std::vector<std::string> arguments;
  std::string member;  // of its JSON
};

std::ostream& operator<<(std::ostream& out, const Command& command) { return out << command.name; }

std::vector<std::string> small_comparison() {
  return {"compare", "--devices",      "cpu:1", "--agents",        "1",   "--total-steps",
          "200",     "--batch-size",   "16",    "--warmup-steps",  "100", "--learning-starts",
          "100",     "--actor-hidden", "8",     "--critic-hidden", "8"};
}

/// A training that has reported once.
void fill_run(const std::filesystem::path& directory) {
  std::filesystem::create_directory(directory);
  test::write_text(directory / "config.toml", "# A training of polyak\nagents = 1\n");
  test::write_text(
      directory / "metrics.csv",
      "agent,environment_steps,updates,seconds,episodes,mean_return\n0,9,1,0.5,1,-7\n");
}

class JsonOption : public testing::TestWithParam<Command> {
 protected:
  JsonOption() {
    test::sample_policy().save(directory_ / "policy.safetensors");
    fill_run(directory_ / "trained");
    test::write_text(directory_ / "steps.csv", "theta,theta_dot,action\n1,2,0\n");
  }
  ProgramResult run(const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = GetParam().arguments;
    arguments.insert(arguments.end(), more.begin(), more.end());
    const ProgramResult result = test::run_program(arguments, directory_.path());
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    return result;
  }

  TemporaryDirectory directory_;
};

TEST_P(JsonOption, AloneItIsAllThatTheStandardOutputGets) {
  for (const std::vector<std::string>& option :
       {std::vector<std::string>{"--json"}, {"--json=-"}, {"--json", "-"}}) {
    const json value = json::parse(run(option).output, nullptr, false);
    ASSERT_FALSE(value.is_discarded()) << option.back();
    EXPECT_TRUE(value.contains(GetParam().member));
  }
}

TEST_P(JsonOption, WithANameItIsAFileBesideTheText) {
  const ProgramResult result = run({"--json=file"});
  EXPECT_FALSE(json::accept(result.output)) << "text for people";
  EXPECT_TRUE(json::parse(test::read_text(directory_ / "file")).contains(GetParam().member));
  run({"--json", "other.json"});
  EXPECT_TRUE(json::parse(test::read_text(directory_ / "other.json")).contains(GetParam().member));
}

TEST_P(JsonOption, ADirectoryThatIsNotThereIsFoundBeforeTheWork) {
  std::vector<std::string> arguments = GetParam().arguments;
  arguments.emplace_back("--json=none/file");
  const std::vector<std::string> before = directory_.listing();
  const ProgramResult result = test::run_program(arguments, directory_.path());
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.output, "");
  EXPECT_THAT(result.errors, testing::HasSubstr("--json none/file: there is no directory none"));
  EXPECT_EQ(directory_.listing(), before);
}

INSTANTIATE_TEST_SUITE_P(
    , JsonOption,
    testing::Values(
        Command{"Train", test::small_training({"--overwrite", "--output", "run"}), "stop_reason"},
        Command{"Evaluate", {"evaluate", "policy.safetensors"}, "policies"},
        Command{"RolloutOfAPolicy", {"rollout", "policy.safetensors"}, "rows"},
        Command{"RolloutOfTransitions", {"rollout", "--transitions", "steps.csv"}, "rows"},
        Command{"Report", {"report", "trained"}, "groups"},
        Command{"Watch", {"watch", "trained"}, "agents"},
        Command{"Bench",
                {"bench", "--devices", "cpu:1", "--phases", "environment-step", "--seconds",
                 "0.001", "--repetitions", "5"},
                "devices"},
        Command{"Compare", small_comparison(), "goal"}, Command{"Info", {"info"}, "environments"},
        Command{"InfoOfAPreset", {"info", "--preset", "paper"}, "preset"}),
    [](const testing::TestParamInfo<Command>& test_info) { return test_info.param.name; });

TEST(JoinJsonFiles, TakesADashOrANameThatEndsInJsonAndNothingElse) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(join_json_files({"--json", "-"}), Words{"--json=-"});
  EXPECT_EQ(join_json_files({"--json", "a.json", "b"}), (Words{"--json=a.json", "b"}));
  EXPECT_EQ(join_json_files({"--json", "policy.safetensors"}),
            (Words{"--json=-", "policy.safetensors"}));
  EXPECT_EQ(join_json_files({"a", "--json"}), (Words{"a", "--json=-"}));
  EXPECT_EQ(join_json_files({"--json=a", "b.json"}), (Words{"--json=a", "b.json"}));
  EXPECT_EQ(join_json_files({"--", "--json", "a.json"}), (Words{"--", "--json", "a.json"}));
}

TEST(RolloutJson, HasTheRowsOfTheCsv) {
  const TemporaryDirectory directory;
  test::sample_policy().save(directory / "policy.safetensors");
  const ProgramResult result = test::run_program(
      {"rollout", "policy.safetensors", "--time-limit", "3", "--json", "--output", "rows.csv"},
      directory.path());
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const json rollout = json::parse(result.output);
  ASSERT_EQ(rollout["rows"].size(), 3u);
  std::string csv;
  for (const json& name : rollout["columns"]) {
    csv += (csv.empty() ? "" : ",") + name.get<std::string>();
  }
  EXPECT_THAT(test::read_text(directory / "rows.csv"), testing::StartsWith(csv + "\n"));
  EXPECT_EQ(rollout["rows"][2][1], 2);
  EXPECT_EQ(rollout["rows"][0].size(), rollout["columns"].size());
}

}  // namespace
}  // namespace polyak
