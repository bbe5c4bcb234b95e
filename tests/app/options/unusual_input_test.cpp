// Input that is unusual and right, and machines that do not have what is asked for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <thread>

#include "app/program.hpp"
#include "io/policy_samples.hpp"
#include "io/temporary_directory.hpp"

namespace polyak {
namespace {

using test::ProgramResult;
using test::TemporaryDirectory;
using test::write_text;

TEST(Numbers, MeanTheSameInEveryCommand) {
  const TemporaryDirectory directory;
  test::sample_policy().save(directory / "policy.safetensors");
  const auto output = [&](const std::string& episodes, const std::string& seed) {
    const ProgramResult result = test::run_program(
        {"evaluate", "policy.safetensors", "--episodes", episodes, "--seed", seed},
        directory.path());
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    return result.output;
  };
  const std::string ten = output("10", "9007199254740993");
  EXPECT_THAT(ten, testing::HasSubstr("10 episodes"));
  EXPECT_EQ(output("010", "9007199254740993"), ten);
  EXPECT_EQ(output("1e1", "9007199254740.993e3"), ten);
  EXPECT_NE(output("10", "9007199254740992"), ten) << "seeds are exact above 2^53";
}

TEST(NamesOfFiles, MayBeAnythingAndLeaveTheTerminalAlone) {
  const TemporaryDirectory directory;
  const std::string name = "a\x1b[31m\xff.safetensors";
  test::sample_policy().save(directory / name);
  const ProgramResult text =
      test::run_program({"evaluate", name, "--episodes", "2"}, directory.path());
  EXPECT_EQ(text.exit_code, 0) << text.errors;
  EXPECT_THAT(text.output, testing::HasSubstr("a?[31m?.safetensors"));
  EXPECT_EQ(text.output.find('\x1b'), std::string::npos);
  const ProgramResult in_json =
      test::run_program({"evaluate", name, "--episodes", "2", "--json"}, directory.path());
  EXPECT_EQ(in_json.exit_code, 0) << in_json.errors;
  EXPECT_THAT(in_json.output, testing::HasSubstr("a\\u001b[31m\xEF\xBF\xBD.safetensors"));
}

TEST(ConfigFromAPipe, IsReadOnce) {
  const TemporaryDirectory directory;
  const std::filesystem::path pipe = directory / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&] { write_text(pipe, "preset = \"paper\"\ntau = 0.5\n"); });
  const ProgramResult result = test::run_program({"info", "--config", "pipe"}, directory.path());
  writer.join();
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, testing::ContainsRegex("tau +0\\.5 +given"));
}

TEST(NoGpu, SaysWhatWasFound) {
  const TemporaryDirectory directory;
  // Hides the GPUs of a machine that has some.
  ::setenv("CUDA_VISIBLE_DEVICES", "", 1);
  for (const std::string command : {"train", "bench"}) {
    const ProgramResult result = test::run_program({command, "--device", "cuda"}, directory.path());
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
    EXPECT_THAT(result.errors, testing::HasSubstr("--device cuda: no GPU can be used here: "));
  }
  ::unsetenv("CUDA_VISIBLE_DEVICES");
  EXPECT_TRUE(directory.listing().empty());
}

class TooLittleMemory : public testing::Test {
 protected:
  ProgramResult run(const std::vector<std::string>& command) const {
    std::vector<std::string> words = command;
    words.insert(words.end(), {"--device", "cpu", "--agents", "65535", "--environments", "1024",
                               "--total-steps", "1e9"});
    return test::run_program(words, directory_.path());
  }
  TemporaryDirectory directory_;
};

TEST_F(TooLittleMemory, SaysHowMuchIsNeeded) {
  const ProgramResult result = run({"train"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.errors, testing::ContainsRegex("needs [0-9]+ bytes"));
  EXPECT_THAT(result.errors, testing::ContainsRegex("[0-9]+ bytes \\(.*\\) are available"));
  EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
  EXPECT_TRUE(directory_.listing().empty());
}

TEST_F(TooLittleMemory, InfoSaysWhatTrainWould) {
  const std::string asked = run({"train"}).errors;
  const std::string refusal = asked.substr(asked.find(':') + 2, asked.find(" bytes") - 8);
  const ProgramResult text = run({"info"});
  EXPECT_EQ(text.exit_code, 0);
  EXPECT_THAT(text.output, testing::HasSubstr("  it does not fit: " + refusal));
  const auto memory = nlohmann::json::parse(run({"info", "--json"}).output)["memory"];
  EXPECT_EQ(memory["fits"], false);
  EXPECT_THAT(memory["refusal"], testing::StartsWith(refusal));
  EXPECT_THAT(test::run_program({"info"}, directory_.path()).output,
              testing::HasSubstr("  it fits\n"));
}

}  // namespace
}  // namespace polyak
