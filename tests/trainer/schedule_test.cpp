#include "trainer/schedule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/policy_format.hpp"
#include "polyak/core/error.hpp"
#include "trainer/trainer_config.hpp"

namespace polyak {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string text =
    "environment_steps,agent,copied_from,copied,seed,tau,learning_rate_actor\n"
    "0,0,,,5,0.1,0.002\n"
    "0,1,,,6,0.2,\n"
    "200,1,0,networks,7,0.3,0.004\n"
    "300,0,1,everything,8,,0.001\n";

TEST(Schedule, IsReadAndWritten) {
  const Schedule schedule = parse_schedule(text, "lineage.csv");
  EXPECT_THAT(schedule.fields, ElementsAre("tau", "learning-rate-actor"));
  ASSERT_EQ(schedule.rows.size(), 4u);
  EXPECT_EQ(schedule.agents(), 2);
  EXPECT_EQ(schedule.rows[2].copied_from, 0);
  EXPECT_EQ(schedule.rows[2].part, AgentPart::networks);
  EXPECT_EQ(schedule.rows[2].seed, 7u);
  EXPECT_THAT(change_steps(schedule), ElementsAre(200, 300));
  EXPECT_EQ(schedule_text(schedule), text);
}

TEST(Schedule, BeginsWithItsFirstRows) {
  Config base = test::trainer_config();
  base.learning_rate_actor = 0.5f;
  const Config first = first_config(parse_schedule(text, "lineage.csv"), base);
  EXPECT_EQ(first.agents, 2);
  EXPECT_THAT(first.seed.values, ElementsAre(5, 6));
  EXPECT_THAT(first.tau.values, ElementsAre(0.1f, 0.2f));
  EXPECT_THAT(first.learning_rate_actor.values, ElementsAre(0.002f, 0.5f));
}

std::string schedule_refusal(const std::string& wrong) {
  try {
    parse_schedule(wrong, "s.csv");
    return "none";
  } catch (const UsageError& error) {
    return error.what();
  }
}

TEST(Schedule, RefusesWhatIsNone) {
  const std::string head = "environment_steps,agent,copied_from,copied,seed,tau\n";
  EXPECT_THAT(schedule_refusal(""), HasSubstr("s.csv: line 1: agent 0 has no row at 0 steps"));
  EXPECT_THAT(schedule_refusal("a,b\n"), HasSubstr("s.csv: line 1: is no schedule"));
  EXPECT_THAT(schedule_refusal("environment_steps,agent,copied_from,copied,seed,batch_size\n"),
              HasSubstr("cannot differ in 'batch-size'"));
  EXPECT_THAT(schedule_refusal(head + "0,0,,,1\n"),
              HasSubstr("line 2: has 5 values; the first line has 6"));
  EXPECT_THAT(schedule_refusal(head + "0,0,,,1,0.1\n9,0,0,,1,0.1\n"),
              HasSubstr("line 3: copied is"));
  EXPECT_THAT(schedule_refusal(head + "0,0,,,1,0.1\n9,0,,networks,1,0.1\n"),
              HasSubstr("line 3: copied"));
  EXPECT_THAT(schedule_refusal(head + "0,x,,,1,0.1\n"), HasSubstr("'x' is no whole number"));
  EXPECT_THAT(schedule_refusal(head + "0,0,,,1,0.1\n9,0,,,1,0.1\n8,0,,,1,0.1\n"),
              HasSubstr("line 4: env"));
  EXPECT_THAT(schedule_refusal(head + "0,0,,,1,0.1\n0,0,,,1,0.1\n"),
              HasSubstr("agent 0 begins twice"));
  EXPECT_THAT(schedule_refusal(head + "0,1,,,1,0.1\n"), HasSubstr("agent 0 has no row at 0"));
  EXPECT_THAT(schedule_refusal(head + "0,0,,,1,0.1\n9,1,,,1,0.1\n"),
              HasSubstr("agent 1 has no row"));
  EXPECT_THAT(schedule_refusal(head + "0,0,,,1,0.1\n9,0,2,networks,1,0.1\n"),
              HasSubstr("agent 2 has no"));
  EXPECT_THAT(schedule_refusal(head + "0,0,1,networks,1,0.1\n"), HasSubstr("at 0 steps"));
}

TEST(Schedule, IsRepeatedWithOtherSeeds) {
  const Schedule all = repeated(parse_schedule(text, "lineage.csv"), 0, 2, 100);
  EXPECT_EQ(repeated(parse_schedule(text, "lineage.csv"), 1, 1, 100).rows.front().seed,
            all.rows[1].seed)
      << "a piece of the same";
  EXPECT_EQ(all.agents(), 4);
  const std::string expected =
      "environment_steps,agent,copied_from,copied,seed,tau,learning_rate_actor\n"
      "0,0,,,100,0.1,0.002\n0,2,,,104,0.1,0.002\n"
      "0,1,,,101,0.2,\n0,3,,,105,0.2,\n"
      "200,1,0,networks,102,0.3,0.004\n200,3,2,networks,106,0.3,0.004\n"
      "300,0,1,everything,103,,0.001\n300,2,3,everything,107,,0.001\n";
  EXPECT_EQ(schedule_text(all), expected);
}

std::vector<std::string> trained(const Schedule& schedule) {
  Trainer trainer(first_config(schedule, test::trainer_config()));
  TrainerOptions options;
  options.change_steps = change_steps(schedule);
  options.on_change = [&](std::int64_t step) { apply(schedule, step, trainer); };
  trainer.run(options);
  EXPECT_EQ(trainer.environment_steps(), 600);
  std::vector<std::string> policies;
  for (int agent = 0; agent < schedule.agents(); ++agent) {
    Policy policy = trainer.policy(agent);
    policy.training = {};  // which tells of its neighbours, too
    policies.push_back(policy_format::serialise(policy));
  }
  return policies;
}

// Agent 0 became everything that agent 1 was, with agent 1's networks of agent 0.
TEST(Schedule, GivesAgentsTheirBitsWhoeverElseIsThere) {
  const std::vector<std::string> both = trained(parse_schedule(text, "lineage.csv"));
  const std::vector<std::string> beside_others = trained(
      parse_schedule("environment_steps,agent,copied_from,copied,seed,tau,learning_rate_actor\n"
                     "0,0,,,9,0.1,\n0,1,,,5,0.1,0.002\n0,2,,,6,0.2,\n"
                     "200,2,1,networks,7,0.3,0.004\n300,2,,,8,0.1,0.001\n",
                     "other.csv"));
  EXPECT_EQ(both[0], beside_others[2]);
  EXPECT_NE(both[0], both[1]);
}

}  // namespace
}  // namespace polyak
