// What the fused engine does not have is refused by name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <ostream>
#include <string>

#include "polyak/config.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

struct LayeredOption {
  std::string name;
  std::function<void(Config&)> set;
};
void PrintTo(const LayeredOption& option, std::ostream* stream) { *stream << option.name; }
class BeyondFusedEngine : public testing::TestWithParam<LayeredOption> {};
INSTANTIATE_TEST_SUITE_P(
    All, BeyondFusedEngine,
    testing::Values(
        LayeredOption{"environment", [](Config& c) { c.environment = "Pendulum-P"; }},
        LayeredOption{"n-step", [](Config& c) { c.n_step = 2; }},
        LayeredOption{"sampling", [](Config& c) { c.sampling = Sampling::without_replacement; }},
        LayeredOption{"time-limit-terminal", [](Config& c) { c.time_limit_terminal = true; }},
        LayeredOption{"reward-scale", [](Config& c) { c.reward_scale = 0.1f; }},
        LayeredOption{"normalise-observations", [](Config& c) { c.normalise_observations = true; }},
        LayeredOption{"noise-units", [](Config& c) { c.noise_units = NoiseUnits::environment; }},
        LayeredOption{"noise-reset",
                      [](Config& c) {
                        c.exploration = Exploration::ornstein_uhlenbeck;
                        c.noise_reset = false;
                      }},
        LayeredOption{"noise-scale-final", [](Config& c) { c.noise_scale_final = 0.0f; }},
        LayeredOption{"noise-ladder",
                      [](Config& c) {
                        c.noise_ladder = {0.1f, 0.8f};
                      }},
        LayeredOption{"critic-action-layer", [](Config& c) { c.critic_action_layer = 1; }},
        LayeredOption{"layer-norm", [](Config& c) { c.layer_norm = true; }},
        LayeredOption{"batch-norm", [](Config& c) { c.batch_norm = true; }},
        LayeredOption{"policy", [](Config& c) { c.policy = PolicyKind::gru; }},
        LayeredOption{"twin-critics", [](Config& c) { c.twin_critics = true; }},
        LayeredOption{"target-noise",
                      [](Config& c) {
                        c.agents = 2;
                        c.target_noise = std::vector<float>{0.0f, 0.1f};
                      }},
        LayeredOption{"actor-delay", [](Config& c) { c.actor_delay = 2; }},
        LayeredOption{"target-delay", [](Config& c) { c.target_delay = 2; }},
        LayeredOption{"actor-first", [](Config& c) { c.actor_first = true; }},
        LayeredOption{"learning-rate-decay",
                      [](Config& c) { c.learning_rate_decay = LearningRateDecay::linear; }},
        LayeredOption{"actor-weight-decay", [](Config& c) { c.actor_weight_decay = 0.1f; }},
        LayeredOption{"critic-weight-decay", [](Config& c) { c.critic_weight_decay = 0.1f; }},
        LayeredOption{"gradient-clip", [](Config& c) { c.gradient_clip = 1.0f; }}),
    [](const auto& instance) {
      std::string name = instance.param.name;
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

TEST_P(BeyondFusedEngine, IsRefusedByName) {
  Config config;
  GetParam().set(config);
  EXPECT_EQ(beyond_fused_engine(config), GetParam().name);
  EXPECT_NO_THROW(validate(config));
  config.engine = Engine::layered;
  EXPECT_NO_THROW(validate(config));
  config.engine = Engine::fused;
  EXPECT_THAT([&] { validate(config); },
              ThrowsMessage<UsageError>(
                  AllOf(HasSubstr("--" + GetParam().name + ":"), HasSubstr("--engine layered"))));
}

TEST(FusedEngine, DoesTheDefaults) { EXPECT_EQ(beyond_fused_engine(Config{}), ""); }

}  // namespace
}  // namespace polyak
