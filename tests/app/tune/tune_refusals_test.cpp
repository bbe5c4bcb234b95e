// Wrong requests of `polyak tune`.
#include <gtest/gtest.h>

#include "app/bad_input.hpp"

namespace polyak {
namespace {

class TuneRefusals : public testing::TestWithParam<test::BadInput> {};

TEST_P(TuneRefusals, AreOneLineWithNothingWritten) { test::expect_refusal(GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Options, TuneRefusals,
    testing::Values(
        test::BadInput{"NoSpace", {"tune"}, "which space to search is missing"},
        test::BadInput{"MissingFile", {"tune", "nowhere.toml"}, "nowhere.toml"},
        test::BadInput{"UnknownField", {"tune", "section.toml"}, "section.toml: line 2"},
        test::BadInput{
            "Scheduler", {"tune", "s", "--scheduler", "magic"}, "--scheduler: unknown scheduler"},
        test::BadInput{
            "Sampler", {"tune", "s", "--sampler", "magic"}, "--sampler: unknown sampler"},
        test::BadInput{"Agents", {"tune", "s", "--agents", "3"}, "--agents"},
        test::BadInput{"CohortWithoutAsha", {"tune", "s", "--cohort", "3"}, "--scheduler asha"},
        test::BadInput{"RungWithoutHalving",
                       {"tune", "s", "--scheduler", "none", "--first-rung", "9"},
                       "--first-rung: has no effect"},
        test::BadInput{"PbtWithout", {"tune", "s", "--pbt-copy", "networks"}, "--scheduler pbt"},
        test::BadInput{"PbtCopy", {"tune", "s", "--pbt-copy", "all"}, "neither everything nor"},
        test::BadInput{"PbtSeeds",
                       {"tune", "s", "--scheduler", "pbt", "--seeds", "2"},
                       "members have a seed each"},
        test::BadInput{"Overwrite", {"tune", "s", "--overwrite"}, "without --output"},
        test::BadInput{"EmptyOutput", {"tune", "s", "--output", ""}, "--output: needs the name"},
        test::BadInput{"IntervalZero",
                       {"tune", "s", "--scheduler", "pbt", "--pbt-intervals", "0"},
                       "--pbt-intervals: 0 is out of range"},
        test::BadInput{"IntervalBeyondTheEnd",
                       {"tune", "s", "--scheduler", "pbt", "--pbt-intervals", "10000"},
                       "never pass in a training"},
        test::BadInput{"TooFewMembers",
                       {"tune", "s", "--scheduler", "pbt", "--trials", "4"},
                       "have no worst 20%; use at least 5"},
        test::BadInput{"SaidByTheSpace",
                       {"tune", "s", "--tau", "0.3"},
                       "--tau: has no effect, as s says it for every trial"},
        test::BadInput{"SaidByTheSpacesAlgorithm",
                       {"tune", "td3.toml", "--trials", "2", "--algorithm", "ddpg"},
                       "--algorithm: has no effect, as td3.toml says otherwise for every trial"},
        test::BadInput{"SeveralValues",
                       {"tune", "s", "--trials", "2", "--discount", "0.9,0.99"},
                       "--discount: 2 values for a trial, which has one"},
        test::BadInput{"LadderBesideTheSpacesScale",
                       {"tune", "scale.toml", "--trials", "2", "--noise-ladder", "0.1,0.2"},
                       "--noise-ladder: has no effect, as scale.toml says otherwise"},
        test::BadInput{"NoSeedsForTheConfirmation",
                       {"tune", "s", "--trials", "2", "--seed", "18446744073709551000"},
                       "--seed: 18446744073709551000 leaves no larger seeds"},
        test::BadInput{"AskTellSeeds",
                       {"tune", "--ask-tell", "--seed", "18446744073709551613"},
                       "--seed: 18446744073709551613 leaves no larger seeds for the other 3"},
        test::BadInput{"MoreTrialsThanSettings", {"tune", "s"}, "--trials 64: s has only 2"},
        test::BadInput{"PartOfAGrid",
                       {"tune", "s", "--sampler", "grid", "--trials", "1"},
                       "--trials 1: the grid has 2 settings"},
        test::BadInput{"CohortOfAll",
                       {"tune", "s", "--scheduler", "asha", "--trials", "2", "--cohort", "3"},
                       "--cohort 3: is more than --trials 2"},
        test::BadInput{"RungAtTheEnd",
                       {"tune", "s", "--trials", "2", "--first-rung", "10000"},
                       "--first-rung 10000: leaves no rung before the end"},
        test::BadInput{"NotTheSettingsFault",
                       {"tune", "s", "--trials", "2", "--learning-starts", "9"},
                       "polyak: --learning-starts: 9 environment steps"},
        test::BadInput{"OutOfRange",
                       {"tune", "s", "--trials", "2", "--discount", "2"},
                       "polyak: --discount: 2 is out of range"},
        test::BadInput{"AskTellReduction",
                       {"tune", "--ask-tell", "--reduction", "4"},
                       "--reduction: has no effect with --ask-tell"},
        test::BadInput{"JsonOverSpace", {"tune", "s", "--json=s"}, "--json s"},
        test::BadInput{"AskTellScheduler",
                       {"tune", "--ask-tell", "--scheduler", "asha"},
                       "--scheduler: has no effect with --ask-tell"},
        test::BadInput{"ResumeNowhere", {"tune", "--resume", "nowhere"}, "no such directory"},
        test::BadInput{"ResumeNoSearch", {"tune", "--resume", "empty"}, "there is no search in it"},
        test::BadInput{"ScheduleFile", {"train", "--schedule", "steps.csv"}, "is no schedule"},
        test::BadInput{
            "ScheduleAndAgents", {"train", "--schedule", "s", "--agents", "2"}, "--agents"}),
    test::bad_input_name);

}  // namespace
}  // namespace polyak
