// What a configuration says about recurrent policies and their sequences.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "agent/agent.hpp"
#include "config/derived.hpp"
#include "polyak/config.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(PolicyNames, ReadBackAndRefuseOthers) {
  EXPECT_EQ(to_string(PolicyKind::feed_forward), "feed-forward");
  for (const PolicyKind policy : {PolicyKind::feed_forward, PolicyKind::lstm, PolicyKind::gru}) {
    EXPECT_EQ(parse_enum<PolicyKind>(to_string(policy)), policy);
  }
  EXPECT_THAT([] { parse_enum<PolicyKind>("rnn"); },
              ThrowsMessage<UsageError>(testing::AllOf(HasSubstr("policy"), HasSubstr("'rnn'"),
                                                       HasSubstr("lstm"), HasSubstr("gru"))));
}

TEST(Policy, IsRecurrentWithACell) {
  Config config;
  EXPECT_FALSE(is_recurrent(config)) << "the default";
  config.policy = PolicyKind::lstm;
  EXPECT_TRUE(is_recurrent(config));
  config.policy = PolicyKind::gru;
  EXPECT_TRUE(is_recurrent(config));
}

TEST(SequenceSettingsOfAConfig, AreItsOwnWithTheLongestReturnAsLookahead) {
  Config config;
  config.policy = PolicyKind::lstm;
  config.agents = 3;
  config.sequence_length = 20;
  config.burn_in = 5;
  config.n_step = std::vector<int>{2, 7, 3};
  const SequenceSettings settings = sequence_settings(config);
  EXPECT_EQ(settings.length, 20);
  EXPECT_EQ(settings.burn_in, 5);
  EXPECT_FALSE(settings.whole_episodes);
  EXPECT_EQ(settings.lookahead, 7);
  EXPECT_EQ(settings.steps(), 27);
  config.sequence_lookahead = 11;
  EXPECT_EQ(sequence_settings(config).lookahead, 11);
}

// Its batches have the shape that they have in the population, and so its sums have their order.
TEST(SequenceSettingsOfAConfig, LookAsFarAheadForAnAgentAlone) {
  Config config;
  config.policy = PolicyKind::lstm;
  config.agents = 2;
  config.n_step = std::vector<int>{1, 5};
  const Config single = single_agent_config(config, 0);
  EXPECT_EQ(single.n_step, PerAgent<int>(1));
  EXPECT_EQ(sequence_settings(single).lookahead, 5);
  config.policy = PolicyKind::feed_forward;
  EXPECT_EQ(single_agent_config(config, 0).sequence_lookahead, 0);
}

TEST(StoredStates, HaveRoomInRowsAndEnvironmentsForEveryNetwork) {
  Config config;
  EXPECT_EQ(recurrent_state_floats(config), 0);
  EXPECT_EQ(row_layout(config).floats(), 3 + 1 + 2);
  config.policy = PolicyKind::lstm;
  config.recurrent_units = 5;
  EXPECT_FALSE(stores_states(config));
  EXPECT_EQ(recurrent_state_floats(config), 10) << "the actor's";
  EXPECT_EQ(row_layout(config).floats(), 3 + 1 + 2);
  config.sequence_start = SequenceStart::stored;
  EXPECT_TRUE(stores_states(config));
  EXPECT_EQ(recurrent_state_floats(config), 20) << "the critic's too";
  EXPECT_EQ(row_layout(config).state_offset(), 3 + 1 + 2);
  EXPECT_EQ(row_layout(config).floats(), 3 + 1 + 2 + 20);
  config.twin_critics = true;
  config.policy = PolicyKind::gru;
  EXPECT_EQ(recurrent_state_floats(config), 15);
  EXPECT_EQ(row_layout(config).state_floats, 15);
}

TEST(SequenceSettingsOfAConfig, HaveRoomForWholeEpisodes) {
  Config config;
  config.policy = PolicyKind::gru;
  config.sequence_length = 0;
  EXPECT_TRUE(sequence_settings(config).whole_episodes);
  EXPECT_EQ(sequence_settings(config).length, 200) << "Pendulum's time limit";
  EXPECT_EQ(sequence_settings(config).lookahead, 1);
  config.time_limit = 31;
  EXPECT_EQ(sequence_settings(config).length, 31);
}

struct RefusedSequences {
  std::string name;
  std::function<void(Config&)> make;  // of a configuration with LSTMs
  std::vector<std::string> message;
};
void PrintTo(const RefusedSequences& refused, std::ostream* stream) { *stream << refused.name; }

