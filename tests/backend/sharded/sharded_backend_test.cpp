// A population in shares has the bits that it has in one piece, whatever is done with it.
#include "backend/sharded/sharded_backend.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "backend/cpu/cpu_backend.hpp"
#include "config/derived.hpp"
#include "polyak/core/error.hpp"
#include "support/configs.hpp"
#include "support/reference_data.hpp"
#include "support/same_metrics.hpp"
#include "support/training_cases.hpp"

namespace polyak {
namespace {

constexpr std::int64_t sharded_iterations = 40;

std::vector<ShardPlace> cpu_places(int count, int threads = 1) {
  return {static_cast<std::size_t>(count),
          ShardPlace{DeviceKind::cpu, threads, [](const Config&) {}, make_cpu_backend}};
}

std::unique_ptr<Backend> in_shares(const Config& config, int shares) {
  return make_sharded_backend(config, cpu_places(shares));
}

/// As many agents of the same kinds.
Config with_agents(Config config, int agents) {
  config.agents = agents;
  std::vector<std::uint64_t> seeds;
  for (int i = 0; i < agents; ++i) seeds.push_back(40 + 7 * static_cast<std::uint64_t>(i * i));
  config.seed = seeds;
  validate(config);
  return config;
}

/// Everything that a back end tells.
void expect_same(Backend& expected, Backend& actual) {
  test::expect_same_bits(expected.export_state(), actual.export_state());
  test::expect_same_metrics(expected.metrics(), actual.metrics());
  EXPECT_EQ(expected.actor_parameters(), actual.actor_parameters());
  EXPECT_EQ(expected.actor_statistics(), actual.actor_statistics());
  EXPECT_EQ(expected.observation_normalisers().mean, actual.observation_normalisers().mean);
  EXPECT_EQ(expected.observation_normalisers().scale, actual.observation_normalisers().scale);
}

std::vector<test::TrainingCase> sharded_populations() {
  std::vector<test::TrainingCase> cases = test::training_cases(&Engines::cpu);
  std::erase_if(cases, [](const test::TrainingCase& one) { return one.config().agents < 3; });
  return cases;
}

class ShardedTraining : public testing::TestWithParam<test::TrainingCase> {};
INSTANTIATE_TEST_SUITE_P(Populations, ShardedTraining, testing::ValuesIn(sharded_populations()),
                         test::case_name);

TEST_P(ShardedTraining, HasTheBitsOfOneInOnePiece) {
  const Config config = with_agents(GetParam().config(), 5);
  const auto whole = make_cpu_backend(config);
  whole->advance(sharded_iterations);
  const TrainingState state = whole->export_state();
  const std::vector<AgentMetrics> metrics = whole->metrics();
  for (const int shares : {2, 3, 5}) {
    SCOPED_TRACE(std::to_string(shares) + " shares");
    const auto sharded = in_shares(config, shares);
    sharded->advance(sharded_iterations);
    test::expect_same_bits(state, sharded->export_state());
    test::expect_same_metrics(metrics, sharded->metrics());
  }
}

/// Agents that differ in all that they can, with statistics of their own.
Config varied_agents(int agents) {
  Config config = with_agents(test::batch_norm_population(), agents);
  config.normalise_observations = true;
  validate(config);
  return config;
}

TEST(ShardedBackend, TellsWhatOneInOnePieceTells) {
  const Config config = varied_agents(7);
  const auto whole = make_cpu_backend(config);
  const std::vector<float> starts = test::pendulum_starts(9).states;
  whole->advance(sharded_iterations);
  for (const int shares : {1, 2, 3, 20}) {
    SCOPED_TRACE(std::to_string(shares) + " shares");
    const auto sharded = in_shares(config, shares);
    sharded->advance(sharded_iterations);
    EXPECT_EQ(whole->evaluate(starts), sharded->evaluate(starts));
    whole->metrics();
    sharded->metrics();
    expect_same(*whole, *sharded);
  }
}

TEST(ShardedBackend, GoesOnFromTheStateOfAnyOther) {
  const Config config = varied_agents(5);
  const auto whole = make_cpu_backend(config);
  whole->advance(sharded_iterations);
  const auto sharded = in_shares(config, 3), other = in_shares(config, 2);
  sharded->import_state(whole->export_state());
  whole->advance(3);
  sharded->advance(3);
  other->import_state(sharded->export_state());
  test::expect_same_bits(whole->export_state(), other->export_state());
  whole->advance(3);
  other->advance(3);
  test::expect_same_bits(whole->export_state(), other->export_state());
}

TEST(ShardedBackend, ReadsAndWritesRowsAcrossShards) {
  const Config config = varied_agents(5);
  const auto sharded = in_shares(config, 3), copy = in_shares(config, 5);
  sharded->advance(sharded_iterations);
  const TrainingState state = sharded->export_state();
  const TrainingState without = sharded->export_state_without_rows();
  EXPECT_TRUE(without.replay_rows.empty());
  const std::size_t count = state.replay_rows.size();
  // Pieces that fit no agent: some lie in one shard, some in two or more.
  for (const std::size_t piece : {count / 7 + 1, count / 2 + 3, count}) {
    for (std::size_t first = 0; first < count; first += piece) {
      std::vector<float> values(std::min(piece, count - first));
      sharded->read_rows(static_cast<std::int64_t>(first), values);
      EXPECT_TRUE(std::equal(values.begin(), values.end(),
                             state.replay_rows.begin() + static_cast<std::ptrdiff_t>(first)));
      copy->write_rows(static_cast<std::int64_t>(first), values);
    }
  }
  copy->import_state_without_rows(without);
  test::expect_same_bits(state, copy->export_state());
}

TEST(ShardedBackend, CopiesAgentsWithinSharesAndBetweenThem) {
  const Config config = varied_agents(7);
  const std::vector<AgentCopy> copies = {{0, 1},
                                         {0, 6},
                                         {4, 2, AgentPart::networks},
                                         {4, 3, AgentPart::everything},
                                         {0, 5, AgentPart::networks}};
  for (const int shares : {2, 3, 5, 7}) {
    SCOPED_TRACE(std::to_string(shares) + " shares");
    const auto whole = make_cpu_backend(config), sharded = in_shares(config, shares);
    for (Backend* const backend : {whole.get(), sharded.get()}) {
      backend->advance(sharded_iterations);
      backend->copy_agents(copies);
      backend->advance(3);
    }
    expect_same(*whole, *sharded);
  }
}

TEST(ShardedBackend, TakesAgentsOutAndPutsThemIn) {
  const Config config = varied_agents(5);
  const auto whole = make_cpu_backend(config), sharded = in_shares(config, 3);
  for (Backend* const backend : {whole.get(), sharded.get()}) {
    backend->advance(sharded_iterations);
    backend->import_agent(4, backend->export_agent(1));
    backend->import_agent(2, backend->export_agent(3));
  }
  test::expect_same_bits(whole->export_agent(3), sharded->export_agent(3));
  expect_same(*whole, *sharded);
}

TEST(ShardedBackend, ShrinksAsOneInOnePiece) {
  const Config all = varied_agents(11);
  for (const int shares : {2, 3, 8}) {
    SCOPED_TRACE(std::to_string(shares) + " shares");
    const auto whole = make_cpu_backend(all), sharded = in_shares(all, shares);
    for (Backend* const backend : {whole.get(), sharded.get()})
      backend->advance(sharded_iterations);
    for (const int agents : {11, 8, 7, 2, 1}) {
      SCOPED_TRACE(std::to_string(agents) + " agents");
      Config config = share_of(all, {0, agents});
      config.learning_rate_critic = 1e-3f / static_cast<float>(agents);
      for (Backend* const backend : {whole.get(), sharded.get()}) {
        backend->metrics();
        backend->reconfigure(config);
        backend->advance(2);
      }
      expect_same(*whole, *sharded);
    }
  }
}

TEST(ShardedBackend, SaysHowManyAreAlike) {
  const Config config = with_agents(test::small_config(), 4);
  const std::string one = in_shares(config, 1)->description();
  EXPECT_EQ(in_shares(config, 3)->description(), "3 x " + one);
  std::vector<ShardPlace> places = cpu_places(3);
  places.back().threads = 2;
  EXPECT_THAT(make_sharded_backend(config, places)->description(),
              testing::StartsWith("2 x " + one + " + cpu, 2 threads"));
}

TEST(ShardedBackend, ThrowsWhatTheFirstShareThrewAndWaitsForTheOthers) {
  const Config config = with_agents(test::small_config(), 3);
  std::vector<ShardPlace> places = cpu_places(3);
  int made = 0;
  places[0].make = [&made](const Config& share) { return ++made, make_cpu_backend(share); };
  for (const std::size_t i : {1u, 2u}) {
    places[i].make = [i](const Config&) -> std::unique_ptr<Backend> {
      throw RunError("share " + std::to_string(i));
    };
  }
  EXPECT_THAT([&] { make_sharded_backend(config, places); },
              testing::ThrowsMessage<RunError>("share 1"));
  EXPECT_EQ(made, 1);
  places[2].require_memory = [](const Config& share) {
    EXPECT_EQ(share.agents, 1);
    throw RunError("share 2 does not fit");
  };
  EXPECT_THAT([&] { make_sharded_backend(config, places); },
              testing::ThrowsMessage<RunError>("share 2 does not fit"));
  EXPECT_EQ(made, 1) << "nothing is made before all is known to fit";
}

TEST(ShardedBackend, ChecksTheMemoryOfEveryEvaluation) {
  const auto sharded = in_shares(with_agents(test::small_config(), 4), 2);
  EXPECT_NO_THROW(sharded->require_evaluation_memory(100));
  EXPECT_THROW(sharded->require_evaluation_memory(std::int64_t{1} << 60), RunError);
}

TEST(ShardedBackend, RunsPhasesInEveryShare) {
  const Config config = with_agents(test::small_config(), 3);
  const auto whole = make_cpu_backend(config), sharded = in_shares(config, 2);
  for (Backend* const backend : {whole.get(), sharded.get()}) {
    EXPECT_TRUE(backend->has_phase(Phase::sample));
    backend->run_phase(Phase::vector_step, 5);
  }
  test::expect_same_bits(whole->export_state(), sharded->export_state());
}

}  // namespace
}  // namespace polyak
