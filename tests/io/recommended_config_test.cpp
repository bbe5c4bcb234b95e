// What environments recommend: text that stands for a training of theirs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "config/fields.hpp"
#include "io/text_value.hpp"
#include "polyak/config.hpp"
#include "polyak/core/error.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak {
namespace {

/// Every field of a configuration as text.
std::map<std::string, std::string, std::less<>> texts_of(const Config& config) {
  std::map<std::string, std::string, std::less<>> texts;
  visit_fields(config, [&](const FieldInfo& field, const auto& value) {
    texts[std::string(field.name)] = join_text(field_texts(value), ",");
  });
  return texts;
}

class EveryRecommendation : public testing::TestWithParam<EnvironmentInfo> {};
INSTANTIATE_TEST_SUITE_P(All, EveryRecommendation, testing::ValuesIn(all_environments()),
                         [](const auto& instance) {
                           std::string name(instance.param.name);
                           std::erase(name, '-');
                           return name;
                         });

TEST_P(EveryRecommendation, IsAValidTrainingOfItsEnvironment) {
  for (const bool td3 : {false, true}) {
    Config config = recommended_config(GetParam().name);
    if (td3) apply_algorithm(config, Algorithm::td3);
    EXPECT_EQ(config.environment, GetParam().name);
    EXPECT_NO_THROW(validate(config));
  }
}

// Others than the defaults, and nothing that is not the environment's to say.
TEST_P(EveryRecommendation, NamesOptionsOnceWithTheirValuesAndReasons) {
  const auto defaults = texts_of(Config{});
  const auto recommended = texts_of(recommended_config(GetParam().name));
  std::set<std::string_view> named;
  for (const RecommendedSetting& setting : GetParam().recommended) {
    SCOPED_TRACE(setting.option);
    EXPECT_TRUE(named.insert(setting.option).second) << "twice";
    EXPECT_NE(setting.reason, "");
    EXPECT_EQ(recommended.at(std::string(setting.option)), setting.value);
    EXPECT_NE(defaults.at(std::string(setting.option)), setting.value);
    visit_field_members(Config{}, [&](const FieldInfo& field, auto) {
      if (field.name != setting.option) return;
      EXPECT_THAT(field.group, testing::Not(testing::AnyOf("Task", "Population", "Execution")));
    });
  }
  if (named.empty()) {
    auto unchanged = defaults;
    unchanged["environment"] = GetParam().name;
    EXPECT_EQ(recommended, unchanged);
  }
}

TEST(RecommendedConfig, IsTheDefaultsOnPendulum) {
  EXPECT_EQ(recommended_config("Pendulum-v1"), Config{});
}

TEST(RecommendedConfig, IsWhatWasMeasuredOnTheCar) {
  Config measured;
  measured.environment = "MountainCarContinuous-v0";
  measured.total_steps = 40'000;
  measured.exploration = Exploration::ornstein_uhlenbeck;
  measured.noise_scale = 0.5f;
  measured.discount = 0.99f;
  EXPECT_EQ(recommended_config("MountainCarContinuous-v0"), measured);
}

TEST(RecommendedConfig, HasMemoryWhereOneObservationDoesNotShowAll) {
  for (const char* const name : {"Pendulum-P", "Pendulum-V", "Pendulum-NoVel"}) {
    Config expected;
    apply_preset(expected, Preset::recurrent);
    expected.environment = name;
    EXPECT_EQ(recommended_config(name), expected);
  }
}

TEST(RecommendedConfig, OfAnUnknownEnvironmentIsRefused) {
  EXPECT_THAT([] { recommended_config("Pendulum-v9"); },
              testing::ThrowsMessage<UsageError>(testing::HasSubstr("known are Pendulum-v1")));
}

}  // namespace
}  // namespace polyak
