// Every value of every preset against tables written down here, from the sources and not from the
// presets.
#include "polyak/config_presets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <ostream>
#include <set>
#include <string>

#include "io/text_value.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

using Texts = std::map<std::string, std::string>;

/// Every field of a configuration as text.
Texts texts_of(const Config& config) {
  Texts texts;
  visit_fields(config, [&](const FieldInfo& field, const auto& value) {
    texts[std::string(field.name)] = join_text(field_texts(value), ",");
  });
  return texts;
}

/// What a system has that differs from Polyak's own defaults.
struct System {
  Preset preset;
  Texts values;
};
void PrintTo(const System& system, std::ostream* stream) { *stream << to_string(system.preset); }

const System systems[] = {
    {Preset::fast,
     {{"environments", "8"},
      {"total-steps", "10000"},
      {"update-to-data", "0.25"},
      {"warmup-steps", "1000"},
      {"learning-starts", "1000"},
      {"exploration", "gaussian"},
      {"noise-scale", "0.1"},
      {"actor-hidden", "64,64"},
      {"critic-hidden", "64,64"},
      {"activation", "tanh"},
      {"batch-size", "128"},
      {"learning-rate-actor", "0.002"},
      {"learning-rate-critic", "0.003"},
      {"discount", "0.98"},
      {"tau", "0.02"}}},
    {Preset::paper,
     {{"environments", "1"},
      {"total-steps", "2500000"},
      {"update-to-data", "1"},
      {"warmup-steps", "0"},
      {"learning-starts", "64"},
      {"exploration", "ornstein-uhlenbeck"},
      {"noise-theta", "0.15"},
      {"noise-scale", "0.2"},
      {"noise-dt", "1"},
      {"noise-reset", "true"},
      {"actor-hidden", "400,300"},
      {"critic-hidden", "400,300"},
      {"activation", "relu"},
      {"final-layer-range", "0.003"},
      {"critic-action-layer", "1"},
      {"batch-norm", "true"},
      {"batch-size", "64"},
      {"replay-capacity", "1000000"},
      {"learning-rate-actor", "1e-04"},
      {"learning-rate-critic", "0.001"},
      {"critic-weight-decay", "0.01"},
      {"discount", "0.99"},
      {"tau", "0.001"}}},
    {Preset::higgsfield,
     {{"environments", "1"},
      {"total-steps", "12000"},
      {"update-to-data", "1"},
      {"warmup-steps", "0"},
      {"learning-starts", "129"},
      {"exploration", "ornstein-uhlenbeck"},
      {"noise-theta", "0.15"},
      {"noise-scale", "0.3"},
      {"noise-dt", "1"},
      {"noise-reset", "true"},
      {"actor-hidden", "256,256"},
      {"critic-hidden", "256,256"},
      {"activation", "relu"},
      {"final-layer-range", "0.003"},
      {"actor-first", "true"},
      {"sampling", "without-replacement"},
      {"time-limit-terminal", "true"},
      {"batch-size", "128"},
      {"replay-capacity", "1000000"},
      {"learning-rate-actor", "1e-04"},
      {"learning-rate-critic", "0.001"},
      {"discount", "0.99"},
      {"tau", "0.01"}}},
    {Preset::spinningup,
     {{"environments", "1"},
      {"total-steps", "400000"},
      {"steps-per-iteration", "50"},
      {"update-to-data", "1"},
      {"warmup-steps", "10000"},
      {"learning-starts", "1000"},
      {"exploration", "gaussian"},
      {"noise-scale", "0.1"},
      {"noise-units", "environment"},
      {"actor-hidden", "256,256"},
      {"critic-hidden", "256,256"},
      {"activation", "relu"},
      {"final-layer-range", "0"},
      {"batch-size", "100"},
      {"replay-capacity", "1000000"},
      {"learning-rate-actor", "0.001"},
      {"learning-rate-critic", "0.001"},
      {"discount", "0.99"},
      {"tau", "0.005"}}},
    {Preset::cleanrl,
     {{"environments", "1"},
      {"total-steps", "1000000"},
      {"update-to-data", "1"},
      {"warmup-steps", "25000"},
      {"learning-starts", "25000"},
      {"exploration", "gaussian"},
      {"noise-scale", "0.1"},
      {"noise-units", "normalised"},
      {"actor-hidden", "256,256"},
      {"critic-hidden", "256,256"},
      {"activation", "relu"},
      {"final-layer-range", "0"},
      {"actor-delay", "2"},
      {"target-delay", "2"},
      {"batch-size", "256"},
      {"replay-capacity", "1000000"},
      {"learning-rate-actor", "3e-04"},
      {"learning-rate-critic", "3e-04"},
      {"discount", "0.99"},
      {"tau", "0.005"}}},
    {Preset::rlzoo,
     {{"environments", "1"},
      {"total-steps", "20000"},
      {"update-to-data", "1"},
      {"warmup-steps", "10000"},
      {"learning-starts", "10000"},
      {"exploration", "gaussian"},
      {"noise-scale", "0.1"},
      {"noise-units", "normalised"},
      {"actor-hidden", "400,300"},
      {"critic-hidden", "400,300"},
      {"activation", "relu"},
      {"final-layer-range", "0"},
      {"batch-size", "256"},
      {"replay-capacity", "200000"},
      {"learning-rate-actor", "0.001"},
      {"learning-rate-critic", "0.001"},
      {"discount", "0.98"},
      {"tau", "0.005"}}},
    {Preset::massive,
     {{"environments", "4096"},
      {"total-steps", "4096000"},
      {"update-to-data", "0.001953125"},
      {"warmup-steps", "131072"},
      {"learning-starts", "131072"},
      {"exploration", "gaussian"},
      {"noise-ladder", "0.05,0.8"},
      {"actor-hidden", "512,256,128"},
      {"critic-hidden", "512,256,128"},
      {"activation", "elu"},
      {"final-layer-range", "0"},
      {"twin-critics", "true"},
      {"target-noise", "0.8"},
      {"target-noise-clip", "0.2"},
      {"actor-delay", "2"},
      {"n-step", "3"},
      {"reward-scale", "0.01"},
      {"normalise-observations", "true"},
      {"batch-size", "8192"},
      {"replay-capacity", "5000000"},
      {"learning-rate-actor", "5e-04"},
      {"learning-rate-critic", "5e-04"},
      {"actor-weight-decay", "0.01"},
      {"critic-weight-decay", "0.01"},
      {"decoupled-weight-decay", "true"},
      {"gradient-clip", "0.5"},
      {"discount", "0.99"},
      {"tau", "0.05"}}},
    {Preset::rltools,
     {{"environments", "1"},
      {"total-steps", "10000"},
      {"update-to-data", "1"},
      {"warmup-steps", "0"},
      {"learning-starts", "100"},
      {"exploration", "gaussian"},
      {"noise-scale", "0.1"},
      {"actor-hidden", "64,64"},
      {"critic-hidden", "64,64"},
      {"activation", "relu"},
      {"final-layer-range", "0"},
      {"algorithm", "td3"},
      {"twin-critics", "true"},
      {"target-noise", "0.2"},
      {"target-noise-clip", "0.5"},
      {"actor-delay", "2"},
      {"target-delay", "2"},
      {"batch-size", "100"},
      {"replay-capacity", "10000"},
      {"learning-rate-actor", "0.001"},
      {"learning-rate-critic", "0.001"},
      {"discount", "0.99"},
      {"tau", "0.005"}}},
    {Preset::recurrent,
     {{"environment", "Pendulum-V"},
      {"total-steps", "20000"},
      {"update-to-data", "0.5"},
      {"activation", "relu"},
      {"policy", "lstm"},
      {"recurrent-units", "64"},
      {"reward-scale", "0.1"},
      {"sequence-length", "32"},
      {"batch-size", "16"},
      {"learning-rate-actor", "3e-04"},
      {"learning-rate-critic", "0.001"},
      {"learning-rate-decay", "linear"},
      {"tau", "0.01"}}},
};

