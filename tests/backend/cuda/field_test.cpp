// Every field of the table reaches every engine, or is refused by name where it does not: nothing
// that a user asks for is ignored.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <span>
#include <string>

#include "backend/cpu/cpu_backend.hpp"
#include "backend/cuda/cuda_backend.hpp"
#include "backend/cuda/field_cases.hpp"
#include "config/derived.hpp"
#include "config/fields.hpp"
#include "oracle/comparison.hpp"
#include "polyak/core/error.hpp"
#include "support/configs.hpp"
#include "support/device_precisions.hpp"

namespace polyak {
namespace {

using test::FieldCase;
using testing::HasSubstr;

struct NamedEngine {
  std::string name;
  bool Engines::*member;
  DeviceKind device;
  Engine engine;
};
const NamedEngine cpu = {"cpu", &Engines::cpu, DeviceKind::cpu, Engine::automatic};
const NamedEngine layered = {"layered", &Engines::layered, DeviceKind::cuda, Engine::layered};
const NamedEngine fused = {"fused", &Engines::fused, DeviceKind::cuda, Engine::fused};

Config on(const NamedEngine& engine, Config config) {
  config.device = engine.device;
  config.engine = engine.engine;
  return config;
}

/// The whole training.
TrainingState train(const NamedEngine& engine, const Config& config) {
  const Config here = on(engine, config);
  validate(here);
  const auto backend =
      here.device == DeviceKind::cpu ? make_cpu_backend(here) : make_cuda_backend(here);
  backend->advance(derive(here).iterations);
  return backend->export_state();
}

FieldInfo info_of(std::string_view name, const Config& config) {
  FieldInfo info{};
  visit_fields(config, [&](const FieldInfo& field, const auto&) {
    if (field.name == name) info = field;
  });
  return info;
}

// Some ten times what rounding makes of so few updates, so that who ignores a field is found.
constexpr oracle::Tolerances tolerances{.parameter = 2e-5,
                                        .first_moment = 1e-3,
                                        .second_moment = 1e-3,
                                        .observation = 1e-4,
                                        .action = 1e-4,
                                        .reward = 1e-3};

void expect_agreement(const Config& config, const TrainingState& expected,
                      const TrainingState& actual) {
  EXPECT_EQ(expected.updates, actual.updates);
  EXPECT_EQ(expected.rows_written, actual.rows_written);
  for (int agent = 0; agent < config.agents; ++agent) {
    oracle::expect_agreement(oracle::Training(config, expected, agent), config, actual, tolerances);
  }
}

/// Infinite between arrays of different sizes.
double largest_difference(std::span<const float> a, std::span<const float> b) {
  if (a.size() != b.size()) return INFINITY;
  double largest = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  }
  return largest;
}

/// Whether two trainings are further apart than rounding could take them, with a factor of ten.
bool can_be_told_apart(const TrainingState& a, const TrainingState& b) {
  const double parameters = std::max({largest_difference(a.actor.parameters, b.actor.parameters),
                                      largest_difference(a.critic.parameters, b.critic.parameters),
                                      largest_difference(a.actor.target, b.actor.target),
                                      largest_difference(a.actor.statistics, b.actor.statistics)});
  return parameters > 10.0 * tolerances.parameter ||
         largest_difference(a.replay_rows, b.replay_rows) > 10.0 * tolerances.reward;
}

std::string refusal(const NamedEngine& engine, const Config& config) {
  try {
    validate(on(engine, config));
  } catch (const UsageError& error) {
    return error.what();
  }
  return "not refused";
}

/// An engine that lacks the field refuses it, unless it refuses what the field needs already.
void expect_refusal(const NamedEngine& engine, const FieldCase& one) {
  const std::string_view needed = beyond_engine(one.before(), engine.member);
  const std::string_view name = needed.empty() ? one.field : needed;
  EXPECT_THAT(refusal(engine, one.after()), testing::StartsWith("--" + std::string(name) + ": "));
}

/// The default takes no engine that lacks the field.
void expect_right_choice(const FieldCase& one) {
  Config config = one.after();
  config.device = DeviceKind::cuda;
  const bool is_fused = beyond_engine(config, &Engines::fused).empty();
  EXPECT_THAT(make_cuda_backend(config)->description(),
              HasSubstr(is_fused ? "fused engine" : "layered engine"));
}

std::vector<FieldCase> cases_of_this_device() {
  std::vector<FieldCase> cases = test::field_cases();
  std::erase_if(cases,
                [](const FieldCase& one) { return !test::device_has(one.after().precision); });
  return cases;
}

class EveryField : public testing::TestWithParam<FieldCase> {};
INSTANTIATE_TEST_SUITE_P(All, EveryField, testing::ValuesIn(cases_of_this_device()),
                         [](const auto& instance) {
                           std::string name;
                           for (const char c : std::string(instance.param.field) + "_" +
                                                   std::string(instance.param.value)) {
                             name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
                           }
                           return name;
                         });

TEST_P(EveryField, ReachesEveryEngineOrIsRefusedByName) {
  const FieldCase& one = GetParam();
  const Config before = one.before(), after = one.after();
  const FieldInfo field = info_of(one.field, after);
  const NamedEngine& reference = field.engines.cpu ? cpu : layered;
  const TrainingState without = train(reference, before), with = train(reference, after);

  if (!one.only_rounding && field.engines.cpu) {
    EXPECT_TRUE(can_be_told_apart(without, with)) << "nobody could say who ignores it";
  }
  if (field.per_agent) {
    test::expect_same_bits(test::agent_part(without, before.agents, 0),
                           test::agent_part(with, after.agents, 0));
  }
  for (const NamedEngine& engine : {cpu, layered, fused}) {
    SCOPED_TRACE(engine.name);
    if (!(field.engines.*engine.member)) {
      expect_refusal(engine, one);
    } else if (field.engines.cpu) {
      expect_agreement(after, with, train(engine, after));
    } else {
      EXPECT_NE(train(engine, before).critic.parameters, train(engine, after).critic.parameters);
    }
  }
  expect_right_choice(one);
}

TEST(EveryFieldOfTheTable, HasACaseOrIsSaidToBeOutsideTraining) {
  std::set<std::string_view> with_case, outside;
  for (const FieldCase& one : test::field_cases()) with_case.insert(one.field);
  const Config plain;
  visit_fields(plain, [&](const FieldInfo& field, const auto&) {
    if (field.engines == outside_training) {
      outside.insert(field.name);
    } else {
      EXPECT_TRUE(with_case.contains(field.name))
          << field.name << " needs a row in tests/backend/cuda/field_cases.cpp";
    }
  });
  EXPECT_EQ(outside, (std::set<std::string_view>{"preset", "evaluation-time-limit", "algorithm",
                                                 "device", "engine", "threads"}));
}

}  // namespace
}  // namespace polyak
