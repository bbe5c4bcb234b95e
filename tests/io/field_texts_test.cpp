// Configuration files against the fields of a Config, and who wins over whom.
#include "io/field_texts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "config/derived.hpp"
#include "config/fields.hpp"
#include "config/presets.hpp"
#include "io/config_text.hpp"
#include "io/text_value.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

Config config_of(const std::string& file, const FieldTexts& from_command = {}) {
  return config_from_texts(from_command, parse_config_fields(file, "mine.toml"));
}

std::string refusal_of_texts(const std::string& file, const FieldTexts& from_command = {}) {
  try {
    config_of(file, from_command);
  } catch (const UsageError& error) {
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    return error.what();
  }
  return "";
}

FieldTexts command_line(const std::string& name, const std::string& value) {
  return {{name, FieldText{{value}}}};
}

/// Another value than the default's for every field.
struct ChangeField {
  void operator()(const FieldInfo&, std::string& value) const { value = "Pendulum-V"; }
  void operator()(const FieldInfo&, std::vector<std::string>& value) const {
    value = {"gravity=9.81", "mass=2"};
  }
  void operator()(const FieldInfo&, bool& value) const { value = !value; }
  template <class T>
  requires std::is_enum_v<T>
  void operator()(const FieldInfo&, T& value) const { value = static_cast<T>(1); }
  void operator()(const FieldInfo&, Device& value) const { value = {DeviceKind::cuda, 3}; }
  template <class T>
  requires std::is_arithmetic_v<T>
  void operator()(const FieldInfo& field, T& value) const {
    value = static_cast<T>(field.lowest + (field.highest - field.lowest) / 3.0);
  }
  template <class T>
  void operator()(const FieldInfo& field, std::vector<T>& values) const {
    // 2^64 - 1, the largest seed, is no double: as one it would be 2^64.
    const bool beyond = field.highest >= static_cast<double>(std::numeric_limits<T>::max());
    values = {static_cast<T>(field.lowest + 1.0),
              beyond ? std::numeric_limits<T>::max() : static_cast<T>(field.highest)};
  }
  template <class T>
  void operator()(const FieldInfo& field, PerAgent<T>& values) const {
    (*this)(field, values.values);
  }
};

TEST(FieldTexts, EveryFieldReadsBackFromWhatIsWritten) {
  EXPECT_EQ(config_of(config_to_toml(Config{})), Config{});
  Config changed;
  visit_fields(changed, ChangeField{});
  changed.seed = std::vector<std::uint64_t>{UINT64_MAX, (std::uint64_t{1} << 53) + 1,
                                            std::uint64_t{1} << 63, 0};
  const Config defaults;
  std::map<std::string_view, std::vector<std::string>> texts;
  visit_fields(defaults, [&](const FieldInfo& field, const auto& value) {
    texts.emplace(field.name, field_texts(value));
  });
  visit_fields(changed, [&](const FieldInfo& field, const auto& value) {
    EXPECT_NE(field_texts(value), texts[field.name]) << field.name << " is not changed";
  });
  EXPECT_EQ(config_of(config_to_toml(changed)), changed);
}

// Polyak 0.1.0: groups as comments, seeds without quotes.
TEST(FieldTexts, ReadsTheFilesOfVersion010) {
  Config changed;
  visit_fields(changed, ChangeField{});
  changed.seed = std::vector<std::uint64_t>{UINT64_MAX, 4};
  std::string text = "# A training of polyak; repeat it with: polyak train --config THIS_FILE\n";
  visit_fields(changed, [&]<class T>(const FieldInfo& field, const T& value) {
    std::vector<std::string> parts = field_texts(value);
    std::optional<double> number;
    for (std::string& part : parts) {
      number = parse_number<double>(part);
      if (!number && !std::is_same_v<T, bool>) part = '"' + part + '"';
    }
    const std::string joined = join_text(parts, ", ");
    text += "\n# " + std::string(field.group) + "\n" + std::string(field.name) + " = " +
            (parts.size() != 1 ? "[" + joined + "]" : joined) + "  # " + std::string(field.help) +
            "\n";
  });
  EXPECT_EQ(config_of(text), changed);
}

