// signature from the command line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "app/program.hpp"
#include "io/temporary_directory.hpp"
#include "trainer/signature/signature.hpp"

namespace polyak {
namespace {

using nlohmann::json;
using test::ProgramResult;
using testing::ContainsRegex;
using testing::HasSubstr;

class SignatureCommand : public testing::Test {
 protected:
  ProgramResult run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "signature");
    if (arguments.back() != "--list") arguments.insert(arguments.end(), {"--device", "cpu"});
    return test::run_program(arguments, directory.path());
  }
  std::string digest(const std::string& training) const { return expected_digests().at(training); }

  test::TemporaryDirectory directory;
};

TEST_F(SignatureCommand, SaysThatEveryTrainingIsAsExpected) {
  const ProgramResult result = run({"--threads", "2"});
  EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
  EXPECT_THAT(result.output, testing::StartsWith("cpu, 2 threads"));
  for (const SignatureCase& training : signature_cases()) {
    EXPECT_THAT(result.output, ContainsRegex("\n" + training.name + " +" + digest(training.name) +
                                             "  as expected\n"));
  }
  EXPECT_THAT(result.output, ContainsRegex("\nall " + std::to_string(signature_cases().size()) +
                                           " that ran +[0-9a-f]+  as expected\n"));
}

TEST_F(SignatureCommand, WhatItWritesItAccepts) {
  EXPECT_EQ(run({"--write", "table.txt"}).exit_code, 0);
  EXPECT_EQ(run({"--check", "table.txt"}).exit_code, 0);
  std::string table = test::read_text(directory / "table.txt");
  EXPECT_THAT(table, HasSubstr("\nsingle " + digest("single") + "\n"));
  test::write_text(directory / "other.txt", "single 0123456789abcdef\nlstm " + digest("lstm"));
  const ProgramResult result = run({"--check", "other.txt", "--only", "single,lstm,td3"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, ContainsRegex("\nsingle +" + digest("single") + "  differs\n"));
  EXPECT_THAT(result.output, ContainsRegex("\nlstm +" + digest("lstm") + "  as expected\n"));
  EXPECT_THAT(result.output, ContainsRegex("\ntd3 +[0-9a-f]+  is not in the table\n"));
  EXPECT_THAT(result.output, ContainsRegex("\nall 3 that ran +[0-9a-f]+  differs\n"));
  EXPECT_THAT(result.output, HasSubstr("polyak signature --trace single --output FILE"));
  EXPECT_EQ(run({"--check", "other.txt", "--only", "td3"}).exit_code, 1);
  EXPECT_EQ(run({"--check", "other.txt", "--only", "lstm"}).exit_code, 0);
}

TEST_F(SignatureCommand, JsonHasTheSame) {
  test::write_text(directory / "other.txt", "single 0123456789abcdef\n");
  const ProgramResult result = run({"--only", "single,wide", "--check", "other.txt", "--json"});
  EXPECT_EQ(result.exit_code, 1);
  const json report = json::parse(result.output);
  EXPECT_EQ(report["ran"], 2);
  EXPECT_EQ(report["as_expected"], false);
  EXPECT_EQ(report["trainings"][0]["name"], "single");
  EXPECT_EQ(report["trainings"][0]["digest"], digest("single"));
  EXPECT_EQ(report["trainings"][0]["expected"], "0123456789abcdef");
  EXPECT_EQ(report["trainings"][1]["as_expected"], false);
  EXPECT_FALSE(report["trainings"][1].contains("expected"));
}

TEST_F(SignatureCommand, ListsItsTrainings) {
  const ProgramResult result = run({"--list"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(std::count(result.output.begin(), result.output.end(), '\n'),
            static_cast<std::ptrdiff_t>(signature_cases().size()));
  EXPECT_THAT(result.output, ContainsRegex("\nlstm +an LSTM, "));
}

TEST_F(SignatureCommand, TracesAreComparedWithFilesAndDevices) {
  const ProgramResult written = run({"--trace", "td3", "--output", "td3.trace"});
  EXPECT_EQ(written.exit_code, 0) << written.errors;
  EXPECT_THAT(written.output, ContainsRegex("wrote td3.trace, [0-9.]+ KiB\n"));
  for (const char* const other : {"td3.trace", "cpu", "cpu:3"}) {
    const ProgramResult same = run({"--trace", "td3", "--against", other});
    EXPECT_EQ(same.exit_code, 0) << same.errors;
    EXPECT_THAT(same.output, HasSubstr("The same bits after every iteration"));
  }
  const ProgramResult files = run({"--trace", "td3.trace", "--against", "./td3.trace", "--json"});
  EXPECT_EQ(files.exit_code, 0) << files.errors;
  EXPECT_EQ(json::parse(files.output)["same"], true);
}

TEST_F(SignatureCommand, WrongRequestsAreRefusedInOneLine) {
  test::write_text(directory / "bad.txt", "what is this\n");
  test::write_text(directory / "bad.trace", "polyak trace 1\ntraining");
  test::write_text(directory / "empty.txt", "# nothing\n");
  const std::vector<std::pair<std::vector<std::string>, std::string>> requests = {
      {{"--only", "lst"}, "--only: 'lst' is no training of the signature; did you mean 'lstm'?"},
      {{"--only", "lstm,lstm"}, "--only: 'lstm' is there twice"},
      {{"--check", "none.txt"}, "none.txt"},
      {{"--check", "bad.txt"}, "bad.txt: line 1: "},
      {{"--check", "empty.txt"}, "--check empty.txt: has no digest"},
      {{"--check", "bad.txt", "--write", "new.txt"}, "--write"},
      {{"--write", "none/new.txt"}, "there is no directory none"},
      {{"--trace", "td3"}, "--output FILE"},
      {{"--trace", "td"}, "'td' is no training of the signature"},
      {{"--trace", "td3", "--against", "bad.trace"}, "bad.trace: truncated or damaged"},
      {{"--trace", "td3", "--against", "bad.txt"}, "bad.txt: is not a trace"},
      {{"--trace", "td3", "--against", "none.trace"}, "none.trace"},
      {{"--trace", "td3", "--against", "cpu:0"}, "'cpu:0' is no device"},
      {{"--trace", "td3", "--against", "cuda"}, "no GPU can be used here"},
      {{"--trace", "bad.trace"}, "--against says with what"},
      {{"--trace", "bad.trace", "--output", "x"}, "is a file already"},
      {{"--against", "cpu"}, "--trace"},
      {{"--engine", "fused"}, "the CPU does not have this"},
      {{"--engine", "fast"}, "fast"},
      {{"--list=maybe"}, "neither true nor false"},
      {{"--only", "lstm", "--list"}, "--list and --only exclude each other"},
      {{"--check", "bad.txt", "--list"}, "--list and --check exclude each other"},
      {{"--device", "cpu", "--list"}, "--list and --device exclude each other"},
      {{"--engine", "fused", "--list"}, "--list and --engine exclude each other"},
      {{"--threads", "1", "--list"}, "--list and --threads exclude each other"},
  };
  const std::vector<std::string> before = directory.listing();
  for (const auto& [arguments, expected] : requests) {
    const ProgramResult result = run(arguments);
    EXPECT_EQ(result.exit_code, 2) << expected;
    EXPECT_EQ(result.output, "");
    EXPECT_THAT(result.errors, HasSubstr(expected));
    EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
  }
  EXPECT_EQ(directory.listing(), before);
}

}  // namespace
}  // namespace polyak
