// Every value of every preset against tables written down here, from the sources and not from the
// presets.
#include "polyak/config_presets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "agent/preset_systems.hpp"
#include "io/text_value.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

/// Every field of a configuration as text.
test::Texts texts_of(const Config& config) {
  test::Texts texts;
  visit_fields(config, [&](const FieldInfo& field, const auto& value) {
    texts[std::string(field.name)] = join_text(field_texts(value), ",");
  });
  return texts;
}

class EveryPreset : public testing::TestWithParam<test::System> {};
INSTANTIATE_TEST_SUITE_P(All, EveryPreset, testing::ValuesIn(test::preset_systems()),
                         [](const auto& instance) { return instance.param.name(); });

TEST_P(EveryPreset, HasTheValuesOfItsSystemAndTheDefaultsOtherwise) {
  Config ddpg;
  if (GetParam().td3) apply_preset(ddpg, GetParam().preset);
  test::Texts expected = texts_of(ddpg);
  for (const auto& [field, text] : GetParam().values) {
    ASSERT_TRUE(expected.contains(field)) << field;
    expected[field] = text;
  }
  expected["preset"] = to_string(GetParam().preset);
  for (const auto& [field, text] : texts_of(GetParam().config())) {
    EXPECT_EQ(text, expected[field]) << field;
  }
}

TEST_P(EveryPreset, IsAValidTraining) { EXPECT_NO_THROW(validate(GetParam().config())); }

TEST_P(EveryPreset, GivesASourceForEveryFieldThatItSets) {
  const PresetDescription& description = describe_preset(GetParam().preset);
  EXPECT_EQ(description.preset, GetParam().preset);
  EXPECT_FALSE(description.system.empty());
  std::set<std::string_view> named;
  const bool has_own_td3 = GetParam().td3 && !description.td3.system.empty();
  for (const PresetValue& value : has_own_td3 ? description.td3.values : description.values) {
    SCOPED_TRACE(value.field);
    EXPECT_FALSE(value.source.empty());
    EXPECT_TRUE(named.insert(value.field).second) << "twice";
    // It sets what it says and nothing else: from any other value, too.
    Config other;
    apply_preset(other, Preset::rltools);
    Config changed = other;
    value.set(changed);
    const test::Texts before = texts_of(other), after = texts_of(changed);
    Config target;
    apply_preset(target, GetParam().preset);
    if (has_own_td3) target = GetParam().config();
    for (const auto& [field, text] : after) {
      EXPECT_EQ(text, field == value.field ? texts_of(target).at(field) : before.at(field));
    }
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
  for (const Preset preset : {Preset::fast, Preset::massive, Preset::recurrent}) {
    Config ours;
    apply_preset(ours, preset);
    apply_algorithm(ours, Algorithm::td3);
    EXPECT_NO_THROW(validate(ours)) << "Polyak's own settings are for any algorithm";
  }
}

}  // namespace
}  // namespace polyak