TEST(FieldTexts, TablesAreTheGroups) {
  const Config config =
      config_of("agents = 2\n[Learning]\ntau = 0.5\n[\"Replay and returns\"]\nn-step = [2, 3]\n");
  EXPECT_EQ(config.agents, 2);
  EXPECT_EQ(config.tau, PerAgent<float>(0.5f));
  EXPECT_EQ(config.n_step.values, (std::vector<int>{2, 3}));
  EXPECT_EQ(refusal_of_texts("[Learning]\n\nn-step = 2\n"),
            "mine.toml: line 3, column 1: 'n-step' is in the table [Learning]; it belongs into "
            "[\"Replay and returns\"], or before all tables");
  EXPECT_THAT(refusal_of_texts("[learning]\ntau = 1\n"), HasSubstr("belongs into [Learning]"));
  EXPECT_EQ(refusal_of_texts("[Learning]\n"), "");
  EXPECT_EQ(refusal_of_texts("\n[learning]\n"),
            "mine.toml: line 2, column 2: unknown table 'learning'; did you mean 'Learning'?");
}

TEST(FieldTexts, RefusalsSayWhere) {
  EXPECT_EQ(refusal_of_texts("agens = 2"),
            "mine.toml: line 1, column 1: unknown name 'agens'; did you mean 'agents'?");
  EXPECT_THAT(refusal_of_texts("tau = 1\n[Learning]\ntau = 1"),
              StartsWith("mine.toml: line 3, column 1: 'tau' is there twice"));
  EXPECT_THAT(refusal_of_texts("a = 1\nb = 2"), HasSubstr("line 1"));
  EXPECT_THAT(refusal_of_texts("\nbatch-size = 1.5"),
              StartsWith("mine.toml: line 2, column 1: --batch-size: '1.5' is not a whole number"));
  EXPECT_THAT(refusal_of_texts("agents = [1, 2]"), HasSubstr("2 values given"));
  EXPECT_THAT(refusal_of_texts("agents = []"), HasSubstr("0 values given"));
  EXPECT_THAT(refusal_of_texts("activation = \"sin\""),
              HasSubstr("line 1, column 1: unknown activation"));
  EXPECT_THAT(refusal_of_texts(std::string(4000, 'a') + " = 1"), HasSubstr("unknown name"));
  EXPECT_THAT(refusal_of_texts("adam.rate = 1"), HasSubstr("unknown name 'adam.rate'"));
}

TEST(FieldTexts, WordsNumbersAndSwitchesAreNotMixed) {
  EXPECT_THAT(refusal_of_texts("tau = \"0.5\""),
              HasSubstr("'tau' takes a number, without quotes, not '0.5'"));
  EXPECT_THAT(refusal_of_texts("tau = true"), HasSubstr("'tau' takes a number"));
  EXPECT_THAT(refusal_of_texts("tau = [0.1, '0.2']"), HasSubstr("not '0.2'"));
  EXPECT_THAT(refusal_of_texts("seed = \"5\""), HasSubstr("'seed' takes a number"));
  EXPECT_THAT(refusal_of_texts("activation = 3"),
              HasSubstr("'activation' takes a word in quotes, not 3"));
  EXPECT_THAT(refusal_of_texts("layer-norm = \"true\""),
              HasSubstr("takes true or false, without quotes"));
  EXPECT_THAT(refusal_of_texts("layer-norm = 1"), HasSubstr("takes true or false"));
  EXPECT_EQ(config_of("total-steps = 1e6").total_steps, 1'000'000);
  EXPECT_EQ(config_of("discount = 1").discount, PerAgent<float>(1.0f));
}

