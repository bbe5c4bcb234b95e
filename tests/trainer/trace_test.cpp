// Traces of the signature's trainings: their files, and where two of them part.
#include "trainer/signature/trace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "io/sha256.hpp"
#include "polyak/core/error.hpp"
#include "trainer/signature/place.hpp"
#include "trainer/signature/trace_difference.hpp"

namespace polyak {
namespace {

using testing::HasSubstr;

constexpr Execution one_thread{DeviceKind::cpu, Engine::automatic, 1};

const Trace& trace_of(const std::string& name) {
  static std::map<std::string, Trace> traces;
  const auto [entry, is_new] = traces.try_emplace(name);
  if (is_new) entry->second = record_trace(*find_signature_case(name), one_thread);
  return entry->second;
}

/// The array of a step; an exception if that step does not change it.
NamedArray& array_in(std::vector<NamedArray>& arrays, const std::string& name) {
  const auto found = std::find_if(arrays.begin(), arrays.end(),
                                  [&name](const NamedArray& one) { return one.name == name; });
  if (found == arrays.end()) throw std::out_of_range(name);
  return *found;
}

/// Flips the lowest bit of an element.
void flip(NamedArray& array, std::size_t index) {
  array.bytes.at(index * bytes_of(array.type)) ^= std::byte{1};
}

void expect_refusal(const std::string& bytes, const std::string& why) {
  try {
    parse_trace(bytes, "x.trace");
    ADD_FAILURE() << "was read";
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("x.trace: "));
    EXPECT_THAT(error.what(), HasSubstr(why));
  }
}

/// The bytes with the checksum that belongs to them.
std::string with_checksum(const std::string& bytes) {
  const std::string body = bytes.substr(0, bytes.rfind("sha256 "));
  return body + "sha256 " + Sha256().add(body).hex() + "\n";
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

TEST(Trace, IsOfEveryIterationAndEndsWhereTheTrainingDoes) {
  const SignatureCase& training = *find_signature_case("gru");
  const Trace& trace = trace_of("gru");
  EXPECT_EQ(trace.steps.size(), 21u);
  std::vector<NamedArray> last = trace.steps.front();
  for (const std::vector<NamedArray>& step : trace.steps) {
    for (const NamedArray& array : step) array_in(last, array.name) = array;
  }
  last.insert(last.end(), trace.evaluation.begin(), trace.evaluation.end());
  EXPECT_EQ(digest_of(last), sign(training, one_thread).digest);
}

TEST(Trace, FilesOfAllTrainingsAreSmallAndReadBack) {
  for (const SignatureCase& training : signature_cases()) {
    const std::string bytes = serialise_trace(trace_of(training.name));
    EXPECT_LT(bytes.size(), largest_trace_file / 4) << training.name;
    EXPECT_EQ(parse_trace(bytes, training.name), trace_of(training.name));
  }
}

TEST(Trace, DamagedFilesAreRefused) {
  const std::string bytes = serialise_trace(trace_of("single"));
  expect_refusal("", "is not a trace");
  expect_refusal("something else", "is not a trace");
  for (std::size_t length = 13; length < bytes.size(); length += 1 + length / 7) {
    expect_refusal(bytes.substr(0, length), "");
  }
  for (std::size_t at = 15; at < bytes.size(); at += 1 + at / 5) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 4);
    expect_refusal(changed, "truncated or damaged");
  }
  expect_refusal(bytes + "x", "truncated or damaged");
}

TEST(Trace, FilesOfOtherVersionsAndTrainingsAreRefused) {
  const std::string bytes = serialise_trace(trace_of("single"));
  expect_refusal(replaced(bytes, "polyak trace 1", "polyak trace 2"),
                 "is a trace of version 2; this program reads version 1");
  expect_refusal(with_checksum(replaced(bytes, "training single", "training other")),
                 "the training 'other', which this version does not have");
  expect_refusal(with_checksum(replaced(bytes, "training single", "training wide")),
                 "the training wide of another version");
}

