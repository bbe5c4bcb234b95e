// The trainings of `polyak signature`: what is in them, and what their digests must be.
#include "trainer/signature/signature.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>

#include "config/derived.hpp"
#include "config/fields.hpp"
#include "config/presets.hpp"
#include "io/text_value.hpp"
#include "polyak/core/error.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak {
namespace {

using testing::HasSubstr;

std::vector<SignatureCase> cases_of(bool Engines::*engine) {
  std::vector<SignatureCase> cases = signature_cases();
  std::erase_if(cases, [engine](const SignatureCase& one) {
    return !beyond_engine(one.config, engine).empty();
  });
  return cases;
}

/// The values of a field in these trainings, as texts.
template <class T>
std::set<std::string> values_in(const std::vector<SignatureCase>& cases, T Config::*member) {
  std::set<std::string> values;
  for (const SignatureCase& one : cases) {
    for (const std::string& text : field_texts(one.config.*member)) values.insert(text);
  }
  return values;
}

/// Fields that say who trains, or name the values of others.
bool is_outside(const FieldInfo& field) {
  return field.engines == outside_training || field.name == "matrix-product" ||
         field.name == "precision";
}

TEST(SignatureCases, HaveNamesOfTheirOwn) {
  std::set<std::string> names;
  for (const SignatureCase& one : signature_cases()) {
    EXPECT_THAT(one.name, testing::MatchesRegex("[a-z0-9-]+"));
    EXPECT_NE(one.content, "");
    EXPECT_TRUE(names.insert(one.name).second) << one.name;
    EXPECT_EQ(find_signature_case(one.name), &one);
    EXPECT_NO_THROW(validate(one.config)) << one.name;
  }
  EXPECT_EQ(find_signature_case("none-of-them"), nullptr);
}

TEST(SignatureCases, HaveEveryEnvironmentAndEveryPreset) {
  const auto environments = values_in(signature_cases(), &Config::environment);
  for (const EnvironmentInfo& info : all_environments()) {
    if (info.name == "NoisyPointMass") continue;  // the tests' own
    EXPECT_TRUE(environments.contains(std::string(info.name))) << info.name;
  }
  const auto presets = values_in(signature_cases(), &Config::preset);
  for (const PresetDescription& description : all_presets()) {
    EXPECT_TRUE(presets.contains(std::string(to_string(description.preset))));
  }
}

TEST(SignatureCases, HaveEveryWord) {
  const std::vector<SignatureCase>& all = signature_cases();
  using Words = std::set<std::string>;
  EXPECT_EQ(values_in(all, &Config::activation), (Words{"relu", "tanh", "elu"}));
  EXPECT_EQ(values_in(all, &Config::policy), (Words{"feed-forward", "lstm", "gru"}));
  EXPECT_EQ(values_in(all, &Config::algorithm), (Words{"ddpg", "td3"}));
  EXPECT_EQ(values_in(all, &Config::exploration), (Words{"gaussian", "ornstein-uhlenbeck"}));
  const std::vector<SignatureCase> fused = cases_of(&Engines::fused);
  EXPECT_EQ(values_in(fused, &Config::activation), (Words{"relu", "tanh", "elu"}));
  EXPECT_EQ(values_in(fused, &Config::exploration), (Words{"gaussian", "ornstein-uhlenbeck"}));
}

/// What a field is in a configuration.
FieldInfo field_in(const Config& config, std::string_view name) {
  std::optional<FieldInfo> found;
  visit_fields(config, [&](const FieldInfo& field, const auto&) {
    if (field.name == name) found = field;
  });
  return *found;
}

// A new option needs a training that has it, one that the fused engine has as well if it can.
TEST(SignatureCases, EveryOptionDiffersFromItsDefaultSomewhere) {
  const Config plain;
  for (bool Engines::*const engine : {&Engines::cpu, &Engines::fused}) {
    visit_field_members(plain, [&](const FieldInfo& field, auto member) {
      if (is_outside(field)) return;
      const auto has_it = [&](const SignatureCase& one, bool on_engine) {
        const FieldInfo own = field_in(one.config, field.name);
        return own.no_effect.empty() && own.engines.*engine == on_engine &&
               !(one.config.*member == plain.*member);
      };
      const std::vector<SignatureCase>& all = signature_cases();
      const bool is_lacking = std::any_of(
          all.begin(), all.end(), [&](const SignatureCase& one) { return has_it(one, false); });
      const std::vector<SignatureCase> cases = cases_of(engine);
      const bool somewhere = std::any_of(
          cases.begin(), cases.end(), [&](const SignatureCase& one) { return has_it(one, true); });
      EXPECT_TRUE(somewhere || is_lacking) << field.name;
    });
  }
}

TEST(SignatureCases, AllLearnBeginEpisodesAnewAndOverwriteTheirReplay) {
  for (const SignatureCase& one : signature_cases()) {
    SCOPED_TRACE(one.name);
    const Config config = on_execution(one.config, {DeviceKind::cpu, Engine::automatic, 1});
    TrainingState last;
    const TrainingOutcome outcome =
        train_signature_case(one, config, [&last](const TrainingState& state) { last = state; });
    EXPECT_GE(last.updates, 2);
    const DerivedConfig derived = derive(config);
    EXPECT_EQ(last.updates, derived.updates);
    EXPECT_GT(*std::max_element(last.rows_written.begin(), last.rows_written.end()),
              derived.rows_per_environment);
    // Each episode ends with a row more than it has steps.
    EXPECT_GT(last.rows_written.front(), last.vector_steps + 1);
    for (const NamedArray& array : outcome.arrays) {
      if (array.type != NumberType::float32) continue;
      for (std::size_t i = 0; i < array.count(); ++i) {
        float value;
        std::memcpy(&value, &array.bytes[i * sizeof value], sizeof value);
        ASSERT_TRUE(std::isfinite(value)) << array.name << " " << i;
      }
    }
  }
}

TEST(SignatureCases, TheCarsReachTheirGoal) {
  const SignatureCase& one = *find_signature_case("mountain-car");
  const Config config = on_execution(one.config, {DeviceKind::cpu, Engine::automatic, 1});
  const RowLayout layout = row_layout(config);
  bool terminated = false;
  train_signature_case(one, config, [&](const TrainingState& state) {
    const auto floats = static_cast<std::size_t>(layout.floats());
    for (std::size_t row = 0; row < state.replay_rows.size(); row += floats) {
      const float kind = state.replay_rows[row + static_cast<std::size_t>(layout.kind_offset())];
      terminated =
          terminated || static_cast<RowKind>(static_cast<int>(kind)) == RowKind::terminated;
    }
  });
  EXPECT_TRUE(terminated);
}

TEST(Digest, IsWhatItsDefinitionSays) {
  const float numbers[] = {1.0f, -0.5f};
  const std::int64_t counts[] = {-3};
  const std::vector<NamedArray> arrays = {
      named_array("a", std::span<const float>(numbers)),
      named_array("counts", std::span<const std::int64_t>(counts)),
      named_array("empty", std::span<const double>())};
  EXPECT_EQ(digest_of(arrays), "f597503c990848c7");  // Python's hashlib over the same bytes
}

// Everybody who holds the table up runs this: one row for each way to run it. A wanted change of
// the arithmetic changes the table in the same commit:
//   polyak signature --device cpu --write src/trainer/signature/signatures.txt
class SignatureOnTheCpu : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Threads, SignatureOnTheCpu, testing::Values(1, 2, 3),
                         testing::PrintToStringParamName());

