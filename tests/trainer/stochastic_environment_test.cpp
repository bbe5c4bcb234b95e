// Training, evaluating and simulating where the environment's steps depend on chance.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <span>
#include <vector>

#include "backend/backend.hpp"
#include "io/temporary_directory.hpp"
#include "polyak/core/error.hpp"
#include "polyak/trainer.hpp"
#include "support/configs.hpp"
#include "trainer/evaluation.hpp"

namespace polyak {
namespace {

constexpr std::int64_t count = 7;

/// Two agents of NoisyPointMass, which has no parameters, after a short training.
class StochasticEnvironment : public testing::Test {
 protected:
  StochasticEnvironment() : trainer(config()) { EXPECT_EQ(trainer.run({}), StopReason::finished); }

  static Config config() {
    Config config = test::small_config();
    config.environment = "NoisyPointMass";
    config.agents = 2;
    config.total_steps = 90;
    return config;
  }

  std::vector<float> simulated(int agent, std::uint64_t seed) const {
    return make_simulator(DeviceKind::cpu, {"NoisyPointMass", {}, config().time_limit, 1, seed})
        ->evaluate(trainer.policy(agent), starts);
  }

  Trainer trainer;
  std::vector<float> starts = draw_starts("NoisyPointMass", {}, 3, count);
};

TEST_F(StochasticEnvironment, EvaluationsAreRepeatableAndOfTheirSeed) {
  const std::vector<float> returns = trainer.evaluate(starts, 5);
  EXPECT_EQ(trainer.evaluate(starts, 5), returns);
  EXPECT_NE(trainer.evaluate(starts, 6), returns);
}

TEST_F(StochasticEnvironment, AnEpisodeIsTheSameInAnyCompany) {
  const std::vector<float> whole = trainer.evaluate(starts, 5);
  const std::vector<float> rest = trainer.evaluate(std::span(starts).subspan(3 * 4), 5, 3);
  for (std::size_t agent = 0; agent < 2; ++agent) {
    for (std::size_t i = 3; i < count; ++i) {
      EXPECT_EQ(rest[agent * (count - 3) + i - 3], whole[agent * count + i]);
    }
  }
  // Chance is the episode's own: two episodes from one start differ.
  const std::vector<float> twice = {starts[0], starts[1], starts[2], starts[3],
                                    starts[0], starts[1], starts[2], starts[3]};
  const std::vector<float> two = trainer.evaluate(twice, 5);
  EXPECT_NE(two[0], two[1]);
}

TEST_F(StochasticEnvironment, SimulatorsMakeTheSameEpisodes) {
  const std::vector<float> returns = trainer.evaluate(starts, 5);
  for (int agent = 0; agent < 2; ++agent) {
    const auto first = returns.begin() + agent * count;
    EXPECT_EQ(simulated(agent, 5), std::vector<float>(first, first + count));
    EXPECT_NE(simulated(agent, 6), simulated(agent, 5));
  }
}

TEST_F(StochasticEnvironment, WithoutParametersItsPoliciesReadBack) {
  const test::TemporaryDirectory directory;
  const auto path = directory.path() / "policy.safetensors";
  const Policy policy = trainer.policy(1);
  policy.save(path);
  const Policy read = Policy::load(path);
  EXPECT_TRUE(read.environment_parameters.empty());
  EXPECT_EQ(read.act(std::span(starts).first(4)), policy.act(std::span(starts).first(4)));
  Config other = config();
  other.environment_parameters = {"mass=2"};
  EXPECT_THAT([&] { validate(other); }, testing::ThrowsMessage<UsageError>(
                                            testing::HasSubstr("'mass=2': NoisyPointMass has no "
                                                               "parameters; leave it out")));
}

// Single steps are those that episodes begin with.
TEST_F(StochasticEnvironment, SingleStepsAreTheFirstOfTheirEpisodes) {
  const auto simulator =
      make_simulator(DeviceKind::cpu, {"NoisyPointMass", {}, config().time_limit, 1, 5});
  const Trajectories episodes = simulator->rollout(trainer.policy(0), starts);
  const auto steps = static_cast<std::size_t>(config().time_limit);
  std::vector<float> actions;
  for (std::size_t i = 0; i < count; ++i) {
    const auto first = episodes.actions.begin() + static_cast<std::ptrdiff_t>(i * steps * 2);
    actions.insert(actions.end(), first, first + 2);
  }
  const TransitionResult result = simulator->step(starts, actions);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t d = 0; d < 4; ++d) {
      EXPECT_EQ(result.next_states[4 * i + d], episodes.states[(i * (steps + 1) + 1) * 4 + d]);
    }
  }
}

}  // namespace
}  // namespace polyak
