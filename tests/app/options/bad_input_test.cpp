// Whatever is wrong with a request: exit code 2, one line that says what, and nothing written.
#include "app/bad_input.hpp"

#include <gtest/gtest.h>

namespace polyak {
namespace {

using test::bad_input_name;
using test::BadInput;

class BadInputTest : public testing::TestWithParam<BadInput> {};

TEST_P(BadInputTest, IsRefusedInOneLineWithNothingWritten) { test::expect_refusal(GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    CommandLine, BadInputTest,
    testing::Values(
        BadInput{"NoCommand", {}, "no command"},
        BadInput{"UnknownCommand", {"trian"}, "did you mean 'train'?"},
        BadInput{
            "UnknownOption", {"train", "--learning-rat-actor", "1"}, "'--learning-rate-actor'"},
        BadInput{
            "BeginningOfAnOption", {"train", "--replay", "1"}, "did you mean '--replay-capacity'?"},
        BadInput{"AnotherTrainersWord",
                 {"train", "--num_envs", "8"},
                 "unknown option '--num_envs'; did you mean '--environments'?"},
        BadInput{"OptionOfNoCommand", {"--agents", "3"}, "did you mean 'polyak train --agents'?"},
        BadInput{"OptionOfTheProgram", {"train", "--version"}, "did you mean 'polyak --version'?"},
        BadInput{"EpisodesOfATraining", {"train", "--episodes=3"}, "did you mean '--total-steps'"},
        BadInput{"SwitchNeitherOnNorOff",
                 {"train", "--quiet=maybe"},
                 "--quiet: 'maybe' is neither true nor false"},
        BadInput{"SwitchOfACount",
                 {"compare", "--whole-curve=2"},
                 "--whole-curve: '2' is neither true nor false"},
        BadInput{"LooseWord", {"train", "fast"}, "'fast'"},
        BadInput{"MissingValue", {"train", "--agents"}, "--agents: needs a value"},
        BadInput{"GivenTwice", {"train", "--agents", "1", "--agents", "2"}, "more than once"}),
    bad_input_name);

INSTANTIATE_TEST_SUITE_P(
    Values, BadInputTest,
    testing::Values(
        BadInput{"UnknownEnvironment", {"train", "--environment", "Foo"}, "known are Pendulum-v1"},
        BadInput{"NotANumber", {"train", "--agents", "many"}, "'many' is not a whole number"},
        BadInput{"Fraction", {"train", "--batch-size", "1.5"}, "'1.5' is not a whole number"},
        BadInput{"Zero", {"train", "--agents", "0"}, "between 1 and 65535"},
        BadInput{"Negative", {"train", "--noise-scale", "-1"}, "--noise-scale: -1"},
        BadInput{"NegativeSeed", {"train", "--seed", "-1"}, "--seed: '-1'"},
        BadInput{"NaN", {"train", "--tau", "nan"}, "--tau: nan is not a finite number"},
        BadInput{"Infinite", {"train", "--learning-rate-actor", "inf"}, "not a finite number"},
        BadInput{"TooLargeForAFloat", {"train", "--discount", "1e99"}, "'1e99'"},
        BadInput{"OutOfRangeInAList", {"train", "--agents", "2", "--tau", "0.1,2"}, "--tau: 2"},
        BadInput{"EmptyInAList", {"train", "--actor-hidden", "64,,64"}, "''"},
        BadInput{"MoreValuesThanAgents", {"train", "--tau", "0.1,0.2"}, "2 values for 1 agent"},
        BadInput{"UnknownActivation", {"train", "--activation", "sin"}, "relu, tanh, elu"},
        BadInput{"NeitherTrueNorFalse", {"train", "--actor-first", "maybe"}, "'maybe'"},
        BadInput{"BeyondTheFusedEngine",
                 {"train", "--engine", "fused", "--algorithm", "td3"},
                 "--twin-critics: the fused engine does not have this"},
        BadInput{"TooManyLayers", {"train", "--actor-hidden", "8,8,8,8,8"}, "5 hidden layers"},
        BadInput{"BatchLargerThanReplay",
                 {"train", "--batch-size", "64", "--replay-capacity", "32"},
                 "larger than --replay-capacity 32"},
        BadInput{"EndsBeforeLearningStarts",
                 {"train", "--total-steps", "500", "--learning-starts", "600"},
                 "--total-steps: 500 environment steps end before the first update"},
        BadInput{"UnknownParameter",
                 {"train", "--environment-parameter", "mass=2"},
                 "'mass=2' is not name=value"},
        BadInput{"NaNForAParameter",
                 {"train", "--environment-parameter", "gravity=nan"},
                 "--environment-parameter: 'gravity=nan' is out of range or no number; gravity "
                 "must be between -1000 and 1000"},
        BadInput{"SmallNumberAsItWasTyped",
                 {"train", "--learning-rate-actor", "1e-13"},
                 "--learning-rate-actor: 1e-13 is out of range; it must be between 1e-12 and 10"},
        BadInput{"FractionAsItWasTyped", {"train", "--discount", "1.1"}, "--discount: 1.1 is out"},
        BadInput{"LargeNumberInFull",
                 {"train", "--reward-scale", "1000001"},
                 "--reward-scale: 1000001 is out of range; it must be between 1e-06 and 1000000"},
        BadInput{"UnknownDevice",
                 {"train", "--device", "cdua"},
                 "unknown device 'cdua'; use one of auto, cuda, cuda:N (one of several GPUs), "
                 "cuda:all, cpu"},
        BadInput{"UnknownPreset",
                 {"train", "--preset", "papers"},
                 "unknown preset 'papers'; use one of fast, paper"},
        BadInput{"PresetOfAnotherAlgorithm",
                 {"train", "--preset", "paper", "--algorithm", "td3"},
                 "--preset: paper is a system of ddpg"},
        BadInput{"WrongBesideWhatIsRecommended",
                 {"train", "--environment", "Pendulum-V", "--batch-norm"},
                 "use --policy feed-forward, or --layer-norm; Pendulum-V gets what it recommends: "
                 "--preset recurrent (`polyak info --environment Pendulum-V` says why, --preset "
                 "fast leaves it out)"},
        BadInput{"NoiseThatGrows",
                 {"train", "--exploration", "ornstein-uhlenbeck", "--noise-theta", "2"},
                 "--noise-theta: times --noise-dt it is 2"}),
    bad_input_name);

// Every number of every command, read and held against its range in one way.
INSTANTIATE_TEST_SUITE_P(
    Numbers, BadInputTest,
    testing::Values(
        BadInput{"FewEpisodes",
                 {"evaluate", "policy.safetensors", "--episodes", "0"},
                 "--episodes: 0 is out of range; it must be between 1 and 10000000"},
        BadInput{"HexadecimalEpisodes",
                 {"evaluate", "policy.safetensors", "--episodes", "0x10"},
                 "--episodes: '0x10' is not a whole number"},
        BadInput{"NegativeStartSeed",
                 {"evaluate", "policy.safetensors", "--seed", "-1"},
                 "--seed: '-1' is not a whole number from 0 up"},
        BadInput{"LargeStartSeed",
                 {"rollout", "policy.safetensors", "--seed", "18446744073709551616"},
                 "or is too large"},
        BadInput{"HexadecimalThreads",
                 {"rollout", "policy.safetensors", "--threads", "0x1"},
                 "--threads: '0x1'"},
        BadInput{"NoTimeLimit",
                 {"rollout", "policy.safetensors", "--time-limit", "0"},
                 "--time-limit: 0 is out of range"},
        BadInput{"HexadecimalAgents", {"train", "--agents", "0x10"}, "--agents: '0x10'"},
        BadInput{"FewReportSteps", {"train", "--report-steps", "0"}, "--report-steps: 0"},
        BadInput{"FractionOfAnEvaluation",
                 {"train", "--evaluation-episodes", "1.5"},
                 "--evaluation-episodes: '1.5'"},
        BadInput{"FewRepetitions", {"bench", "--repetitions", "4"}, "between 5 and 1000"},
        BadInput{"EmptySeconds", {"bench", "--seconds", "nan"}, "between 0.001 and 60"},
        BadInput{"NoRuns", {"compare", "--runs", "0"}, "--runs: 0"},
        BadInput{"EndlessThreshold", {"compare", "--threshold", "inf"}, "--threshold: inf"},
        BadInput{"NeverMeasures", {"compare", "--measure-every", "-1"}, "--measure-every: -1"}),
    bad_input_name);

INSTANTIATE_TEST_SUITE_P(
    Messages, BadInputTest,
    testing::Values(
        BadInput{"LongValue",
                 {"train", "--tau", std::string(100'000, 'a')},
                 "aaaa...' (100000 characters) is not a number"},
        BadInput{"LongPath", {"evaluate", std::string(100'000, 'a')}, "File name too long"},
        BadInput{"EscapesInAPath", {"evaluate", "a\x1b[31m\nb\xff"}, "a?[31m b?: no such file"},
        BadInput{"EscapesInAnOption", {"train", "--\x1b[2J"}, "unknown option '--?[2J'"}),
    bad_input_name);

INSTANTIATE_TEST_SUITE_P(
    Files, BadInputTest,
    testing::Values(
        BadInput{"MissingPolicy", {"evaluate", "none"}, "none: no such file"},
        BadInput{"NoPolicy", {"evaluate"}, "POLICY"},
        BadInput{"PolicyIsADirectory", {"rollout", "full"}, "is a directory"},
        BadInput{"PolicyWithoutEnd", {"evaluate", "/dev/zero"}, "/dev/zero: has more than"},
        BadInput{"DeepPolicy", {"evaluate", "deep.safetensors"}, "levels deep"},
        BadInput{"DeepStarts", {"train", "--starts", "deep.json"}, "levels deep"},
        BadInput{"StartsWithoutEnd", {"train", "--starts", "/dev/zero"}, "has more than"},
        BadInput{"TruncatedPolicy", {"evaluate", "truncated.safetensors"}, "truncated"},
        BadInput{"CorruptedPolicy", {"evaluate", "corrupted.safetensors"}, "corrupted"},
        BadInput{"ForeignPolicy", {"evaluate", "foreign.safetensors"}, "not a policy"},
        BadInput{"TextAsPolicy", {"rollout", "text"}, "not a safetensors file"},
        BadInput{"StartsOfAnotherEnvironment",
                 {"evaluate", "policy.safetensors", "--starts", "car.json"},
                 "lacks 'theta'"},
        BadInput{"StartsAreNoJson", {"train", "--starts", "text"}, "text: the file is no JSON"},
        BadInput{"TransitionsLackAColumn",
                 {"rollout", "--transitions", "steps.csv"},
                 "theta,theta_dot,action"},
        BadInput{"TransitionsWithNaN", {"rollout", "--transitions", "nan.csv"}, "line 2: 'nan'"},
        BadInput{"NothingToRollOut", {"rollout"}, "--transitions"},
        BadInput{"PolicyAndTransitions",
                 {"rollout", "policy.safetensors", "--transitions", "nan.csv"},
                 "either"},
        BadInput{"MissingConfig", {"train", "--config", "none"}, "--config none"},
        BadInput{"AnotherTrainersWordInConfig",
                 {"train", "--config", "foreign.toml"},
                 "unknown name 'gamma'; did you mean 'discount'?"},
        BadInput{"ValueOfAConfig",
                 {"train", "--config", "nan.toml"},
                 "nan.toml: line 2, column 1: --discount: nan is not a finite number"},
        BadInput{"OtherActions", {"evaluate", "wide.safetensors"}, "'action_scale'"},
        BadInput{"ConstantTwice",
                 {"train", "--environment-parameter", "gravity=9,gravity=1"},
                 "'gravity' is there twice"},
        BadInput{"SeedWithoutSuccessors",
                 {"train", "--agents", "2", "--seed", "18446744073709551615"},
                 "leaves no larger seeds for the other 1"},
        BadInput{"UnknownNameInConfig",
                 {"train", "--config", "config.toml"},
                 "unknown name 'agens'; did you mean 'agents'?"},
        BadInput{"NameTwiceInConfig",
                 {"train", "--config", "twice.toml"},
                 "--config twice.toml: line 3"},
        BadInput{"TableInConfig",
                 {"train", "--config", "section.toml"},
                 "--config section.toml: line 2, column 1: 'agents' is in the table [Learning]; it "
                 "belongs into [Population]"},
        BadInput{"ShortLineInConfig", {"train", "--config", "short.toml"}, "line 2, column 1"},
        BadInput{"ListWithoutEndInConfig", {"train", "--config", "open.toml"}, "open.toml: line "},
        BadInput{"ConfigWithoutEnd", {"train", "--config", "/dev/zero"}, "has more than"},
        BadInput{"ConfigIsADirectory", {"train", "--config", "full"}, "is a directory"},
        BadInput{"OutOfRangeInConfig", {"train", "--config", "range.toml"}, "--agents: 0"},
        BadInput{"OutputIsNotEmpty", {"train", "--output", "full"}, "no training of polyak"},
        BadInput{"OverwriteIsNoTraining",
                 {"train", "--output", ".", "--overwrite"},
                 "no training of polyak"},
        BadInput{"RemainsWithSomebodysFile",
                 {"train", "--output", "remains"},
                 "--output remains: .polyak-staging, left by a training that was killed, has "
                 "'notes' in it"},
        BadInput{"OutputIsAFile", {"train", "--output", "text"}, "not a directory"},
        BadInput{"OutputBelowAFile", {"train", "--output", "text/run"}, "not a directory"},
        BadInput{
            "OutputCannotBeWritten", {"train", "--output", "/proc/run"}, "--output /proc/run"}),
    bad_input_name);

}  // namespace
}  // namespace polyak