TEST(Trace, WhatIsWrittenWrongIsRefused) {
  const std::string bytes = serialise_trace(trace_of("single"));
  const auto expect_refusal_with = [&bytes](const std::string& from, const std::string& to) {
    expect_refusal(with_checksum(replaced(bytes, from, to)), "truncated or damaged");
  };
  expect_refusal_with("iterations 24", "iterations 4000000000");
  expect_refusal_with("iterations 24", "iterations 3");
  expect_refusal_with("iterations 24", "iterations x");
  expect_refusal_with("0 replay_rows float32", "0 replay_rows float16");
  expect_refusal_with("0 replay_rows float32", "0 replay_row float32");
  expect_refusal_with("0 replay_rows float32 ", "0 replay_rows float32 9999999");
  expect_refusal_with("1 replay_rows float32", "1 other_rows float32");
}

TEST(TraceDifference, ThereIsNoneBetweenNumbersOfThreads) {
  const SignatureCase& training = *find_signature_case("many-rows");
  const Trace other = record_trace(training, {DeviceKind::cpu, Engine::automatic, 3});
  EXPECT_FALSE(first_difference(trace_of("many-rows"), other));
}

/// A difference of one bit, planted where nothing was different, and how it is told.
struct Planted {
  std::string training, array;
  std::size_t step, index;
  std::string phase, element;
};
std::ostream& operator<<(std::ostream& out, const Planted& planted) { return out << planted.array; }

class PlantedDifference : public testing::TestWithParam<Planted> {};
INSTANTIATE_TEST_SUITE_P(
    Arrays, PlantedDifference,
    testing::Values(
        Planted{"td3", "critic.parameters", 15, 2, "critic update",
                "agent 0, critic 0, layer 0, weight [0, 2]"},
        Planted{"td3", "actor.second_moment", 15, 0, "actor update",
                "agent 0, layer 0, weight [0, 0]"},
        Planted{"td3", "actor.target", 15, 1, "target update", "agent 0, layer 0, weight [0, 1]"},
        Planted{"td3", "replay_rows", 4, 3, "collecting: acting",
                "agent 0, environment 0, row 0, action [0]"},
        Planted{"td3", "replay_rows", 4, 10, "collecting: environments",
                "agent 0, environment 0, row 1, reward"},
        Planted{"td3", "environment_states", 1, 3, "collecting: environments",
                "agent 0, environment 1, value 1"},
        Planted{"td3", "episode_returns", 1, 4, "collecting: environments",
                "agent 1, environment 1, value 0"},
        Planted{"gru", "observation_moments", 6, 1, "collecting: observation statistics",
                "agent 0, observation 0, sum of squares"},
        Planted{"batch-norm", "actor.statistics", 15, 0, "actor update",
                "agent 0, observation, running mean [0]"}),
    [](const auto& instance) {
      std::string name = instance.param.array + std::to_string(instance.index);
      std::replace(name.begin(), name.end(), '.', '_');
      return name;
    });

TEST_P(PlantedDifference, IsFoundWhereItIs) {
  const Planted& planted = GetParam();
  const Trace& left = trace_of(planted.training);
  Trace right = left;
  flip(array_in(right.steps.at(planted.step), planted.array), planted.index);
  const auto difference = first_difference(left, right);
  ASSERT_TRUE(difference);
  EXPECT_EQ(difference->iteration, static_cast<std::int64_t>(planted.step));
  ASSERT_EQ(difference->arrays.size(), 1u);
  const ArrayDifference& found = difference->arrays.front();
  EXPECT_EQ(found.array, planted.array);
  EXPECT_EQ(found.phase, planted.phase);
  EXPECT_EQ(found.element, planted.element);
  EXPECT_EQ(found.differing, 1u);
  EXPECT_EQ(found.distance, 1u);
  EXPECT_EQ(found.largest_distance, 1u);
  EXPECT_NE(found.left, found.right);
}

