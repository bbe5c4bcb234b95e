// info from the command line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "app/policy_commands.hpp"
#include "config/fields.hpp"
#include "polyak/config.hpp"

namespace polyak {
namespace {

using test::ProgramResult;
using testing::HasSubstr;

class InfoCommand : public test::PolicyCommands {};

TEST_F(InfoCommand, InfoTellsOfDevicesBuildEnvironmentsAndMemory) {
  const ProgramResult result = run({"info", "--agents", "3"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  for (const char* word :
       {"cpu: ", "compiler ", "Pendulum-v1", "MountainCarContinuous-v0", "gravity=10", "layered",
        "replay: ", "bytes", "    1 observation, 1 action,", "    3 observations, 1 action,"}) {
    EXPECT_THAT(result.output, HasSubstr(word));
  }
}

TEST_F(InfoCommand, InfoTellsEveryValueOfAPresetWithItsSource) {
  const ProgramResult result = run({"info", "--preset", "paper", "--tau", "0.5"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  const Config config;
  visit_fields(config, [&](const FieldInfo& field, const auto&) {
    if (field.name == "preset") return;
    EXPECT_THAT(result.output, HasSubstr("\n    " + std::string(field.name) + " "));
  });
  EXPECT_THAT(result.output, HasSubstr("Lillicrap et al. 2015"));
  EXPECT_THAT(result.output, testing::ContainsRegex("critic-weight-decay +0.01 +section 7"));
  EXPECT_THAT(result.output, testing::ContainsRegex("tau +0.5 +given"));
  EXPECT_THAT(result.output, testing::ContainsRegex("reward-scale +1 +Polyak's default"));
  EXPECT_THAT(result.output, HasSubstr("no pixels"));
  EXPECT_THAT(result.output, HasSubstr("in all: "));
}

TEST_F(InfoCommand, InfoTellsWhatEnvironmentsRecommendAndWhy) {
  EXPECT_THAT(run({"info"}).output, HasSubstr("\n    recommends --preset recurrent\n"));
  const ProgramResult result =
      run({"info", "--environment", "MountainCarContinuous-v0", "--json", "info.json"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, testing::StartsWith("Environment MountainCarContinuous-v0: drive"));
  EXPECT_THAT(result.output, testing::ContainsRegex("\n    --noise-scale 0.5 +with 0.2 9 of 10"));
  EXPECT_THAT(result.output, HasSubstr("(--preset fast: the defaults)\n"));
  EXPECT_THAT(result.output, HasSubstr("in all: "));
  EXPECT_THAT(run({"info", "--environment", "Pendulum-v1"}).output,
              HasSubstr("\n  It recommends the defaults\n"));

  const auto told = nlohmann::json::parse(test::read_text(directory_ / "info.json"));
  EXPECT_EQ(told["configuration"]["total-steps"], 40000);
  for (const auto& environment : told["environments"]) {
    if (environment["name"] != "Pendulum-V") continue;
    EXPECT_EQ(environment["recommended"][0]["option"], "preset");
    EXPECT_EQ(environment["recommended"][0]["value"], "recurrent");
    EXPECT_NE(environment["recommended"][0]["reason"], "");
  }
}

TEST_F(InfoCommand, InfoPrintsNothingBeforeItRefuses) {
  const ProgramResult result =
      test::run_program({"info", "--device", "cuda:999"}, directory_.path());
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.output, "");
  EXPECT_THAT(result.errors, HasSubstr("--device cuda:999"));
}

TEST_F(InfoCommand, InfoTellsWhatASystemsTd3Is) {
  const ProgramResult result = run({"info", "--preset", "spinningup", "--algorithm", "td3"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, HasSubstr("Preset spinningup: openai/spinningup, "
                                       "spinup/algos/pytorch/td3 (038665d)\n"));
  EXPECT_THAT(result.output, testing::ContainsRegex("target-noise +0.1 +target_noise 0.2"));
  EXPECT_THAT(result.output, testing::ContainsRegex("actor-delay +2 +policy_delay"));
  EXPECT_THAT(result.output, testing::ContainsRegex("batch-size +100 +batch_size"));
  EXPECT_THAT(result.output, HasSubstr("share of the action range"));
  const ProgramResult own = run({"info", "--preset", "fast", "--algorithm", "td3"});
  EXPECT_THAT(own.output, testing::ContainsRegex("actor-delay +2 +Fujimoto et al. 2018"));
  EXPECT_THAT(own.output, testing::ContainsRegex("tau +0.02 +Polyak's default"));
}

}  // namespace
}  // namespace polyak
