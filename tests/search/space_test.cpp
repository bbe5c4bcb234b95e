// What a space's file means, and what a setting makes of a configuration.
#include "search/space.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "search/spaces.hpp"

namespace polyak {
namespace {

using test::space_of;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

TEST(Space, HasEveryKindOfEntryInTheOrderOfTheLines) {
  const Space space = space_of(
      "tau = 5e-3\n"
      "discount = [0.95, 0.980]\n"
      "algorithm = ['ddpg', 'td3']\n"
      "layer-norm = [true, false]\n"
      "[Networks]\n"
      "actor-hidden = [64, 32]\n"
      "critic-hidden = [[64, 64], [128]]\n"
      "[Learning]\n"
      "learning-rate-critic = { log = [1e-4, 1e-2], grid = 5 }\n"
      "batch-size = { uniform = [32, 256] }\n"
      "[Algorithm]\n"
      "target-noise = { uniform = [0.0, 0.3], when = { algorithm = 'td3' } }\n"
      "actor-first = { choice = [true], when = { algorithm = ['ddpg', 'td3'], layer-norm = true } "
      "}\n");
  ASSERT_EQ(space.fields.size(), 10u);
  EXPECT_EQ(space.file, "space.toml");
  const auto choices = [&](std::size_t field) { return space.fields[field].choices; };
  EXPECT_EQ(space.fields[0].name, "tau");
  EXPECT_EQ(space.fields[0].place, "space.toml: line 1, column 1: ");
  EXPECT_THAT(choices(0), ElementsAre("0.005"));
  EXPECT_FALSE(space.fields[0].is_searched());
  EXPECT_THAT(choices(1), ElementsAre("0.95", "0.98"));
  EXPECT_THAT(choices(2), ElementsAre("ddpg", "td3"));
  EXPECT_THAT(choices(3), ElementsAre("true", "false"));
  EXPECT_THAT(choices(4), ElementsAre("64,32")) << "one list is one value";
  EXPECT_THAT(choices(5), ElementsAre("64,64", "128"));

  ASSERT_TRUE(space.fields[6].range);
  EXPECT_TRUE(space.fields[6].is_searched());
  EXPECT_EQ(space.fields[6].range->scale, RangeScale::logarithmic);
  EXPECT_EQ(space.fields[6].range->number, RangeNumber::single_precision);
  EXPECT_EQ(space.fields[6].range->grid_points, 5);
  EXPECT_EQ(space.fields[7].range->scale, RangeScale::uniform);
  EXPECT_EQ(space.fields[7].range->number, RangeNumber::whole);
  EXPECT_EQ(space.fields[7].range->lowest, 32.0);
  EXPECT_EQ(space.fields[7].range->highest, 256.0);
  EXPECT_EQ(space.fields[7].range->grid_points, 3);

  ASSERT_EQ(space.fields[8].when.size(), 1u);
  EXPECT_EQ(space.fields[8].when[0].field, 2u);
  EXPECT_THAT(space.fields[8].when[0].values, ElementsAre("td3"));
  EXPECT_THAT(choices(9), ElementsAre("true"));
  ASSERT_EQ(space.fields[9].when.size(), 2u);
  EXPECT_THAT(space.fields[9].when[0].values, ElementsAre("ddpg", "td3"));
  EXPECT_EQ(space.fields[9].when[1].field, 3u);
}

TEST(Space, RangesAreOfWhatTheFieldHolds) {
  const Space space =
      space_of("update-to-data = { log = [0.25, 4] }\nn-step = { uniform = [1, 5] }");
  EXPECT_EQ(space.fields[0].range->number, RangeNumber::double_precision);
  EXPECT_EQ(space.fields[1].range->number, RangeNumber::whole);
}

// It is the same for all trials.
TEST(Space, AConditionOnTheBaseConfigurationHoldsOrIsRefused) {
  Config base;
  base.exploration = Exploration::ornstein_uhlenbeck;
  const std::string text =
      "noise-theta = { uniform = [0.1, 0.2], when = { exploration = 'ornstein-uhlenbeck' } }";
  EXPECT_TRUE(space_of(text, base).fields[0].when.empty());
  EXPECT_THAT(test::space_refusal(text),
              HasSubstr("'noise-theta' can never apply: 'exploration' is gaussian in every trial"));
}

TEST(Space, KnowsInWhatAPopulationMixes) {
  const std::string text = "tau = [0.1, 0.2]\nn-step = [1, 3]\nbatch-size = [64, 128]\n";
  const auto mixes = [](const Space& space) {
    std::vector<bool> all;
    for (const SpaceField& field : space.fields) all.push_back(field.mixes);
    return all;
  };
  EXPECT_THAT(mixes(space_of(text)), ElementsAre(true, true, false));
  EXPECT_THAT(mixes(space_of(text + "policy = ['feed-forward', 'gru']")),
              ElementsAre(true, false, false, false))
      << "where a policy may be recurrent";
}

Space conditional_space() {
  return space_of(
      "algorithm = ['ddpg', 'td3']\n"
      "target-noise = { choice = [0.1, 0.2], when = { algorithm = 'td3' } }\n"
      "target-noise-clip = { uniform = [0.1, 1], when = { target-noise = 0.2 } }\n");
}

TEST(Space, AFieldIsActiveWhereItsConditionHolds) {
  const Space space = conditional_space();
  const auto active = [&](std::size_t field, const Setting& before) {
    return is_active(space, space.fields[field], before);
  };
  EXPECT_TRUE(active(0, {}));
  EXPECT_FALSE(active(1, {{"algorithm", "ddpg"}}));
  EXPECT_TRUE(active(1, {{"algorithm", "td3"}}));
  EXPECT_FALSE(active(2, {{"algorithm", "ddpg"}})) << "what it depends on is not there";
  EXPECT_FALSE(active(2, {{"algorithm", "td3"}, {"target-noise", "0.1"}}));
  EXPECT_TRUE(active(2, {{"algorithm", "td3"}, {"target-noise", "0.2"}}));
}

TEST(Space, SettingsChangeTheBaseConfiguration) {
  Config base;
  base.agents = 7;
  base.tau = 0.3f;
  base.discount = 0.9f;
  const Config config = configured(
      base, {{"tau", "0.005"}, {"actor-hidden", "32,16"}, {"algorithm", "td3"}}, "space.toml");
  Config expected = base;
  expected.agents = 1;
  apply_algorithm(expected, Algorithm::td3);
  expected.tau = 0.005f;
  expected.actor_hidden = {32, 16};
  EXPECT_EQ(config, expected);
}

TEST(Space, AnAlgorithmBringsItsPartsUnlessItIsTheBases) {
  Config base;
  apply_algorithm(base, Algorithm::td3);
  base.actor_delay = 5;
  EXPECT_EQ(configured(base, {{"algorithm", "td3"}}, "").actor_delay, 5);
  EXPECT_EQ(configured(base, {{"algorithm", "ddpg"}}, "").actor_delay, 1);
  EXPECT_FALSE(configured(base, {{"algorithm", "ddpg"}}, "").twin_critics);
  EXPECT_EQ(configured(base, {{"actor-delay", "3"}, {"algorithm", "ddpg"}}, "").actor_delay, 3);
  const std::vector<std::string> given = {"actor-delay", "algorithm"};
  const Config kept = configured(base, {{"algorithm", "ddpg"}}, "", given);
  EXPECT_EQ(kept.algorithm, Algorithm::ddpg);
  EXPECT_EQ(kept.actor_delay, 5);
  EXPECT_FALSE(kept.twin_critics);
}

TEST(Space, ANoiseLadderTakesTheNoiseScalesPlace) {
  Config base;
  base.noise_scale = 0.3f;
  const Config config = configured(base, {{"noise-ladder", "0.1,0.8"}}, "space.toml");
  EXPECT_EQ(config.noise_scale, Config{}.noise_scale);
}

std::string setting_refusal(const Setting& setting, const Config& base = {}) {
  try {
    configured(base, setting, "space.toml");
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(Space, ASettingThatCannotBeTrainedIsNamed) {
  EXPECT_EQ(setting_refusal({{"batch-size", "2048"}, {"tau", "0.1"}}),
            "space.toml: the setting batch-size 2048, tau 0.1 cannot be trained: "
            "--learning-starts: 1000 environment steps are too few to fill one batch; use at least "
            "--batch-size 2048");
  EXPECT_THAT(setting_refusal({{"tua", "0.1"}}),
              HasSubstr("unknown name 'tua'; did you mean 'tau'"));
  Config many;
  many.agents = 2;
  many.tau = std::vector<float>{0.1f, 0.2f};
  EXPECT_THAT(setting_refusal({}, many), HasSubstr("--tau: 2 values for a trial"));
}

TEST(Space, ASettingIsDescribedAsOnACommandLine) {
  const Setting setting = {{"tau", "0.1"}, {"actor-hidden", "64,64"}};
  EXPECT_EQ(describe(setting), "tau 0.1, actor-hidden 64,64");
  ASSERT_NE(find_value(setting, "tau"), nullptr);
  EXPECT_EQ(*find_value(setting, "tau"), "0.1");
  EXPECT_EQ(find_value(setting, "discount"), nullptr);
}

}  // namespace
}  // namespace polyak
