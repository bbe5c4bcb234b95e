// What follows from a configuration, and how values are shared out over agents.
#include "polyak/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "config/derived.hpp"
#include "config/fields.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

TEST(Derive, CountsIterationsAndUpdates) {
  Config config;
  config.environments = 7;
  config.steps_per_iteration = 3;
  config.update_to_data = 2.0 / 21.0;
  config.total_steps = 1000;
  config.warmup_steps = 100;
  config.learning_starts = 64;
  config.batch_size = 33;
  validate(config);
  const DerivedConfig derived = derive(config);
  EXPECT_EQ(derived.steps_per_iteration, 21);
  EXPECT_EQ(derived.updates_per_iteration, 2);
  EXPECT_EQ(derived.iterations, 48) << "1000 / 21 rounded up";
  EXPECT_EQ(derived.warmup_iterations, 5) << "100 / 21 rounded up";
  // 63 steps after three iterations are too few, 84 after the fourth (number 3) are enough.
  EXPECT_EQ(derived.first_update_iteration, 3);
  EXPECT_EQ(derived.time_limit, 200);
}

TEST(Derive, TheMostUpdatesOfTheMostStepsAreNotNegative) {
  Config config;
  config.environments = 1;
  config.update_to_data = 1e4;
  config.total_steps = 1'000'000'000'000'000;
  EXPECT_NO_THROW(validate(config));
  EXPECT_GT(derive(config).updates, 9'000'000'000'000'000'000);
}

TEST(Derive, StepsPerIterationAreTheFewestThatMakeWholeUpdatesUnlessGiven) {
  Config config;
  const auto expect_steps = [&](int environments, double update_to_data, int steps,
                                std::int64_t updates) {
    config.environments = environments;
    config.update_to_data = update_to_data;
    EXPECT_EQ(derive(config).vector_steps_per_iteration, steps);
    EXPECT_EQ(derive(config).updates_per_iteration, updates);
  };
  expect_steps(1, 1.0, 1, 1);
  expect_steps(1, 0.25, 4, 1);
  expect_steps(3, 0.5, 2, 3);
  expect_steps(7, 1.0 / 7.0, 1, 1);
  expect_steps(8, 0.25, 1, 2);
  expect_steps(1, 1e-3, 1000, 1);
  config.steps_per_iteration = 12;
  expect_steps(1, 0.25, 12, 3);
}

TEST(Derive, BordersAreExact) {
  Config config;
  config.environments = 10;
  config.update_to_data = 0.1;
  config.learning_starts = 200;
  config.warmup_steps = 200;
  config.total_steps = 2000;
  EXPECT_EQ(derive(config).first_update_iteration, 19) << "200 steps are there after 20 iterations";
  EXPECT_EQ(derive(config).warmup_iterations, 20);
  EXPECT_EQ(derive(config).iterations, 200);
  config.warmup_steps = 0;
  EXPECT_EQ(derive(config).warmup_iterations, 0);
  config.total_steps = 1;
  EXPECT_EQ(derive(config).iterations, 1);
}

TEST(Derive, TimeLimitIsTheEnvironmentsUnlessGiven) {
  Config config;
  config.environment = "MountainCarContinuous-v0";
  EXPECT_EQ(derive(config).time_limit, 999);
  config.time_limit = 50;
  EXPECT_EQ(derive(config).time_limit, 50);
}

