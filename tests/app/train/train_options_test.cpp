// What a training is made of: command line, file, preset, algorithm.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "app/program.hpp"
#include "io/temporary_directory.hpp"

namespace polyak {
namespace {

using nlohmann::json;
using test::ProgramResult;
using test::read_text;
using test::run_program;
using test::small_training;
using test::TemporaryDirectory;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(TrainOptions, TheCommandLineWinsOverTheFile) {
  const TemporaryDirectory directory;
  test::write_text(directory / "mine.toml",
                   "# comment\nseed = [7]\n\nbatch-size = 8 # another\nactor-hidden = [4,\n 5]\n"
                   "activation = 'elu'\nenvironment-parameter = [\"gravity=5\"]\n"
                   "normalise-observations = true\nnoise-ladder = [0.1, 0.5]\nn-step = 3\n");
  std::vector<std::string> options = small_training({"--output", "run", "--config", "mine.toml"});
  ASSERT_EQ(run_program(options, directory.path()).exit_code, 0);
  const json used = json::parse(read_text(directory / "run/summary.json"))["configuration"];
  EXPECT_EQ(used["seed"], 7);
  EXPECT_EQ(used["batch-size"], 16) << "the command line says 16";
  EXPECT_EQ(used["actor-hidden"], json({8})) << "the command line says 8";
  EXPECT_EQ(used["activation"], "elu");
  EXPECT_EQ(used["environment-parameter"], json({"gravity=5"}));
  EXPECT_EQ(used["device"], "cpu");
  EXPECT_EQ(used["normalise-observations"], true);
  EXPECT_EQ(used["noise-ladder"].size(), 2u);
  EXPECT_EQ(used["n-step"], 3);
}

// Before the preset, after it and in the file: what is said explicitly counts.
TEST(TrainOptions, OptionsWinOverThePresetWhereverTheyStand) {
  const TemporaryDirectory directory;
  test::write_text(directory / "mine.toml",
                   "discount = 0.5\npreset = \"rltools\"\nnoise-scale = 0.7\n");
  const auto configuration = [&](std::vector<std::string> options) {
    const std::vector<std::string> common = {
        "--total-steps", "300", "--evaluation-episodes", "1",      "--device", "cpu",
        "--output",      "run", "--overwrite",           "--quiet"};
    options.insert(options.end(), common.begin(), common.end());
    const ProgramResult result = run_program(options, directory.path());
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    return json::parse(read_text(directory / "run/summary.json"))["configuration"];
  };
  const json around =
      configuration({"train", "--tau", "0.5", "--preset", "rltools", "--batch-size", "50"});
  EXPECT_EQ(around["preset"], "rltools");
  EXPECT_EQ(around["tau"], 0.5);
  EXPECT_EQ(around["batch-size"], 50);
  EXPECT_EQ(around["twin-critics"], true) << "the preset says so";
  EXPECT_EQ(around["activation"], "relu");
  const json from_file = configuration({"train", "--config", "mine.toml", "--noise-scale", "0.3"});
  EXPECT_EQ(from_file["preset"], "rltools");
  EXPECT_EQ(from_file["discount"], 0.5) << "though the file names the preset after it";
  EXPECT_FLOAT_EQ(from_file["noise-scale"], 0.3f);
  EXPECT_EQ(from_file["learning-starts"], 101);
  const json other = configuration({"train", "--config", "mine.toml", "--preset", "paper"});
  EXPECT_EQ(other["preset"], "paper") << "the command line's preset";
  EXPECT_EQ(other["discount"], 0.5);
  EXPECT_EQ(other["critic-action-layer"], 1);
  EXPECT_EQ(other["twin-critics"], false);
}

TEST(TrainOptions, AnEnvironmentsRecommendationIsSaidAndRepeated) {
  const TemporaryDirectory directory;
  const auto configuration = [&](const char* run) {
    return json::parse(read_text(directory / run / "summary.json"))["configuration"];
  };
  const ProgramResult result =
      run_program(small_training({"--environment", "MountainCarContinuous-v0", "--noise-scale",
                                  "0.4", "--checkpoint-every", "300", "--output", "run"}),
                  directory.path());
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, StartsWith("MountainCarContinuous-v0 gets what it recommends: "
                                        "--exploration ornstein-uhlenbeck --discount 0.99 (`polyak "
                                        "info --environment MountainCarContinuous-v0` says why, "
                                        "--preset fast leaves it out)\nTraining 1 agent"));
  EXPECT_EQ(configuration("run")["exploration"], "ornstein-uhlenbeck");
  EXPECT_FLOAT_EQ(configuration("run")["noise-scale"], 0.4f);
  EXPECT_EQ(configuration("run")["total-steps"], 600);

