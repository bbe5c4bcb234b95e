#include "trainer/population_change.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <string>
#include <vector>

#include "io/policy_format.hpp"
#include "io/temporary_directory.hpp"
#include "polyak/core/error.hpp"
#include "polyak/trainer.hpp"
#include "trainer/trainer_access.hpp"
#include "trainer/trainer_config.hpp"

namespace polyak {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

bool same(const AgentCopy& copy, int from, int to) { return copy.from == from && copy.to == to; }

TEST(CopiesToTheFront, MoveOnlyThoseThatLieBehind) {
  std::vector<int> order;
  const std::vector<int> kept = {6, 1, 4};
  const std::vector<AgentCopy> copies = copies_to_the_front(kept, order);
  ASSERT_EQ(copies.size(), 2u);
  EXPECT_TRUE(same(copies[0], 4, 0));
  EXPECT_TRUE(same(copies[1], 6, 2));
  EXPECT_THAT(order, ElementsAre(4, 1, 6));
}

TEST(CopiesToTheFront, HaveNothingToDoForTheFirstOnes) {
  std::vector<int> order;
  EXPECT_THAT(copies_to_the_front(std::vector<int>{1, 0}, order), IsEmpty());
  EXPECT_THAT(order, ElementsAre(0, 1));
  EXPECT_THAT(copies_to_the_front(std::vector<int>{}, order), IsEmpty());
  EXPECT_THAT(order, IsEmpty());
}

std::string refusal(const std::vector<AgentCopy>& copies, const Config& config,
                    const Config& changed, const std::vector<Divergence>& divergences = {}) {
  try {
    sources_after(copies, config, changed, divergences);
    return "none";
  } catch (const UsageError& error) {
    return error.what();
  }
}

TEST(SourcesAfter, AreWhoseEverythingAnAgentHas) {
  Config config = test::trainer_config(), changed = config;
  config.agents = 4;
  changed.agents = 3;
  const std::vector<AgentCopy> copies = {{.from = 3, .to = 1},
                                         {.from = 3, .to = 2, .part = AgentPart::networks}};
  EXPECT_THAT(sources_after(copies, config, changed, {}), ElementsAre(0, 3, 2));
}

TEST(SourcesAfter, RefusesWhatIsAnotherTraining) {
  const Config config = test::trainer_config();
  Config changed = config;
  changed.agents = 3;
  EXPECT_THAT(refusal({}, config, changed), HasSubstr("--agents 3: "));
  changed = config;
  changed.batch_size = 17;
  EXPECT_THAT(refusal({}, config, changed), HasSubstr("--batch-size: cannot change"));
  changed = config;
  changed.tau = std::vector<float>{0.5f, 0.25f};
  changed.seed = std::vector<std::uint64_t>{8, 9};
  EXPECT_EQ(refusal({}, config, changed), "none");
  EXPECT_THAT(refusal({{.from = 2, .to = 0}}, config, changed), HasSubstr("there are 2"));
  EXPECT_THAT(refusal({{.from = 1, .to = -1}}, config, changed), HasSubstr("there are 2"));
  EXPECT_THAT(refusal({{.from = 1, .to = 0}, {.from = 1, .to = 0}}, config, changed),
              HasSubstr("already"));
  EXPECT_THAT(refusal({{.from = 1, .to = 0}, {.from = 0, .to = 1}}, config, changed),
              HasSubstr("at the same time"));
}

TEST(SourcesAfter, RefusesAnotherLookaheadOfSequences) {
  Config config = test::trainer_config();
  config.policy = PolicyKind::gru;
  config.n_step = std::vector<int>{1, 2};
  Config changed = config;
  changed.agents = 1;
  changed.n_step = 1;
  EXPECT_THAT(refusal({}, config, changed), HasSubstr("--n-step"));
}

TEST(SourcesAfter, RefusesAgentsThatAreNotFinite) {
  const Config config = test::trainer_config();
  Config first = config;
  first.agents = 1;
  const std::vector<Divergence> last = {{1, {Quantity::critic_loss, 1}}};
  EXPECT_THAT(refusal({}, config, config, last), HasSubstr("agent 1 cannot go on"));
  EXPECT_EQ(refusal({}, config, first, last), "none");
  EXPECT_EQ(refusal({{.from = 0, .to = 1}}, config, config, last), "none");
  EXPECT_THAT(refusal({{.from = 1, .to = 0}}, config, first, last), HasSubstr("agent 0 cannot"));
}

std::vector<std::string> policies_of(const Trainer& trainer) {
  std::vector<std::string> policies;
  for (int agent = 0; agent < trainer.config().agents; ++agent) {
    policies.push_back(policy_format::serialise(trainer.policy(agent)));
  }
  return policies;
}

/// Three agents of which the last takes the first one's place after 200 steps, with another tau.
class ChangingTraining {
 public:
  static Config config() {
    Config config = test::trainer_config();
    config.agents = 3;
    return config;
  }
  static void change(Trainer& trainer) {
    Config changed = trainer.config();
    changed.agents = 2;
    changed.seed = std::vector<std::uint64_t>{77, 2};
    changed.tau = std::vector<float>{0.5f, 0.02f};
    const std::array copies = {AgentCopy{.from = 2, .to = 0}};
    trainer.change_population(copies, changed);
  }
};

TEST(TrainerUntil, ReturnsAfterTheStepsAndGoesOn) {
  Trainer whole(test::trainer_config()), parts(test::trainer_config());
  EXPECT_EQ(parts.run({.until_steps = 199}), StopReason::finished);
  EXPECT_EQ(parts.environment_steps(), 200);  // whole iterations of four steps
  EXPECT_EQ(parts.run({.until_steps = 100}), StopReason::finished);
  EXPECT_EQ(parts.environment_steps(), 200);
  parts.run({.until_steps = 1000});
  whole.run({});
  EXPECT_EQ(parts.environment_steps(), 600);
  EXPECT_EQ(policies_of(parts), policies_of(whole));
}

TEST(PopulationChange, AgentsKeepTheirSeedsAndValuesInOtherPlaces) {
  Config population;
  population.agents = 4;
  population.seed = std::uint64_t{40};
  population.tau = std::vector{0.1f, 0.2f, 0.3f, 0.4f};
  const Config config = with_agents(population, std::array{3, 1});
  EXPECT_EQ(config.agents, 2);
  EXPECT_THAT(config.seed.values, ElementsAre(43, 41));
  EXPECT_THAT(config.tau.values, ElementsAre(0.4f, 0.2f));
}

TEST(TrainerChange, IsTheSameBetweenRunsAndOnTheWay) {
  Trainer between(ChangingTraining::config()), on_the_way(ChangingTraining::config());
  between.run({.until_steps = 200});
  ChangingTraining::change(between);
  between.run({});
  std::vector<std::int64_t> steps;
  std::vector<std::size_t> agents;
  TrainerOptions options;
  options.report_steps = 100;
  options.change_steps = {200};
  options.on_change = [&](std::int64_t step) {
    steps.push_back(step);
    EXPECT_EQ(on_the_way.environment_steps(), 200);
    ChangingTraining::change(on_the_way);
  };
  options.on_report = [&](const Report& report) { agents.push_back(report.agents.size()); };
  EXPECT_EQ(on_the_way.run(options), StopReason::finished);
  EXPECT_THAT(steps, ElementsAre(200));
  EXPECT_THAT(agents, ElementsAre(3, 3, 2, 2, 2, 2));
  EXPECT_EQ(policies_of(on_the_way), policies_of(between));
  EXPECT_EQ(on_the_way.policy(0).training.at("seed"), "77");
  EXPECT_EQ(on_the_way.policy(0).training.at("tau"), "0.5");
}

TEST(TrainerChange, IsInTheCheckpointsAfterIt) {
  const test::TemporaryDirectory directory;
  Trainer whole(ChangingTraining::config());
  whole.run({.until_steps = 200});
  ChangingTraining::change(whole);
  whole.save(directory / "checkpoint");
  whole.run({});
  Trainer resumed = Trainer::resume(directory / "checkpoint");
  EXPECT_EQ(resumed.config(), whole.config());
  resumed.run({});
  EXPECT_EQ(policies_of(resumed), policies_of(whole));
}

TEST(TrainerChange, LeavesOutWhoIsNotFinite) {
  Config config = ChangingTraining::config();
  Trainer whole(config), spoiled(config);
  TrainingState state = TrainerAccess::backend(spoiled).export_state();
  state.critic.parameters.front() = std::numeric_limits<float>::quiet_NaN();
  TrainerAccess::backend(spoiled).import_state(state);
  ASSERT_EQ(spoiled.run({}), StopReason::non_finite);
  const std::int64_t noticed = spoiled.environment_steps();
  ASSERT_LT(noticed, config.total_steps / 2);
  EXPECT_EQ(spoiled.run({.until_steps = 300, .tolerates_divergence = true}), StopReason::finished);
  EXPECT_EQ(spoiled.environment_steps(), 300);
  ASSERT_EQ(spoiled.divergences().size(), 1u);
  EXPECT_EQ(spoiled.divergence()->agent, 0);
  const std::array copies = {AgentCopy{.from = 2, .to = 0}};
  config.agents = 2;
  config.seed = std::vector<std::uint64_t>{3, 2};
  spoiled.change_population(copies, config);
  EXPECT_FALSE(spoiled.divergence());
  EXPECT_EQ(spoiled.run({}), StopReason::finished);
  whole.run({});
  EXPECT_EQ(spoiled.policy(1).layers.front().weight, whole.policy(1).layers.front().weight);
  EXPECT_EQ(spoiled.policy(0).layers.front().weight, whole.policy(2).layers.front().weight);
}

}  // namespace
}  // namespace polyak