class EveryPreset : public testing::TestWithParam<System> {};
INSTANTIATE_TEST_SUITE_P(All, EveryPreset, testing::ValuesIn(systems), [](const auto& instance) {
  return std::string(to_string(instance.param.preset));
});

TEST_P(EveryPreset, HasTheValuesOfItsSystemAndTheDefaultsOtherwise) {
  Config config;
  apply_preset(config, GetParam().preset);
  Texts expected = texts_of(Config{});
  for (const auto& [field, text] : GetParam().values) {
    ASSERT_TRUE(expected.contains(field)) << field;
    expected[field] = text;
  }
  expected["preset"] = to_string(GetParam().preset);
  for (const auto& [field, text] : texts_of(config)) EXPECT_EQ(text, expected[field]) << field;
}

TEST_P(EveryPreset, IsAValidTraining) {
  Config config;
  apply_preset(config, GetParam().preset);
  EXPECT_NO_THROW(validate(config));
}

TEST_P(EveryPreset, GivesASourceForEveryFieldThatItSets) {
  const PresetDescription& description = describe_preset(GetParam().preset);
  EXPECT_EQ(description.preset, GetParam().preset);
  EXPECT_FALSE(description.system.empty());
  std::set<std::string_view> named;
  for (const PresetValue& value : description.values) {
    SCOPED_TRACE(value.field);
    EXPECT_FALSE(value.source.empty());
    EXPECT_TRUE(named.insert(value.field).second) << "twice";
    // It sets what it says and nothing else: from any other value, too.
    Config other;
    apply_preset(other, Preset::rltools);
    Config changed = other;
    value.set(changed);
    const Texts before = texts_of(other), after = texts_of(changed);
    Config target;
    apply_preset(target, GetParam().preset);
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
  refused(Preset::cleanrl, Algorithm::td3);
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