const RefusedSequences refusals[] = {
    {"UnitsOfAFeedForwardPolicy",
     [](Config& c) {
       c.policy = PolicyKind::feed_forward;
       c.recurrent_units = 32;
     },
     {"--recurrent-units:", "--policy lstm"}},
    {"SequencesOfAFeedForwardPolicy",
     [](Config& c) {
       c.policy = PolicyKind::feed_forward;
       c.sequence_length = 16;
     },
     {"--sequence-length:", "--policy lstm"}},
    {"BurnInOfAFeedForwardPolicy",
     [](Config& c) {
       c.policy = PolicyKind::feed_forward;
       c.burn_in = 4;
     },
     {"--burn-in:", "--policy lstm"}},
    {"StartOfAFeedForwardPolicy",
     [](Config& c) {
       c.policy = PolicyKind::feed_forward;
       c.sequence_start = SequenceStart::stored;
     },
     {"--sequence-start:", "--policy lstm"}},
    {"LookaheadOfAFeedForwardPolicy",
     [](Config& c) {
       c.policy = PolicyKind::feed_forward;
       c.sequence_lookahead = 3;
     },
     {"--sequence-lookahead:", "--policy lstm"}},
    {"StoredStatesOfWholeEpisodes",
     [](Config& c) {
       c.sequence_length = 0;
       c.sequence_start = SequenceStart::stored;
     },
     {"--sequence-start:", "whole episodes", "--sequence-length"}},
    {"ReturnsLongerThanTheLookahead",
     [](Config& c) {
       c.n_step = 4;
       c.sequence_lookahead = 3;
     },
     {"--sequence-lookahead: 3", "--n-step 4"}},
    {"LongerThanAnEpisode",
     [](Config& c) { c.sequence_length = 201; },
     {"--sequence-length: 201", "200"}},
    {"LongerThanAShortEpisode",
     [](Config& c) { c.time_limit = 31; },
     {"--sequence-length: 32", "31"}},
    {"BurnInOfWholeEpisodes",
     [](Config& c) {
       c.sequence_length = 0;
       c.burn_in = 1;
     },
     {"--burn-in:", "whole episodes", "--sequence-length"}},
    {"NothingBesidesBurnIn",
     [](Config& c) { c.burn_in = c.sequence_length; },
     {"--burn-in: 32", "sequences of 32"}},
    {"WithoutReplacement",
     [](Config& c) { c.sampling = Sampling::without_replacement; },
     {"--sampling:", "with-replacement"}},
    // 2^20 sequences of 200 + 57 steps are 2^20 rows more than 2^28.
    {"MoreRowsThanCanBeCounted",
     [](Config& c) {
       c.batch_size = 1 << 20;
       c.learning_starts = c.replay_capacity = 1 << 20;
       c.total_steps = 1 << 22;
       c.sequence_length = 200;
       c.n_step = 57;
     },
     {"--batch-size: 1048576", "257 steps", "269484032 rows", "268435456"}},
};

class RefusesSequences : public testing::TestWithParam<RefusedSequences> {};
INSTANTIATE_TEST_SUITE_P(All, RefusesSequences, testing::ValuesIn(refusals),
                         [](const auto& instance) { return instance.param.name; });

TEST_P(RefusesSequences, ByName) {
  Config config;
  config.policy = PolicyKind::lstm;
  GetParam().make(config);
  for (const std::string& part : GetParam().message) {
    EXPECT_THAT([&] { validate(config); }, ThrowsMessage<UsageError>(HasSubstr(part)));
  }
}

TEST(AcceptsSequences, AtTheEdges) {
  Config config;
  for (const PolicyKind policy : {PolicyKind::lstm, PolicyKind::gru}) {
    config.policy = policy;
    EXPECT_NO_THROW(validate(config));
    config.sequence_length = 200;
    config.burn_in = 199;
    EXPECT_NO_THROW(validate(config));
    config.sequence_length = config.burn_in = 0;
    EXPECT_NO_THROW(validate(config));
    config.sequence_length = 1;
    EXPECT_NO_THROW(validate(config));
  }
  config.batch_size = 1 << 20;
  config.learning_starts = config.replay_capacity = 1 << 20;
  config.total_steps = 1 << 22;
  config.sequence_length = 200;
  config.n_step = 56;
  EXPECT_NO_THROW(validate(config)) << "exactly 2^28 rows";
}

}  // namespace
}  // namespace polyak