TEST(TraceDifference, TellsOfTheFirstStepAndTheOrderOfWriting) {
  const Trace& left = trace_of("actor-first");
  Trace right = left;
  constexpr std::size_t step = 17;  // the second one in which the actor learns
  flip(array_in(right.steps.at(step + 1), "critic.parameters"), 5);
  flip(array_in(right.steps.at(step), "critic.parameters"), 0);
  flip(array_in(right.steps.at(step), "actor.parameters"), 0);
  const auto difference = first_difference(left, right);
  ASSERT_TRUE(difference);
  EXPECT_EQ(difference->iteration, static_cast<std::int64_t>(step));
  ASSERT_EQ(difference->arrays.size(), 2u);
  EXPECT_EQ(difference->arrays[0].array, "actor.parameters");  // it learns first there
  EXPECT_EQ(difference->arrays[1].array, "critic.parameters");
}

TEST(TraceDifference, CountsNumbersBetween) {
  const Trace& left = trace_of("single");
  Trace right = left;
  NamedArray& noise = array_in(right.steps.front(), "exploration_noise");
  const float negative = -1.401298464324817e-45f;  // the first below zero
  std::memcpy(noise.bytes.data(), &negative, sizeof negative);
  const auto difference = first_difference(left, right);
  ASSERT_TRUE(difference);
  EXPECT_EQ(difference->iteration, 0);
  EXPECT_EQ(difference->arrays.front().left, "0");
  EXPECT_EQ(difference->arrays.front().right, "-1e-45");
  EXPECT_EQ(difference->arrays.front().distance, 1u);
}

TEST(TraceDifference, OfTheEvaluationComesLast) {
  const Trace& left = trace_of("single");
  Trace right = left;
  NamedArray& actions = array_in(right.evaluation, "policy.actions");
  flip(actions, 1);
  const auto difference = first_difference(left, right);
  ASSERT_TRUE(difference);
  EXPECT_FALSE(difference->iteration);
  EXPECT_EQ(difference->arrays.front().phase, "evaluation");
  EXPECT_EQ(difference->arrays.front().element, "value 1");
  actions = left.evaluation.back();
  actions.bytes.resize(actions.bytes.size() - sizeof(float));
  const auto shorter = first_difference(left, right);
  ASSERT_TRUE(shorter);
  EXPECT_EQ(shorter->arrays.front().element, "number of values");
}

TEST(TraceDifference, IsBetweenTracesOfOneTraining) {
  EXPECT_THROW(first_difference(trace_of("single"), trace_of("td3")), UsageError);
}

// Every parameter has a name of its own, and what has none is padding.
TEST(Places, EveryNumberHasItsOwn) {
  for (const SignatureCase& training : signature_cases()) {
    for (const NamedArray& array : trace_of(training.name).steps.front()) {
      std::set<std::string> places;
      for (std::size_t i = 0; i < array.count(); ++i) {
        const Place place = place_of(training.config, array.name, i);
        EXPECT_NE(place.phase, "") << array.name;
        EXPECT_TRUE(places.insert(place.element).second)
            << training.name << " " << array.name << " " << place.element;
      }
    }
  }
}

TEST(Places, PaddingIsWhatNothingWrites) {
  for (const char* const name : {"td3", "gru", "layer-norm"}) {
    const SignatureCase& training = *find_signature_case(name);
    const Trace& trace = trace_of(name);
    for (const char* const network : {"actor.parameters", "critic.parameters"}) {
      const NamedArray* last = nullptr;
      for (const std::vector<NamedArray>& step : trace.steps) {
        for (const NamedArray& array : step) last = array.name == network ? &array : last;
      }
      for (std::size_t i = 0; i < last->count(); ++i) {
        const bool is_zero = std::all_of(&last->bytes[4 * i], &last->bytes[4 * i] + 4,
                                         [](std::byte byte) { return byte == std::byte{}; });
        const std::string element = place_of(training.config, network, i).element;
        EXPECT_EQ(is_zero, element.find("padding") != std::string::npos) << name << " " << element;
      }
    }
  }
}

}  // namespace
}  // namespace polyak
