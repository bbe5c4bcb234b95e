// What holds for every preset. Their values stand in src/config alone, each beside its source.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <set>
#include <string>

#include "config/fields.hpp"
#include "config/presets.hpp"
#include "io/text_value.hpp"
#include "polyak/core/error.hpp"
#include "support/print_enums.hpp"

namespace polyak {
namespace {

/// Every field of a configuration as text.
std::map<std::string, std::string> texts_of(const Config& config) {
  std::map<std::string, std::string> texts;
  visit_fields(config, [&](const FieldInfo& field, const auto& value) {
    texts[std::string(field.name)] = join_text(field_texts(value), ",");
  });
  return texts;
}

class EveryPreset : public testing::TestWithParam<Preset> {
 protected:
  const PresetDescription& description = describe_preset(GetParam());

  /// The preset as the command line makes it, as it is or with an algorithm that it has.
  Config config(std::optional<Algorithm> algorithm = {}) const {
    Config config;
    apply_preset(config, GetParam());
    if (algorithm) apply_algorithm(config, *algorithm);
    return config;
  }

  /// Each field is named once, with its source, and set to nothing but what the preset then has.
  static void expect_sourced(std::span<const PresetValue> values, const Config& result) {
    std::set<std::string_view> named;
    for (const PresetValue& value : values) {
      SCOPED_TRACE(value.field);
      EXPECT_FALSE(value.source.empty());
      EXPECT_TRUE(named.insert(value.field).second) << "twice";
      Config changed;
      apply_preset(changed, Preset::rltools);
      auto expected = texts_of(changed);
      value.set(changed);
      expected[std::string(value.field)] = texts_of(result).at(std::string(value.field));
      EXPECT_EQ(texts_of(changed), expected);
    }
  }
};
std::vector<Preset> presets() {
  std::vector<Preset> presets;
  for (const PresetDescription& one : all_presets()) presets.push_back(one.preset);
  return presets;
}
INSTANTIATE_TEST_SUITE_P(All, EveryPreset, testing::ValuesIn(presets()), [](const auto& instance) {
  return std::string(to_string(instance.param));
});

TEST_P(EveryPreset, IsAValidTraining) {
  EXPECT_NO_THROW(validate(config()));
  if (!description.td3.system.empty()) {
    EXPECT_NO_THROW(validate(config(Algorithm::td3)));
  }
}

TEST_P(EveryPreset, HasItsValuesAndTheDefaultsOtherwise) {
  Config expected;
  expected.preset = GetParam();
  for (const PresetValue& value : description.values) value.set(expected);
  EXPECT_EQ(texts_of(config()), texts_of(expected));
}

TEST_P(EveryPreset, GivesASourceForEveryFieldThatItSets) {
  EXPECT_EQ(description.preset, GetParam());
  EXPECT_FALSE(description.system.empty());
  expect_sourced(description.values, config());
  if (!description.td3.system.empty()) {
    expect_sourced(description.td3.values, config(Algorithm::td3));
  }
}

TEST_P(EveryPreset, IsInTheHelpOfTheOption) {
  const Config config;
  visit_fields(config, [](const FieldInfo& field, const auto&) {
    if (field.name != "preset") return;
    EXPECT_THAT(std::string(field.help), testing::HasSubstr(std::string(to_string(GetParam()))));
  });
}

TEST(Presets, AreAsManyAsTheirNames) {
  for (int i = 0; i < static_cast<int>(all_presets().size()); ++i) {
    EXPECT_EQ(describe_preset(static_cast<Preset>(i)).preset, static_cast<Preset>(i));
  }
}

TEST(Presets, TheDefaultIsFast) {
  Config config;
  apply_preset(config, Preset::fast);
  EXPECT_EQ(config, Config{});
}

TEST(Presets, AreAsTheyWereAfterAnAlgorithmAndBack) {
  for (const PresetDescription& description : all_presets()) {
    SCOPED_TRACE(to_string(description.preset));
    Config preset;
    apply_preset(preset, description.preset);
    Config config = preset;
    apply_algorithm(config, preset.algorithm);
    // Polyak's own takes any algorithm as it is published.
    if (description.preset != Preset::massive) {
      EXPECT_EQ(config, preset) << "its own algorithm";
    }
    if (description.td3.system.empty()) continue;
    apply_algorithm(config, Algorithm::td3);
    EXPECT_NE(config, preset);
    apply_algorithm(config, Algorithm::ddpg);
    EXPECT_EQ(config, preset);
  }
}

TEST(Presets, OneForAnotherAlgorithmIsRefused) {
  const auto refused = [](Preset preset, Algorithm algorithm) {
    Config config;
    apply_preset(config, preset);
    apply_algorithm(config, algorithm);
    EXPECT_THAT([&] { validate(config); },
                testing::ThrowsMessage<UsageError>(testing::AllOf(
                    testing::HasSubstr("--preset: " + std::string(to_string(preset))),
                    testing::HasSubstr("--algorithm"))));
  };
  refused(Preset::paper, Algorithm::td3);
  refused(Preset::higgsfield, Algorithm::td3);
  refused(Preset::rltools, Algorithm::ddpg);
  for (const Preset preset : {Preset::fast, Preset::massive, Preset::recurrent, Preset::best}) {
    Config ours;
    apply_preset(ours, preset);
    apply_algorithm(ours, Algorithm::td3);
    EXPECT_NO_THROW(validate(ours)) << "Polyak's own settings are for any algorithm";
  }
}

}  // namespace
}  // namespace polyak
