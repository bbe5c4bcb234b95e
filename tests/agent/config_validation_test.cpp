#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <ostream>
#include <string>
#include <vector>

#include "config/fields.hpp"
#include "polyak/config.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::ThrowsMessage;

/// A configuration, broken in one field.
struct BrokenConfig {
  std::string field;
  std::string how;
  Config config;
};

/// `value` as the type of a field; nothing where the type cannot hold it.
template <class T>
bool assign(T& field, double value) {
  if constexpr (std::is_floating_point_v<T>) {
    field = static_cast<T>(value);
    return true;
  } else {
    const bool fits = std::isfinite(value) && value >= -9.2e18 && value <= 9.2e18 &&
                      value >= static_cast<double>(std::numeric_limits<T>::lowest()) &&
                      value <= static_cast<double>(std::numeric_limits<T>::max());
    if (fits) field = static_cast<T>(value);
    return fits;
  }
}

template <class T>
struct NumberOf {};
template <class T>
requires(std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) struct NumberOf<T> {
  using type = T;
  static void set(T& field, T value) { field = value; }
};
template <class T>
struct NumberOf<PerAgent<T>> {
  using type = T;
  static void set(PerAgent<T>& field, T value) { field = value; }
};
template <class T>
requires(std::is_arithmetic_v<T>) struct NumberOf<std::vector<T>> {
  using type = T;
  static void set(std::vector<T>& field, T value) {
    field.resize(std::max<std::size_t>(field.size(), 1));
    field.back() = value;
  }
};

/// Every numeric field of a Config, set to `value_of(field)` one at a time.
std::vector<BrokenConfig> break_every_field(
    const std::string& how, const std::function<double(const FieldInfo&)>& value_of) {
  std::vector<BrokenConfig> result;
  const Config reference;
  visit_fields(reference, [&]<class Field>(const FieldInfo& info, const Field&) {
    if constexpr (requires { typename NumberOf<Field>::type; }) {
      using Number = typename NumberOf<Field>::type;
      Number number{};
      if (!assign(number, value_of(info))) return;
      BrokenConfig broken{std::string(info.name), how, {}};
      visit_fields(broken.config, [&]<class Other>(const FieldInfo& other, Other& field) {
        if constexpr (std::is_same_v<Field, Other>) {
          if (other.name == info.name) NumberOf<Field>::set(field, number);
        }
      });
      result.push_back(broken);
    }
  });
  return result;
}

double above(double value) { return value + std::max(1.0, std::abs(value) * 1e-3); }
double below(double value) { return value > 0.0 ? value * 0.5 - 0.5 : value - 1.0; }

void expect_each_refused(const std::vector<BrokenConfig>& cases, std::size_t at_least) {
  EXPECT_GE(cases.size(), at_least);
  for (const BrokenConfig& broken : cases) {
    SCOPED_TRACE(broken.field + " " + broken.how);
    EXPECT_THAT([&] { validate(broken.config); },
                ThrowsMessage<UsageError>(
                    AllOf(HasSubstr("--" + broken.field + ":"), Not(HasSubstr("\n")))));
  }
}

TEST(Validate, AcceptsTheDefaults) { EXPECT_NO_THROW(validate(Config{})); }

TEST(Validate, RefusesEveryFieldAboveItsRange) {
  expect_each_refused(
      break_every_field("above", [](const FieldInfo& f) { return above(f.highest); }), 22);
}

TEST(Validate, RefusesEveryFieldBelowItsRange) {
  expect_each_refused(
      break_every_field("below", [](const FieldInfo& f) { return below(f.lowest); }), 22);
}

TEST(Validate, RefusesWhatIsNotFinite) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double value : {std::nan(""), infinity, -infinity}) {
    expect_each_refused(break_every_field("not finite", [=](const FieldInfo&) { return value; }),
                        12);
  }
}