  const ProgramResult again =
      run_program({"train", "--config", "run/config.toml", "--output", "again"}, directory.path());
  ASSERT_EQ(again.exit_code, 0) << again.errors;
  EXPECT_THAT(again.output, StartsWith("Training 1 agent")) << "the file has every option";
  for (const char* const name : {"config.toml", "policy.safetensors"}) {
    EXPECT_EQ(read_text(directory / "run" / name), read_text(directory / "again" / name)) << name;
  }
  const json before = configuration("run");
  const ProgramResult resumed =
      run_program({"train", "--resume", "run", "--total-steps", "900"}, directory.path());
  ASSERT_EQ(resumed.exit_code, 0) << resumed.errors;
  EXPECT_THAT(resumed.output, StartsWith("Going on from "));
  EXPECT_THAT(resumed.output, Not(HasSubstr("recommends")));
  json expected = before;
  expected["total-steps"] = 900;
  EXPECT_EQ(configuration("run"), expected);
}

TEST(TrainOptions, ARecommendationThatMadeWayIsNotSaidToBeTaken) {
  const TemporaryDirectory directory;
  const ProgramResult result =
      run_program(small_training({"--environment", "MountainCarContinuous-v0", "--noise-ladder",
                                  "0.1,0.8", "--output", "run"}),
                  directory.path());
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, StartsWith("MountainCarContinuous-v0 gets what it recommends: "
                                        "--exploration ornstein-uhlenbeck --discount 0.99 ("));
}

TEST(TrainOptions, APresetThatIsNamedLeavesTheRecommendationOut) {
  const TemporaryDirectory directory;
  const ProgramResult result =
      run_program(small_training({"--environment", "MountainCarContinuous-v0", "--preset", "fast",
                                  "--output", "run"}),
                  directory.path());
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, StartsWith("Training 1 agent"));
  const json used = json::parse(read_text(directory / "run/summary.json"))["configuration"];
  EXPECT_EQ(used["exploration"], "gaussian");
}

TEST(TrainOptions, ASwitchAloneIsOnAndCanBeTurnedOff) {
  const TemporaryDirectory directory;
  const auto configuration = [&](const std::vector<std::string>& switches) {
    std::vector<std::string> options = small_training({"--output", "run", "--overwrite"});
    options.insert(options.end(), switches.begin(), switches.end());
    EXPECT_EQ(run_program(options, directory.path()).exit_code, 0);
    return json::parse(read_text(directory / "run/summary.json"))["configuration"];
  };
  EXPECT_EQ(configuration({})["time-limit-terminal"], false);
  EXPECT_EQ(configuration({"--time-limit-terminal"})["time-limit-terminal"], true);
  EXPECT_EQ(configuration({"--time-limit-terminal=false"})["time-limit-terminal"], false);
}

TEST(TrainOptions, AnAlgorithmSetsWhatIsNotGiven) {
  const TemporaryDirectory directory;
  const auto configuration = [&](const std::vector<std::string>& options) {
    const ProgramResult result = run_program(small_training(options), directory.path());
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    return json::parse(read_text(directory / options[1] / "summary.json"))["configuration"];
  };
  const json td3 = configuration({"--output", "td3", "--algorithm", "td3", "--target-delay", "1"});
  EXPECT_EQ(td3["algorithm"], "td3");
  EXPECT_EQ(td3["twin-critics"], true);
  EXPECT_EQ(td3["actor-delay"], 2);
  EXPECT_EQ(td3["target-delay"], 1) << "given, before or after --algorithm";
  EXPECT_EQ(td3["target-noise"], 0.2);
  const json same = configuration({"--output", "same", "--config", "td3/config.toml"});
  EXPECT_EQ(same, td3);
}

TEST(TrainOptions, ASwitchAloneIsOn) {
  const TemporaryDirectory directory;
  ASSERT_EQ(run_program(small_training({"--output", "run", "--actor-first", "--twin-critics",
                                        "false", "--decoupled-weight-decay", "true",
                                        "--critic-weight-decay", "0.01"}),
                        directory.path())
                .exit_code,
            0);
  const json used = json::parse(read_text(directory / "run/summary.json"))["configuration"];
  EXPECT_EQ(used["actor-first"], true);
  EXPECT_EQ(used["twin-critics"], false);
  EXPECT_EQ(used["decoupled-weight-decay"], true);
}

// A preset's value for what was turned off is nobody's mistake.
TEST(TrainOptions, APresetMayHaveWhatHasNoSay) {
  const TemporaryDirectory directory;
  const ProgramResult result =
      run_program(small_training({"--output", "run", "--preset", "massive", "--target-noise", "0",
                                  "--noise-ladder", "0.1,0.2"}),
                  directory.path());
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  const json used = json::parse(read_text(directory / "run/summary.json"))["configuration"];
  EXPECT_EQ(used["target-noise"], 0.0);
  EXPECT_EQ(used["target-noise-clip"], 0.2);
}

}  // namespace
}  // namespace polyak
