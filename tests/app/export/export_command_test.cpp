// `polyak export`: its files, and what it refuses. tests/packaging/test_export.py holds them
// against ONNX Runtime and PyTorch.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "app/bad_input.hpp"
#include "app/program.hpp"
#include "io/export/policy_export.hpp"
#include "io/policy_samples.hpp"
#include "io/temporary_directory.hpp"

namespace polyak {
namespace {

using nlohmann::json;
using test::BadInput;
using test::ProgramResult;
using test::read_text;
using testing::ElementsAre;
using testing::HasSubstr;

class ExportCommand : public testing::Test {
 protected:
  ExportCommand() {
    policy.save(directory / "policy.safetensors");
    test::policy_of_kind(PolicyKind::lstm, Activation::tanh, false)
        .save(directory / "arm.safetensors");
  }

  ProgramResult run(std::vector<std::string> arguments, std::size_t largest_file = 0) const {
    arguments.insert(arguments.begin(), "export");
    return test::run_program(arguments, directory.path(), largest_file);
  }

  Policy policy = test::sample_policy();
  test::TemporaryDirectory directory;
};

TEST_F(ExportCommand, WritesEveryFormThatIsAskedFor) {
  const ProgramResult result = run({"policy.safetensors", "--onnx", "p.onnx", "--c-header",
                                    "swing.h", "--torch", "p.py", "--json=out"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(read_text(directory / "p.onnx"), onnx_model(policy));
  EXPECT_EQ(read_text(directory / "swing.h"), c_header(policy, "swing"));
  EXPECT_EQ(read_text(directory / "p.py"), torch_module(policy));
  EXPECT_THAT(result.output, testing::ContainsRegex("wrote p.onnx \\([0-9]+ bytes\\)\n"
                                                    "wrote swing.h \\([0-9]+ bytes\\)\n"
                                                    "wrote p.py \\([0-9]+ bytes\\)\n"));
  const json told = json::parse(read_text(directory / "out"));
  EXPECT_EQ(told["environment"], "Pendulum-v1");
  EXPECT_EQ(told["observation_size"], 3);
  ASSERT_EQ(told["files"].size(), 3u);
  EXPECT_EQ(told["files"][1]["format"], "c-header");
  EXPECT_EQ(told["files"][1]["file"], "swing.h");
  EXPECT_EQ(told["files"][1]["bytes"], read_text(directory / "swing.h").size());
}

// Text in the middle of a model would make it none.
TEST_F(ExportCommand, ToTheStandardOutputGoesNothingElse) {
  const ProgramResult model = run({"policy.safetensors", "--onnx", "/dev/stdout"});
  EXPECT_EQ(model.exit_code, 0);
  EXPECT_TRUE(model.output == onnx_model(policy));
  EXPECT_THAT(model.errors, testing::StartsWith("wrote /dev/stdout ("));
  const ProgramResult told = run({"policy.safetensors", "--onnx", "p.onnx", "--json=/dev/stdout"});
  EXPECT_EQ(json::parse(told.output)["files"].size(), 1u);
  EXPECT_THAT(told.errors, testing::StartsWith("wrote p.onnx ("));
}

TEST_F(ExportCommand, TakesPoliciesOfEnvironmentsThatItDoesNotKnow) {
  const ProgramResult result = run({"arm.safetensors", "--c-header", "arm.h", "--json"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(json::parse(result.output)["environment"], "Arm-v3");
  EXPECT_THAT(read_text(directory / "arm.h"), HasSubstr("arm_begin(arm_memory *memory)"));
}

TEST_F(ExportCommand, WhatNeedsTheEnvironmentRefusesByName) {
  for (const char* const command : {"evaluate", "rollout"}) {
    const ProgramResult result = test::run_program({command, "arm.safetensors"}, directory.path());
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.output, "");
    EXPECT_THAT(
        result.errors,
        HasSubstr("polyak: arm.safetensors: its episodes cannot be run: unknown environment "
                  "'Arm-v3'; known are Pendulum-v1"))
        << command;
  }
}

TEST_F(ExportCommand, ADiskThatIsFullLeavesTheOlderFile) {
  test::write_text(directory / "p.onnx", "older");
  const ProgramResult result = run({"policy.safetensors", "--onnx", "p.onnx"}, 100);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.errors, HasSubstr("p.onnx"));
  EXPECT_EQ(read_text(directory / "p.onnx"), "older");
  EXPECT_THAT(directory.listing(), ElementsAre("arm.safetensors", "p.onnx", "policy.safetensors"));
}

class BadExport : public testing::TestWithParam<BadInput> {};
TEST_P(BadExport, IsRefusedInOneLineWithNothingWritten) { test::expect_refusal(GetParam()); }
INSTANTIATE_TEST_SUITE_P(
    Export, BadExport,
    testing::Values(
        BadInput{"NoOutput",
                 {"export", "policy.safetensors"},
                 "export needs one or more of --onnx FILE, --c-header FILE and --torch FILE"},
        BadInput{"NoPolicy", {"export", "--onnx", "p.onnx"}, "POLICY"},
        BadInput{"OverThePolicy",
                 {"export", "policy.safetensors", "--onnx", "link"},
                 "--onnx link: is the file that is read as POLICY policy.safetensors"},
        BadInput{"TwiceTheSame",
                 {"export", "policy.safetensors", "--onnx", "p", "--torch", "./p"},
                 "is the file of --onnx, too"},
        BadInput{"WithoutADirectory",
                 {"export", "policy.safetensors", "--onnx", "p.onnx", "--torch", "none/p.py"},
                 "--torch none/p.py: there is no directory none"},
        BadInput{"CannotBeWritten",
                 {"export", "policy.safetensors", "--c-header", "/proc/p.h"},
                 "--c-header /proc/p.h: cannot write into /proc"},
        BadInput{"DashAsAFile",
                 {"export", "policy.safetensors", "--onnx", "-"},
                 "--onnx -: is no file; give a name, /dev/stdout for the standard output, or ./-"},
        BadInput{"EmptyName", {"export", "policy.safetensors", "--onnx", ""}, "--onnx"},
        BadInput{"TextAsPolicy", {"export", "text", "--onnx", "p.onnx"}, "not a safetensors file"},
        BadInput{"MissingPolicy", {"export", "none", "--onnx", "p.onnx"}, "none: no such file"},
        BadInput{"RunDirectory", {"export", "full", "--onnx", "p.onnx"}, "is a directory"},
        BadInput{"Damaged",
                 {"export", "truncated.safetensors", "--onnx", "p.onnx"},
                 "truncated.safetensors: truncated"}),
    test::bad_input_name);

}  // namespace
}  // namespace polyak
