// evaluate of several policies and of run directories.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "app/evaluate/policy_files.hpp"
#include "app/program.hpp"
#include "io/policy_samples.hpp"
#include "io/temporary_directory.hpp"
#include "io/text_value.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

using nlohmann::json;
using test::ProgramResult;
using test::read_text;
using test::TemporaryDirectory;
using test::write_text;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* starts_json =
    R"({"theta": [0, 1, 3], "theta_dot": [0, 0.5, -1], "best_return": [0, -50, -300]})";

/// sample_policy as one of a sweep.
Policy sample_of(const std::string& tau, float bias) {
  Policy policy = test::sample_policy();
  policy.training["tau"] = tau;
  policy.layers.back().bias = {bias};
  return policy;
}

class EvaluateSeveral : public testing::Test {
 protected:
  EvaluateSeveral() {
    std::filesystem::create_directory(directory_ / "run");
    // Eleven, so that an order by names would be another one.
    for (int agent = 0; agent < 11; ++agent) {
      sample_of(agent % 2 == 0 ? "0.1" : "0.5", 0.1f * static_cast<float>(agent))
          .save(directory_ / "run" / ("policy_" + std::to_string(agent) + ".safetensors"));
    }
    write_text(directory_ / "run" / "config.toml", "");
    write_text(directory_ / "run" / "policy_backup.safetensors", "somebody else's");
    write_text(directory_ / "starts.json", starts_json);
    test::sample_policy().save(directory_ / "one.safetensors");
    test::pushing_policy().save(directory_ / "car.safetensors");
  }

  ProgramResult run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"evaluate", "--device", "cpu"});
    return test::run_program(arguments, directory_.path());
  }
  json results(const std::vector<std::string>& arguments) const {
    const ProgramResult result = run(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    return json::parse(result.output);
  }

  TemporaryDirectory directory_;
};

TEST_F(EvaluateSeveral, ARunDirectoryMeansAllItsPoliciesInOrder) {
  const std::vector<NamedPolicy> policies = load_policies(std::vector<std::string>{
      (directory_ / "run").string(), (directory_ / "car.safetensors").string()});
  ASSERT_EQ(policies.size(), 12u);
  for (std::size_t agent = 0; agent < 11; ++agent) {
    EXPECT_EQ(policies[agent].file,
              (directory_ / "run" / ("policy_" + std::to_string(agent) + ".safetensors")).string());
  }
  EXPECT_EQ(policies.back().file, directory_ / "car.safetensors");
  EXPECT_EQ(policies.back().policy.environment, "MountainCarContinuous-v0");
  EXPECT_THROW(load_policies(std::vector<std::string>{directory_.path().string()}), UsageError);
}

TEST_F(EvaluateSeveral, GivesEachWhatItGetsAlone) {
  const json all = results({"--starts", "starts.json", "--json", "run", "one.safetensors"});
  ASSERT_EQ(all["policies"].size(), 12u);
  EXPECT_FALSE(all.contains("mean_return")) << "whose?";
  for (const std::size_t index : {2u, 10u, 11u}) {
    json policy = all["policies"][index];
    json alone = results({policy["policy"], "--starts", "starts.json", "--json", "-"});
    EXPECT_EQ(alone["policies"], json::array({policy}));
    alone.erase("policies");
    EXPECT_EQ(alone, policy) << "a single one's members are beside the list, too";
  }
  EXPECT_NE(all["policies"][2]["mean_return"], all["policies"][10]["mean_return"]);
  EXPECT_TRUE(all["policies"][2]["regret"]["mean"].is_number());
}