// Wherever the two stand, what is said explicitly counts.
TEST(FieldTexts, AnAlgorithmLeavesWhatIsGiven) {
  const FieldTexts algorithm = command_line("algorithm", "td3");
  const FieldTexts noise = command_line("target-noise", "0.3");
  FieldTexts both = algorithm;
  both.insert(noise.begin(), noise.end());
  for (const Config& config : {config_of("target-noise = 0.3\nalgorithm = 'td3'"),
                               config_of("target-noise = 0.3", algorithm),
                               config_of("algorithm = 'td3'", noise), config_of("", both)}) {
    EXPECT_EQ(config.algorithm, Algorithm::td3);
    EXPECT_EQ(config.target_noise, PerAgent<float>(0.3f));
    EXPECT_EQ(config.actor_delay, 2);
    EXPECT_TRUE(config.twin_critics);
  }
}

TEST(FieldTexts, TheOrderIsPresetAlgorithmFileCommandLine) {
  FieldTexts command = command_line("tau", "0.4");
  Config config = config_of("tau = 0.3\ndiscount = 0.5\npreset = 'rltools'", command);
  EXPECT_EQ(config.preset, Preset::rltools);
  EXPECT_EQ(config.tau, PerAgent<float>(0.4f)) << "the command line's";
  EXPECT_EQ(config.discount, PerAgent<float>(0.5f)) << "the file's";
  EXPECT_EQ(config.activation, Activation::relu) << "the preset's";
  config = config_of("preset = 'paper'\nalgorithm = 'ddpg'", command_line("algorithm", "td3"));
  EXPECT_EQ(config.algorithm, Algorithm::td3) << "the command line's";
  EXPECT_TRUE(config.twin_critics);
  config = config_of("algorithm = 'td3'", command_line("preset", "paper"));
  EXPECT_TRUE(config.twin_critics) << "the preset comes before the algorithm";
}

// Behind it comes what the algorithm stands for, then file and command line, as after a preset.
TEST(FieldTexts, WithoutAPresetTheEnvironmentsRecommendationComesFirst) {
  const FieldTexts car = command_line("environment", "MountainCarContinuous-v0");
  const std::string car_in_file = "environment = 'MountainCarContinuous-v0'\n";
  EXPECT_EQ(config_of("", car), recommended_config("MountainCarContinuous-v0"));
  EXPECT_EQ(config_of(car_in_file), recommended_config("MountainCarContinuous-v0"));
  Config config = config_of(car_in_file + "discount = 0.98\ntotal-steps = 5000",
                            command_line("exploration", "gaussian"));
  EXPECT_EQ(config.exploration, Exploration::gaussian) << "the command line's, though the default";
  EXPECT_EQ(config.discount, PerAgent<float>(0.98f)) << "the file's, though the default";
  EXPECT_EQ(config.total_steps, 5000);
  EXPECT_EQ(config.noise_scale, PerAgent<float>(0.5f)) << "recommended";
  config = config_of("environment = 'Pendulum-V'", command_line("algorithm", "td3"));
  EXPECT_EQ(config.policy, PolicyKind::lstm) << "recommended";
  EXPECT_TRUE(config.twin_critics) << "the algorithm's";
  EXPECT_EQ(config_of("environment = 'Pendulum-P'", car),
            recommended_config("MountainCarContinuous-v0"))
      << "the command line's environment";
}

TEST(FieldTexts, APresetThatIsNamedStandsForItself) {
  Config expected;
  expected.environment = "MountainCarContinuous-v0";
  const FieldTexts car = command_line("environment", "MountainCarContinuous-v0");
  EXPECT_EQ(config_of("preset = 'fast'", car), expected);
  EXPECT_EQ(config_of("environment = 'MountainCarContinuous-v0'", command_line("preset", "fast")),
            expected);
  apply_preset(expected, Preset::rlzoo);
  EXPECT_EQ(config_of("preset = 'rlzoo'", car), expected);
  // As every run directory has it.
  EXPECT_EQ(config_of(config_to_toml(expected)), expected);
  expected = recommended_config("Pendulum-P");
  expected.policy = PolicyKind::feed_forward;
  EXPECT_EQ(config_of(config_to_toml(expected)), expected);
}

