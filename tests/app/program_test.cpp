// What holds for every command.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "app/policy_commands.hpp"

namespace polyak {
namespace {

using nlohmann::json;
using test::ProgramResult;
using test::run_program;
using testing::HasSubstr;

/// A line of an option's description ends where its next word has no room.
void expect_full_lines(const std::string& help) {
  constexpr std::size_t indentation = 34, width = 66;
  const std::string margin(indentation, ' ');
  std::istringstream lines(help);
  for (std::string line, before; std::getline(lines, line); before = line) {
    if (!before.starts_with(margin) || !line.starts_with(margin)) continue;
    const std::string word = line.substr(indentation, line.find(' ', indentation) - indentation);
    EXPECT_GT(before.size() + 1 + word.size(), indentation + width) << before;
  }
}

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
      {"tune", {"SPACE", "--ask-tell", "--resume"}},
      {"report", {"RUN", "--output"}},
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
    expect_full_lines(help.output);
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