TEST(Derive, ReplayHoldsItsCapacityAndNoMoreThanTheRunCanFill) {
  Config config;
  config.environments = 4;
  config.update_to_data = 0.25;
  config.replay_capacity = 10'000;
  config.total_steps = 1'000'000;
  // 2500 transitions per environment take up to 14 rows more for the ends of their episodes, and
  // one row is open.
  EXPECT_GE(derive(config).rows_per_environment, 2500 + 13 + 1);
  EXPECT_LE(derive(config).rows_per_environment, 2500 + 20);
  config.replay_capacity = 1'000'000'000;
  EXPECT_GE(derive(config).rows_per_environment, 250'000 + 1250 + 1);
  EXPECT_LE(derive(config).rows_per_environment, 250'000 + 1260);
  config.replay_capacity = 1;
  EXPECT_GE(derive(config).rows_per_environment, 3);
}

TEST(PerAgentValues, RepeatOverTheAgents) {
  Config config;
  config.agents = 5;
  config.learning_rate_actor = std::vector<float>{1e-3f, 3e-4f};
  EXPECT_EQ(config.learning_rate_actor[0], 1e-3f);
  EXPECT_EQ(config.learning_rate_actor[1], 3e-4f);
  EXPECT_EQ(config.learning_rate_actor[4], 1e-3f);
}

TEST(DueInUpdate, CountsFromTheFirstUpdate) {
  Config config;
  EXPECT_TRUE(due_in_update(config, 0).actor);
  EXPECT_TRUE(due_in_update(config, 0).targets);
  config.actor_delay = 2;
  config.target_delay = 3;
  for (std::int64_t update = 0; update < 12; ++update) {
    EXPECT_EQ(due_in_update(config, update).actor, update % 2 == 1) << update;
    EXPECT_EQ(due_in_update(config, update).targets, update % 3 == 2) << update;
  }
}

TEST(ApplyAlgorithm, Td3HasItsPublishedDefaults) {
  Config config;
  apply_algorithm(config, Algorithm::td3);
  EXPECT_EQ(config.algorithm, Algorithm::td3);
  EXPECT_TRUE(config.twin_critics);
  EXPECT_EQ(config.actor_delay, 2);
  EXPECT_EQ(config.target_delay, 2);
  EXPECT_EQ(config.target_noise, PerAgent<float>(0.2f));
  EXPECT_EQ(config.target_noise_clip, PerAgent<float>(0.5f));
  apply_algorithm(config, Algorithm::ddpg);
  EXPECT_EQ(config, Config{}) << "and DDPG's are the defaults";
}

TEST(Derive, UpdatesAreThoseOfTheWholeTraining) {
  Config config;
  config.environments = 8;
  config.update_to_data = 0.25;
  config.learning_starts = 1000;
  config.total_steps = 2000;
  EXPECT_EQ(derive(config).updates, (250 - 124) * 2);
}

TEST(AgentSeed, CountsUpFromOneOrTakesItsOwn) {
  Config config;
  config.agents = 3;
  config.seed = std::uint64_t{40};
  EXPECT_EQ(agent_seed(config, 0), 40u);
  EXPECT_EQ(agent_seed(config, 2), 42u);
  config.seed = std::vector<std::uint64_t>{3, 9, 4};
  EXPECT_EQ(agent_seed(config, 1), 9u);
  EXPECT_EQ(agent_seed(config, 2), 4u);
}

TEST(SingleAgentConfig, HasTheValuesOfThatAgent) {
  Config config;
  config.agents = 4;
  config.seed = std::uint64_t{10};
  config.discount = std::vector<float>{0.9f, 0.95f, 0.99f};
  config.noise_scale = std::vector<float>{0.1f, 0.2f};
  for (int agent = 0; agent < 4; ++agent) {
    const Config single = single_agent_config(config, agent);
    validate(single);
    EXPECT_EQ(single.agents, 1);
    EXPECT_EQ(agent_seed(single, 0), agent_seed(config, agent));
    EXPECT_EQ(single.discount[0], config.discount[agent]);
    EXPECT_EQ(single.noise_scale[0], config.noise_scale[agent]);
    EXPECT_EQ(single.batch_size, config.batch_size);
  }
}

TEST(Shares, AreEqualButForOne) {
  const auto counts = [](int agents, int shares) {
    std::vector<int> result;
    int next = 0;
    for (const AgentRange& range : equal_shares(agents, shares)) {
      EXPECT_EQ(range.first, next);
      next += range.count;
      result.push_back(range.count);
    }
    EXPECT_EQ(next, agents);
    return result;
  };
  EXPECT_THAT(counts(7, 3), testing::ElementsAre(3, 2, 2));
  EXPECT_THAT(counts(6, 3), testing::ElementsAre(2, 2, 2));
  EXPECT_THAT(counts(5, 5), testing::Each(1));
  EXPECT_THAT(counts(5, 1), testing::ElementsAre(5));
}

TEST(Shares, HaveTheValuesOfTheirAgents) {
  Config config;
  config.agents = 7;
  config.discount = std::vector<float>{0.9f, 0.95f, 0.99f};
  config.tau = std::vector<float>{0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f, 0.7f};
  for (const PerAgent<std::uint64_t>& seeds :
       {PerAgent<std::uint64_t>(std::uint64_t{10}),
        PerAgent<std::uint64_t>(std::vector<std::uint64_t>{5, 3, 9, 4, 8, 1, 2})}) {
    config.seed = seeds;
    for (const AgentRange& range : equal_shares(config.agents, 3)) {
      const Config share = share_of(config, range);
      validate(share);
      EXPECT_EQ(share.agents, range.count);
      for (int i = 0; i < range.count; ++i) {
        EXPECT_EQ(agent_seed(share, i), agent_seed(config, range.first + i));
        EXPECT_EQ(share.discount[i], config.discount[range.first + i]);
        EXPECT_EQ(share.tau[i], config.tau[range.first + i]);
        EXPECT_EQ(share.noise_scale[i], config.noise_scale[0]);
      }
    }
  }
}

TEST(EnvironmentParameters, AreDefaultsUnlessGiven) {
  Config config;
  EXPECT_EQ(environment_parameter_values(config), std::vector<float>{10.0f});
  config.environment_parameters = {"gravity=9.81"};
  EXPECT_EQ(environment_parameter_values(config), std::vector<float>{9.81f});
  config.environment_parameters = {"gravity=9.81", "gravity=1.5"};
  EXPECT_THROW(environment_parameter_values(config), UsageError);
}

TEST(ExplorationPlan, IsTheAgentsOwn) {
  Config config;
  config.agents = 2;
  config.environments = 8;
  config.total_steps = 1000;
  config.noise_scale = std::vector<float>{0.1f, 0.3f};
  config.noise_scale_final = std::vector<float>{-1.0f, 0.05f};
  const ExplorationPlan constant = exploration_plan(config, 0),
                        decaying = exploration_plan(config, 1);
  EXPECT_EQ(constant.first.scale, 0.1f);
  EXPECT_EQ(constant.decay_steps, 0);
  EXPECT_EQ(constant.scale_per_environment, 0.0f);
  EXPECT_FALSE(constant.environment_units);
  EXPECT_FALSE(constant.keeps_noise);
  EXPECT_EQ(decaying.first.scale, 0.3f);
  EXPECT_EQ(decaying.final_scale, 0.05f);
  EXPECT_EQ(decaying.decay_steps, 125) << "the whole training, in vector steps";
  config.noise_decay_steps = std::int64_t{401};
  EXPECT_EQ(exploration_plan(config, 1).decay_steps, 51) << "401 / 8 rounded up";
}

TEST(ExplorationPlan, LadderIsEvenlySpaced) {
  Config config;
  config.environments = 4;
  config.noise_ladder = {0.05f, 0.8f};
  const ExplorationPlan plan = exploration_plan(config, 0);
  EXPECT_EQ(plan.first.scale, 0.05f);
  EXPECT_FLOAT_EQ(plan.scale_per_environment, 0.25f);
}

TEST(ConfigFields, HaveUniqueNamesAndHelp) {
  const Config config;
  std::set<std::string> names;
  std::size_t count = 0;
  visit_fields(config, [&](const FieldInfo& info, const auto&) {
    names.insert(std::string(info.name));
    ++count;
    EXPECT_FALSE(info.help.empty()) << info.name;
    EXPECT_FALSE(info.group.empty()) << info.name;
    EXPECT_LE(info.lowest, info.highest) << info.name;
  });
  EXPECT_EQ(names.size(), count);
  EXPECT_GE(count, 30u);
}

template <class Enum>
void expect_round_trip(std::initializer_list<Enum> values) {
  for (const Enum value : values) EXPECT_EQ(parse_enum<Enum>(to_string(value)), value);
  EXPECT_THROW(parse_enum<Enum>("nonsense"), UsageError);
  EXPECT_THROW(parse_enum<Enum>(""), UsageError);
}

TEST(EnumNames, ReadBackAndRefuseOthers) {
  expect_round_trip({Activation::relu, Activation::tanh, Activation::elu});
  expect_round_trip({Exploration::gaussian, Exploration::ornstein_uhlenbeck});
  expect_round_trip({Algorithm::ddpg, Algorithm::td3});
  expect_round_trip({LearningRateDecay::constant, LearningRateDecay::linear});
  expect_round_trip({NoiseUnits::normalised, NoiseUnits::environment});
  expect_round_trip({Sampling::with_replacement, Sampling::without_replacement});
  expect_round_trip({DeviceKind::automatic, DeviceKind::cuda, DeviceKind::cpu});
  expect_round_trip({Engine::automatic, Engine::layered});
  expect_round_trip({MatrixProduct::automatic, MatrixProduct::own, MatrixProduct::cublas});
  expect_round_trip({Precision::fp32, Precision::tf32, Precision::tf32x3, Precision::bf16});
  EXPECT_THROW(parse_enum<Activation>("identity"), UsageError) << "no choice for hidden layers";
  EXPECT_THAT([] { parse_enum<Exploration>("ou"); },
              testing::ThrowsMessage<UsageError>(testing::AllOf(
                  testing::HasSubstr("'ou'"), testing::HasSubstr("ornstein-uhlenbeck"))));
}

TEST(DeviceWord, NamesAKindOrOneOfSeveralGpusOrAll) {
  for (const Device device : {Device(), Device(DeviceKind::cpu), Device(DeviceKind::cuda),
                              Device(DeviceKind::cuda, Device::all_gpus),
                              Device(DeviceKind::cuda, 1), Device(DeviceKind::cuda, 65535)}) {
    EXPECT_EQ(parse_device(to_string(device)), device) << to_string(device);
  }
  EXPECT_EQ(to_string(Device(DeviceKind::cuda, 12)), "cuda:12");
  EXPECT_EQ(parse_device("cuda:0"), Device(DeviceKind::cuda));
  EXPECT_EQ(to_string(Device(DeviceKind::cuda, Device::all_gpus)), "cuda:all");
  for (const std::string_view word : {"", "gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:+1", "cuda:1 ",
                                      "cuda:65536", "cpu:1", "cuda:all ", "cpu:all"}) {
    EXPECT_THROW(parse_device(word), UsageError) << word;
  }
}

TEST(DeviceWord, ADeviceIsOfAKindWhicheverItIs) {
  EXPECT_TRUE(Device(DeviceKind::cuda, 1) == DeviceKind::cuda);
  EXPECT_FALSE(Device(DeviceKind::cuda, 1) == DeviceKind::cpu);
  EXPECT_FALSE(Device(DeviceKind::cuda, 1) == Device(DeviceKind::cuda));
}

TEST(Device, OnlyAGpuHasANumber) {
  Config config;
  for (const Device device :
       {Device(DeviceKind::cuda, -2), Device(DeviceKind::cpu, 1),
        Device(DeviceKind::cpu, Device::all_gpus), Device(DeviceKind::automatic, 2)}) {
    config.device = device;
    EXPECT_THAT([&] { validate(config); },
                testing::ThrowsMessage<UsageError>(testing::HasSubstr("GPUs alone have numbers")));
  }
}

}  // namespace
}  // namespace polyak