TEST_P(SignatureOnTheCpu, IsTheCommittedOne) {
  EXPECT_EQ(expected_digests().size(), signature_cases().size());
  for (const SignatureCase& one : signature_cases()) {
    const CaseSignature actual = sign(one, {DeviceKind::cpu, Engine::automatic, GetParam()});
    ASSERT_TRUE(expected_digests().contains(one.name)) << one.name;
    EXPECT_EQ(actual.digest, expected_digests().at(one.name)) << one.name;
  }
}

CaseSignature signature_of(const std::string& name, const std::string& digest) {
  return {name, digest, digest.empty() ? "policy" : "", "somewhere"};
}

TEST(DigestTables, OneDigestIsForAllThatRan) {
  const std::vector<CaseSignature> signatures = {signature_of("single", "0123456789abcdef"),
                                                 signature_of("lstm", ""),
                                                 signature_of("wide", "0000000000000001")};
  const CombinedSignature all = combine(signatures);
  EXPECT_EQ(all.trainings, 2u);
  EXPECT_EQ(all.digest, combine(signatures, {{"single", "0123456789abcdef"},
                                             {"wide", "0000000000000001"},
                                             {"lstm", "0000000000000002"}})
                            ->digest);
  EXPECT_NE(
      all.digest,
      combine(signatures, {{"single", "0123456789abcdef"}, {"wide", "0000000000000003"}})->digest);
  EXPECT_FALSE(combine(signatures, {{"single", "0123456789abcdef"}}));
}

TEST(DigestTables, AreReadAsTheyAreWritten) {
  std::vector<CaseSignature> signatures = {signature_of("single", "0123456789abcdef"),
                                           signature_of("wide", "0000000000000001")};
  const DigestTable expected = {{"single", "0123456789abcdef"}, {"wide", "0000000000000001"}};
  EXPECT_EQ(parse_digest_table(digest_table_text(signatures), "table"), expected);
  signatures.push_back(signature_of("lstm", ""));
  EXPECT_THROW(digest_table_text(signatures), UsageError);
}

TEST(DigestTables, WhatIsNoneIsRefusedWithItsLine) {
  const auto expect_refusal = [](const std::string& text, const std::string& why) {
    try {
      parse_digest_table(text, "table");
      ADD_FAILURE() << text;
    } catch (const UsageError& error) {
      EXPECT_THAT(error.what(), HasSubstr("table: line 2: "));
      EXPECT_THAT(error.what(), HasSubstr(why));
    }
  };
  expect_refusal("# x\nsingle", "is not the name");
  expect_refusal("\nsingle 0123456789ABCDEF", "16 digits");
  expect_refusal("\nsingle 0123456789abcdef0", "16 digits");
  expect_refusal("\nsingle 0123456789abcdef more", "is not the name");
  expect_refusal("\nnobody 0123456789abcdef", "'nobody' is no training");
  expect_refusal("single 0123456789abcdef\nsingle 0123456789abcdef", "twice");
}

}  // namespace
}  // namespace polyak
