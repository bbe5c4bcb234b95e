// The limits of exploration, replay and returns: the last value that can be trained with, and the
// first that cannot.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "polyak/config.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

struct Limit {
  std::string name;
  std::function<void(Config&)> inside, outside;
  std::string field;  // by whose name the outside is refused
};
void PrintTo(const Limit& limit, std::ostream* stream) { *stream << limit.name; }

class DataLimit : public testing::TestWithParam<Limit> {};

std::string limit_refusal(const std::function<void(Config&)>& change) {
  Config config;
  change(config);
  try {
    validate(config);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST_P(DataLimit, IsWhereItIsSaidToBe) {
  EXPECT_EQ(limit_refusal(GetParam().inside), "");
  EXPECT_THAT(limit_refusal(GetParam().outside),
              testing::StartsWith("--" + GetParam().field + ": "));
}

std::function<void(Config&)> ornstein_uhlenbeck(std::vector<float> theta, float dt) {
  return [=](Config& c) {
    c.exploration = Exploration::ornstein_uhlenbeck;
    c.agents = static_cast<int>(theta.size());
    c.noise_theta = theta;
    c.noise_dt = dt;
  };
}

std::function<void(Config&)> ladder(std::vector<float> sigmas, int environments) {
  return [=](Config& c) { c.noise_ladder = sigmas, c.environments = environments; };
}

std::function<void(Config&)> n_step(int steps, int time_limit) {
  return [=](Config& c) { c.n_step = steps, c.time_limit = time_limit; };
}

std::function<void(Config&)> decay(float sigma, std::int64_t steps) {
  return [=](Config& c) { c.noise_scale_final = sigma, c.noise_decay_steps = steps; };
}

/// A batch drawn without replacement, one environment.
std::function<void(Config&)> whole_batch(int batch, std::int64_t capacity, std::int64_t starts) {
  return [=](Config& c) {
    c.environments = 1;
    c.sampling = Sampling::without_replacement;
    c.batch_size = batch;
    c.replay_capacity = capacity;
    c.learning_starts = starts;
    c.time_limit = 1000;
  };
}

const float below_two = std::nextafter(2.0f, 0.0f);

INSTANTIATE_TEST_SUITE_P(
    All, DataLimit,
    testing::Values(
        Limit{"NoiseThatSwingsForEver", ornstein_uhlenbeck({below_two}, 1.0f),
              ornstein_uhlenbeck({2.0f}, 1.0f), "noise-theta"},
        Limit{"NoiseOfShortSteps", ornstein_uhlenbeck({99.0f}, 0.02f),
              ornstein_uhlenbeck({100.0f}, 0.02f), "noise-theta"},
        Limit{"NoiseOfTheLastAgent", ornstein_uhlenbeck({1.0f, 0.0f, below_two}, 1.0f),
              ornstein_uhlenbeck({1.0f, 0.0f, 2.0f}, 1.0f), "noise-theta"},
        Limit{"NoiseWithoutState", [](Config& c) { c.noise_theta = c.noise_dt = 100.0f; },
              ornstein_uhlenbeck({100.0f}, 100.0f), "noise-theta"},
        Limit{"ValuesOfALadder", ladder({0.1f, 0.2f}, 2), ladder({0.1f, 0.2f, 0.3f}, 2),
              "noise-ladder"},
        Limit{"EnvironmentsOfALadder", ladder({0.1f, 0.2f}, 2), ladder({0.1f, 0.2f}, 1),
              "noise-ladder"},
        Limit{"LongestReturn", n_step(200, 0), n_step(201, 0), "n-step"},
        Limit{"LongestReturnOfAShortEpisode", n_step(5, 5), n_step(6, 5), "n-step"},
        Limit{"SigmaToGoTo", decay(0.0f, 1), decay(-1.0f, 1), "noise-decay-steps"},
        Limit{"StepsToGoNowhere", decay(-1.0f, 0), decay(-0.5f, 1), "noise-decay-steps"},
        // Rows for 129 transitions, an end and the newest observation: 64 if each of them ends.
        Limit{"BatchOfASmallReplay", whole_batch(64, 126, 1000), whole_batch(65, 126, 1000),
              "sampling"},
        Limit{"ReplayOfABatch", whole_batch(64, 126, 1000), whole_batch(64, 124, 1000), "sampling"},
        Limit{"BatchAtTheFirstUpdate", whole_batch(64, 1'000'000, 64),
              whole_batch(65, 1'000'000, 64), "learning-starts"}),
    [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace polyak