TEST_F(EvaluateSeveral, PrintsATableWithWhatTheyDifferIn) {
  const ProgramResult result = run({"run", "--starts", "starts.json"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, HasSubstr("11 policies on Pendulum-v1, 3 episodes of at most 200 "
                                       "steps each, without noise:\n"));
  EXPECT_THAT(result.output, testing::ContainsRegex("policy +tau +mean return +standard error"));
  EXPECT_THAT(result.output, HasSubstr("mean regret\n"));
  EXPECT_THAT(result.output, testing::ContainsRegex("run/policy_3.safetensors +0.5 "));
  EXPECT_THAT(result.output, HasSubstr("\nall 11 policies: mean return "));
  EXPECT_THAT(result.output, HasSubstr("\nall 11 policies: mean regret "));
  EXPECT_THAT(result.output, testing::ContainsRegex("run/policy_10.safetensors +0.1 "));
}

TEST_F(EvaluateSeveral, EveryEnvironmentHasItsOwnStarts) {
  const ProgramResult result = run({"one.safetensors", "car.safetensors", "--episodes", "2"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, testing::ContainsRegex("policy +environment +time-limit +mean"));
  EXPECT_THAT(result.output,
              testing::ContainsRegex("car.safetensors +MountainCarContinuous-v0 +999 "));
  EXPECT_THAT(result.output, testing::Not(HasSubstr("all 2 policies"))) << "of two tasks";
  const ProgramResult unfitting =
      run({"one.safetensors", "car.safetensors", "--starts", "starts.json"});
  EXPECT_EQ(unfitting.exit_code, 2);
  EXPECT_EQ(unfitting.output, "");
  EXPECT_THAT(unfitting.errors, HasSubstr("lacks 'position', a state of MountainCarContinuous-v0"));
}

TEST_F(EvaluateSeveral, PerStartHasAColumnForThePolicy) {
  std::filesystem::copy(directory_ / "one.safetensors", directory_ / "a \"b\", c.safetensors");
  ASSERT_EQ(run({"one.safetensors", "a \"b\", c.safetensors", "--starts", "starts.json",
                 "--per-start", "returns.csv"})
                .exit_code,
            0);
  const std::vector<std::string> lines = split_text(read_text(directory_ / "returns.csv"), '\n');
  ASSERT_EQ(lines.size(), 8u);  // a header, two policies of three starts, an end
  EXPECT_EQ(lines[0], "policy,start,return");
  EXPECT_THAT(lines[3], testing::StartsWith("one.safetensors,2,"));
  EXPECT_THAT(lines[4], testing::StartsWith("\"a \"\"b\"\", c.safetensors\",0,"));
  EXPECT_EQ(lines[4].substr(lines[4].rfind(',')), lines[1].substr(lines[1].rfind(',')));
}

TEST_F(EvaluateSeveral, AMistakeInTheLastIsFoundBeforeTheFirstIsRun) {
  const ProgramResult result = run({"one.safetensors", "none.safetensors", "--json"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.output, "");
  EXPECT_THAT(result.errors, HasSubstr("none.safetensors: no such file"));
}

TEST_F(EvaluateSeveral, JsonNeverTakesAPolicyForItsFile) {
  const std::string before = read_text(directory_ / "one.safetensors");
  EXPECT_EQ(results({"--json", "one.safetensors", "car.safetensors"})["policies"].size(), 2u);
  EXPECT_EQ(read_text(directory_ / "one.safetensors"), before);
  const ProgramResult both = run({"--json", "all.json", "one.safetensors"});
  EXPECT_EQ(both.exit_code, 0) << both.errors;
  EXPECT_THAT(both.output, HasSubstr("mean return"));
  EXPECT_EQ(json::parse(read_text(directory_ / "all.json"))["policy"], "one.safetensors");
}

// A population of a sweep, trained and judged: the table says which agent had what.
TEST_F(EvaluateSeveral, PoliciesOfATrainingKnowWhatTheirAgentHad) {
  const std::vector<std::string> training =
      test::small_training({"--output", "sweep", "--agents", "3", "--tau", "0.25,0.125", "--json"});
  const ProgramResult trained = test::run_program(training, directory_.path());
  ASSERT_EQ(trained.exit_code, 0) << trained.errors;
  EXPECT_EQ(Policy::load(directory_ / "sweep/policy_1.safetensors").training.at("tau"), "0.125");
  EXPECT_EQ(Policy::load(directory_ / "sweep/policy_2.safetensors").training.at("tau"), "0.25");
  EXPECT_THAT(trained.errors, testing::ContainsRegex("agent +tau +mean return"));
  EXPECT_EQ(json::parse(trained.output), json::parse(read_text(directory_ / "sweep/summary.json")));
  EXPECT_EQ(json::parse(trained.output)["agents"][1]["settings"], json({{"tau", 0.125}}));
  EXPECT_THAT(run({"sweep", "--episodes", "1"}).output,
              testing::ContainsRegex("policy +tau +mean return"));
}

}  // namespace
}  // namespace polyak
