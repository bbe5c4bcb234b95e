// Options that would be without effect beside each other, and outputs that would replace an input
// or cannot be written: refused before any work, in one line.
#include <gtest/gtest.h>

#include "app/bad_input.hpp"

namespace polyak {
namespace {

using test::bad_input_name;
using test::BadInput;

class OptionConflictTest : public testing::TestWithParam<BadInput> {};

TEST_P(OptionConflictTest, IsRefusedInOneLineWithNothingWritten) {
  test::expect_refusal(GetParam());
}

INSTANTIATE_TEST_SUITE_P(
    WithoutEffect, OptionConflictTest,
    testing::Values(
        BadInput{"StartsAndEpisodes",
                 {"evaluate", "policy.safetensors", "--starts", "starts.json", "--episodes", "2"},
                 "--episodes and --starts exclude each other"},
        BadInput{"StartsAndSeed",
                 {"rollout", "policy.safetensors", "--seed", "2", "--starts", "starts.json"},
                 "--seed and --starts exclude each other"},
        BadInput{"StartsAndEvaluationEpisodes",
                 {"train", "--starts", "starts.json", "--evaluation-episodes", "0"},
                 "--evaluation-episodes and --starts exclude each other"},
        BadInput{"TransitionsAndStarts",
                 {"rollout", "--transitions", "steps_in.csv", "--starts", "starts.json"},
                 "--starts and --transitions exclude each other"},
        BadInput{"TransitionsAndEpisodes",
                 {"rollout", "--transitions", "steps_in.csv", "--episodes", "3"},
                 "--episodes and --transitions exclude each other"},
        BadInput{"TransitionsAndSeed",
                 {"rollout", "--transitions", "steps_in.csv", "--seed", "0"},
                 "--seed and --transitions exclude each other"},
        BadInput{"TransitionsAndTimeLimit",
                 {"rollout", "--transitions", "steps_in.csv", "--time-limit", "3"},
                 "--time-limit and --transitions exclude each other"},
        BadInput{"EnvironmentOfAPolicy",
                 {"rollout", "policy.safetensors", "--environment", "Pendulum-v1"},
                 "--environment goes with --transitions"},
        BadInput{"OverwriteOfANewDirectory",
                 {"train", "--overwrite"},
                 "--overwrite: has no effect without --output"},
        BadInput{"DeviceAndDevices",
                 {"bench", "--device", "cpu", "--devices", "cpu:1"},
                 "--device and --devices exclude each other"},
        BadInput{"ThreadsOfNoDevice",
                 {"bench", "--threads", "2", "--devices", "cpu:1"},
                 "--threads: has no effect on these devices; give --devices cpu, or cpu:2"},
        BadInput{"EngineOnTheCpu",
                 {"train", "--device", "cpu", "--engine", "fused"},
                 "--engine: the CPU does not have this, only the GPU"},
        BadInput{"PrecisionOnTheCpu",
                 {"compare", "--devices", "cpu", "--precision", "bf16"},
                 "--precision: the CPU does not have this, only the GPU"},
        BadInput{"MatrixProductOnTheCpu",
                 {"bench", "--devices", "cpu:1", "--matrix-product", "own"},
                 "--matrix-product: the CPU does not have this, only the GPU"},
        BadInput{"ThetaOfGaussianNoise",
                 {"train", "--noise-theta", "0.3"},
                 "--noise-theta: has no effect in gaussian noise"},
        BadInput{"TimeStepOfGaussianNoise", {"train", "--noise-dt", "0.5"}, "--noise-dt: has no"},
        BadInput{"ClipOfNoTargetNoise",
                 {"train", "--target-noise-clip", "0.3"},
                 "--target-noise-clip: has no effect without --target-noise"},
        BadInput{"KindOfNoWeightDecay",
                 {"train", "--decoupled-weight-decay"},
                 "--decoupled-weight-decay: has no effect without --actor-weight-decay"}),
    bad_input_name);

INSTANTIATE_TEST_SUITE_P(
    Outputs, OptionConflictTest,
    testing::Values(
        BadInput{"RolloutIntoItsPolicy",
                 {"rollout", "policy.safetensors", "--output", "./policy.safetensors"},
                 "--output ./policy.safetensors: is the file that is read as POLICY"},
        BadInput{
            "RolloutIntoItsStarts",
            {"rollout", "policy.safetensors", "--starts", "starts.json", "--output", "starts.json"},
            "is the file that is read as --starts"},
        BadInput{"RolloutIntoItsTransitions",
                 {"rollout", "--transitions", "steps_in.csv", "--output", "full/../steps_in.csv"},
                 "is the file that is read as --transitions"},
        BadInput{"EvaluateIntoItsPolicy",
                 {"evaluate", "policy.safetensors", "--per-start", "link"},
                 "--per-start link: is the file that is read as POLICY"},
        BadInput{"EvaluateIntoAPolicyByJson",
                 {"evaluate", "link", "--json=policy.safetensors"},
                 "--json policy.safetensors: is the file that is read as POLICY link"},
        BadInput{"EvaluateTwiceIntoOneFile",
                 {"evaluate", "policy.safetensors", "--per-start", "new", "--json=./new"},
                 "--json ./new: is the file of --per-start, too"},
        BadInput{"TrainIntoItsConfig",
                 {"train", "--config", "range.toml", "--json=range.toml", "--agents", "1"},
                 "--json range.toml: is the file that is read as --config"},
        BadInput{
            "CompareIntoItsStarts",
            {"compare", "--devices", "cpu", "--starts", "starts.json", "--json", "starts.json"},
            "is the file that is read as --starts"},
        BadInput{"BenchIntoItsConfig",
                 {"bench", "--agents", "1", "--config", "range.toml", "--json=range.toml"},
                 "is the file that is read as --config"},
        BadInput{"RolloutIntoNoDirectory",
                 {"rollout", "policy.safetensors", "--output", "none/out.csv"},
                 "--output none/out.csv: there is no directory none"},
        BadInput{"RolloutIntoADirectory",
                 {"rollout", "policy.safetensors", "--output", "full"},
                 "--output full: is a directory"},
        BadInput{"EvaluateIntoNoDirectory",
                 {"evaluate", "policy.safetensors", "--per-start", "none/out.csv"},
                 "--per-start none/out.csv: there is no directory none"},
        BadInput{"EvaluateWhereNothingCanBeWritten",
                 {"evaluate", "policy.safetensors", "--per-start", "/proc/out.csv"},
                 "--per-start /proc/out.csv: cannot write into /proc"},
        BadInput{"EmptyName",
                 {"rollout", "policy.safetensors", "--output", ""},
                 "--output: needs the name of a file"},
        BadInput{"EmptyPolicyName", {"evaluate", ""}, "POLICY: needs the name of a file"},
        BadInput{"EmptyTransitionsName",
                 {"rollout", "--transitions", ""},
                 "--transitions: needs the name of a file"},
        BadInput{"EmptyDirectoryName", {"train", "--output", ""}, "--output: needs the name"},
        BadInput{"OptionAsAName",
                 {"train", "--output", "--quiet"},
                 "--output: needs the name of a file, not the option --quiet"},
        BadInput{"TrainIntoItsOwnPolicy",
                 {"train", "--output", "empty", "--json=empty/policy.safetensors"},
                 "--json empty/policy.safetensors: is a name of the training's own"},
        BadInput{"TrainIntoItsOwnDirectory",
                 {"train", "--output", "none", "--json=none"},
                 "--json none: is a name of the training's own"},
        BadInput{"NoNameForJson", {"info", "--json="}, "--json=: needs the name of a file"},
        BadInput{"TwoFilesForJson", {"info", "--json=a", "--json=b"}, "--json: is given more"},
        BadInput{"OtherNameBehindJson", {"info", "--json", "a.txt"}, "unexpected argument 'a.txt'"},
        BadInput{"DashAsAFile",
                 {"rollout", "policy.safetensors", "--output", "-"},
                 "--output -: is no file"},
        BadInput{"DirectoryWithoutPolicies", {"evaluate", "full"}, "full: has no policies"}),
    bad_input_name);

}  // namespace
}  // namespace polyak