std::vector<std::string> task_of(const Config& config) {
  std::vector<std::string> texts;
  visit_fields(config, [&](const FieldInfo& field, const auto& value) {
    if (field.group == "Task") texts.push_back(join_text(field_texts(value), ","));
  });
  return texts;
}

TEST(FieldTexts, APresetsTimeLimitsAreForItsOwnEnvironment) {
  const FieldTexts best = command_line("preset", "best");
  EXPECT_EQ(config_of("", best).time_limit, 50);
  EXPECT_EQ(config_of("environment = 'Pendulum-v1'", best).evaluation_time_limit, 200);
  const std::string car = "environment = 'MountainCarContinuous-v0'\n";
  const Config config = config_of(car, best);
  EXPECT_EQ(derive(config).time_limit, 999);
  EXPECT_EQ(derive(config).evaluation_time_limit, 999);
  EXPECT_EQ(config.batch_size, 256) << "the preset's";
  EXPECT_EQ(config_of(car + "time-limit = 30", best).time_limit, 30);
  // So it is with every preset: what it sets of the task is for the environment that it sets.
  for (const PresetDescription& preset : all_presets()) {
    const Config other =
        config_of(car, command_line("preset", std::string(to_string(preset.preset))));
    Config expected;
    expected.environment = "MountainCarContinuous-v0";
    EXPECT_EQ(task_of(other), task_of(expected)) << to_string(preset.preset);
  }
}

TEST(FieldTexts, AnUnknownEnvironmentHasAPlaceInTheFile) {
  EXPECT_THAT(refusal_of_texts("\nenvironment = 'Cart'"),
              StartsWith("mine.toml: line 2, column 1: unknown environment 'Cart'"));
}

TEST(FieldTexts, AnotherAlgorithmThanTheFilesIsNotHalfOfEach) {
  Config td3;
  apply_algorithm(td3, Algorithm::td3);
  EXPECT_THAT(
      refusal_of_texts(config_to_toml(td3), command_line("algorithm", "ddpg")),
      testing::AllOf(StartsWith("mine.toml: line "),
                     HasSubstr("belongs to the file's algorithm td3, not to --algorithm ddpg")));
  EXPECT_EQ(config_of(config_to_toml(td3), command_line("algorithm", "td3")), td3);
  EXPECT_EQ(refusal_of_texts("algorithm = 'td3'\ntau = 0.1", command_line("algorithm", "ddpg")),
            "");
}

// Each is an agent's sigma: the newer word counts, and two in one place are told apart by nobody.
TEST(FieldTexts, ANoiseLadderAndANoiseScaleTakeEachOthersPlace) {
  const FieldTexts ladder = command_line("noise-ladder", "0.1,0.8"),
                   scale = command_line("noise-scale", "0.3");
  const std::vector<float> steps = {0.1f, 0.8f};
  for (const char* const before :
       {"environment = 'MountainCarContinuous-v0'", "preset = 'paper'", "noise-scale = 0.7"}) {
    const Config config = config_of(before, ladder);
    EXPECT_EQ(config.noise_ladder, steps) << before;
    EXPECT_EQ(config.noise_scale, Config{}.noise_scale) << before;
  }
  for (const char* const before : {"preset = 'massive'", "noise-ladder = [0.2, 0.4]"}) {
    const Config config = config_of(before, scale);
    EXPECT_TRUE(config.noise_ladder.empty()) << before;
    EXPECT_EQ(config.noise_scale, PerAgent<float>(0.3f)) << before;
  }
  EXPECT_EQ(config_of("preset = 'massive'\nnoise-scale = 0.3").noise_scale, PerAgent<float>(0.3f));
  const Config both = config_of("noise-scale = 0.3\nnoise-ladder = [0.1, 0.8]");
  EXPECT_EQ(both.noise_ladder, steps);
  EXPECT_EQ(both.noise_scale, PerAgent<float>(0.3f)) << "for validate to refuse";
}

}  // namespace
}  // namespace polyak