TEST(Validate, AcceptsBothEndsOfEveryRange) {
  // Ends that contradict other fields (a batch larger than the buffer) may be refused, but not as
  // out of range.
  for (const bool high : {false, true}) {
    for (const BrokenConfig& edge : break_every_field(
             "end of range", [&](const FieldInfo& f) { return high ? f.highest : f.lowest; })) {
      try {
        validate(edge.config);
      } catch (const UsageError& error) {
        EXPECT_THAT(error.what(), Not(HasSubstr("out of range"))) << edge.field;
      }
    }
  }
}

TEST(Validate, LooksAtEveryValueOfAList) {
  Config config;
  config.agents = 3;
  config.discount = std::vector<float>{0.9f, 0.99f, 1.5f};
  EXPECT_THAT([&] { validate(config); }, ThrowsMessage<UsageError>(HasSubstr("--discount: 1.5")));
  config.discount = 0.9f;
  config.critic_hidden = {64, 0, 64};
  EXPECT_THAT([&] { validate(config); },
              ThrowsMessage<UsageError>(HasSubstr("--critic-hidden: 0")));
}

struct Contradiction {
  std::string name;
  std::function<void(Config&)> make;
  std::vector<std::string> message;
};
void PrintTo(const Contradiction& contradiction, std::ostream* stream) {
  *stream << contradiction.name;
}
class ValidateContradiction : public testing::TestWithParam<Contradiction> {};
INSTANTIATE_TEST_SUITE_P(
    All, ValidateContradiction,
    testing::Values(Contradiction{"BatchAboveCapacity",
                                  [](Config& c) { c.replay_capacity = c.batch_size - 1; },
                                  {"--batch-size", "--replay-capacity"}},
                    Contradiction{"BatchAboveLearningStarts",
                                  [](Config& c) { c.learning_starts = c.batch_size - 1; },
                                  {"--learning-starts", "--batch-size"}},
                    Contradiction{"EndsBeforeLearningStarts",
                                  [](Config& c) {
                                    c.environments = 8;
                                    c.learning_starts = 1000;
                                    c.total_steps = 992;
                                  },
                                  {"--total-steps: 992", "--learning-starts 1000"}},
                    Contradiction{"FractionOfAnUpdate",
                                  [](Config& c) {
                                    c.environments = 3;
                                    c.update_to_data = 0.5;
                                    c.steps_per_iteration = 1;
                                  },
                                  {"--update-to-data", "1.5 updates"}},
                    Contradiction{"NoUpdateInAThousandSteps",
                                  [](Config& c) { c.environments = 1, c.update_to_data = 1e-4; },
                                  {"--update-to-data", "0.1 updates"}},
                    Contradiction{"NoUpdateAtAll",
                                  [](Config& c) {
                                    c.environments = 1;
                                    c.update_to_data = 0.25;
                                    c.steps_per_iteration = 1;
                                  },
                                  {"--update-to-data"}},
                    Contradiction{"MoreSeedsThanAgents",
                                  [](Config& c) {
                                    c.seed = std::vector<std::uint64_t>{1, 2};
                                  },
                                  {"--seed", "2 values for 1 agent"}},
                    Contradiction{"FewerSeedsThanAgents",
                                  [](Config& c) {
                                    c.agents = 3;
                                    c.seed = std::vector<std::uint64_t>{1, 2};
                                  },
                                  {"--seed", "2 seeds for 3 agents"}},
                    Contradiction{"MoreValuesThanAgents",
                                  [](Config& c) {
                                    c.tau = std::vector<float>{0.1f, 0.2f};
                                  },
                                  {"--tau", "2 values for 1 agent"}},
                    Contradiction{
                        "EmptyList", [](Config& c) { c.tau = std::vector<float>{}; }, {"--tau"}},
                    Contradiction{"NoHiddenLayer",
                                  [](Config& c) { c.actor_hidden = {}; },
                                  {"--actor-hidden", "0 hidden layers"}},
                    Contradiction{"FiveHiddenLayers",
                                  [](Config& c) {
                                    c.critic_hidden = {1, 1, 1, 1, 1};
                                  },
                                  {"--critic-hidden", "5 hidden layers"}},
                    Contradiction{"FusedEngineWithAMatrixProduct",
                                  [](Config& c) {
                                    c.engine = Engine::fused;
                                    c.matrix_product = MatrixProduct::cublas;
                                  },
                                  {"--matrix-product", "fused", "--engine layered"}},
                    Contradiction{"ActionBeyondTheLastLayer",
                                  [](Config& c) {
                                    c.critic_hidden = {8, 8};
                                    c.critic_action_layer = 3;
                                  },
                                  {"--critic-action-layer: 3", "number 2"}},
                    Contradiction{"MoreStepsThanAnEpisodeHas",
                                  [](Config& c) { c.n_step = 201; },
                                  {"--n-step: 201", "200"}},
                    Contradiction{"MoreStepsThanAShortEpisodeHas",
                                  [](Config& c) { c.n_step = 6, c.time_limit = 5; },
                                  {"--n-step: 6", "5"}},
                    Contradiction{"BatchThatTheReplayMayNotHold",
                                  [](Config& c) {
                                    c.sampling = Sampling::without_replacement;
                                    c.replay_capacity = c.batch_size = 128;
                                  },
                                  {"--sampling", "--batch-size 128", "--replay-capacity"}},
                    Contradiction{"LadderOfOne",
                                  [](Config& c) { c.noise_ladder = {0.1f}; },
                                  {"--noise-ladder", "1 values"}},
                    Contradiction{"LadderOverOneEnvironment",
                                  [](Config& c) {
                                    c.environments = 1;
                                    c.noise_ladder = {0.1f, 0.8f};
                                  },
                                  {"--noise-ladder", "--environments 2"}},
                    Contradiction{"LadderBesideANoiseScale",
                                  [](Config& c) {
                                    c.noise_scale = 0.2f;
                                    c.noise_ladder = {0.1f, 0.8f};
                                  },
                                  {"--noise-scale", "--noise-ladder"}},
                    Contradiction{"DecayToNothing",
                                  [](Config& c) { c.noise_decay_steps = std::int64_t{100}; },
                                  {"--noise-decay-steps", "--noise-scale-final"}},
                    Contradiction{"GaussianNoiseThatOutlivesEpisodes",
                                  [](Config& c) { c.noise_reset = false; },
                                  {"--noise-reset", "ornstein-uhlenbeck"}},
                    Contradiction{"UnknownEnvironment",
                                  [](Config& c) { c.environment = "Walker"; },
                                  {"'Walker'", "Pendulum-v1"}},
                    Contradiction{"UnknownParameter",
                                  [](Config& c) { c.environment_parameters = {"mass=2"}; },
                                  {"--environment-parameter", "mass=2", "gravity"}},
                    Contradiction{"ParameterWithoutValue",
                                  [](Config& c) { c.environment_parameters = {"gravity"}; },
                                  {"--environment-parameter", "name=value"}},
                    Contradiction{"ParameterNotANumber",
                                  [](Config& c) { c.environment_parameters = {"gravity=9.8x"}; },
                                  {"--environment-parameter", "gravity=9.8x"}},
                    Contradiction{"ParameterNaN",
                                  [](Config& c) { c.environment_parameters = {"gravity=nan"}; },
                                  {"--environment-parameter", "gravity=nan"}},
                    Contradiction{"ParameterOutOfRange",
                                  [](Config& c) { c.environment_parameters = {"gravity=1e9"}; },
                                  {"--environment-parameter", "gravity=1e9"}}),
    [](const auto& instance) { return instance.param.name; });

TEST_P(ValidateContradiction, IsRefusedByName) {
  Config config;
  GetParam().make(config);
  for (const std::string& part : GetParam().message) {
    EXPECT_THAT([&] { validate(config); }, ThrowsMessage<UsageError>(HasSubstr(part)));
  }
}

TEST(Validate, AcceptsATrainingOfOneLearningIteration) {
  Config config;
  config.environments = 8;
  config.learning_starts = config.total_steps = 1000;
  config.warmup_steps = 1'000'000;  // all actions are random: still something to learn from
  EXPECT_NO_THROW(validate(config));
}

}  // namespace
}  // namespace polyak
