// What holds for every command.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "app/policy_commands.hpp"

namespace polyak {
namespace {

using nlohmann::json;
using test::ProgramResult;
using test::run_program;
using testing::HasSubstr;

class EveryCommand : public test::PolicyCommands {};

TEST_F(EveryCommand, AFullDiskBehindTheStandardOutputIsARunError) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"rollout", "policy.safetensors"},
        {"evaluate", "policy.safetensors"},
        {"info"},
        {"train", "--help"}}) {
    SCOPED_TRACE(arguments.front());
    const ProgramResult result = test::Program(arguments, directory_.path(), 0, "/dev/full").wait();
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(result.errors, "polyak: cannot write to the standard output\n");
  }
}

TEST_F(EveryCommand, EveryCommandExplainsItself) {
  const std::vector<std::pair<std::string, std::vector<const char*>>> commands = {
      {"train",
       {"--learning-rate-actor", "Exploration:", "--config", "--output", "round the agents]"}},
      {"evaluate", {"POLICY", "--episodes", "--starts", "--per-start", "--device"}},
      {"rollout", {"POLICY", "--transitions", "--environment", "--device"}},
      {"export", {"POLICY", "--onnx", "--c-header", "--torch"}},
      {"bench", {"--json", "--batch-size"}},
      {"compare", {"--json", "--total-steps"}},
      {"signature", {"--engine", "--only", "--trace", "--against"}},
      {"info", {"--agents", "--config"}}};
  const ProgramResult overview = run_program({"--help"}, directory_.path());
  EXPECT_EQ(overview.exit_code, 0);
  for (const auto& [command, words] : commands) {
    EXPECT_THAT(overview.output, HasSubstr("\n  " + command));
    const ProgramResult help = run_program({command, "--help"}, directory_.path());
    EXPECT_EQ(help.exit_code, 0);
    EXPECT_EQ(help.errors, "");
    for (const char* word : words) EXPECT_THAT(help.output, HasSubstr(word));
    EXPECT_THAT(help.output, HasSubstr("\n  --json [")) << command;
    EXPECT_THAT(help.output, HasSubstr("Examples:\n  polyak " + std::string(command))) << command;
  }
}

TEST_F(EveryCommand, VersionIsPrinted) {
  const ProgramResult version = run_program({"--version"}, directory_.path());
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_THAT(version.output, testing::StartsWith("polyak "));
}

}  // namespace
}  // namespace polyak
