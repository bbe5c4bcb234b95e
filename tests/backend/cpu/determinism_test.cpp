// The bits of an agent depend on its seed and configuration and on nothing else.
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include "backend/cpu/cpu_backend.hpp"
#include "config/derived.hpp"
#include "support/configs.hpp"
#include "support/population_changes.hpp"
#include "support/same_metrics.hpp"
#include "support/training_cases.hpp"

namespace polyak {
namespace {

constexpr std::int64_t trained_iterations = 40;

TrainingState train(const Config& config, std::int64_t count = trained_iterations) {
  const auto backend = make_cpu_backend(config);
  backend->advance(count);
  return backend->export_state();
}

/// Trainings of agents that differ.
std::vector<test::TrainingCase> populations() {
  std::vector<test::TrainingCase> cases = test::training_cases(&Engines::cpu);
  std::erase_if(cases, [](const test::TrainingCase& one) { return one.config().agents < 3; });
  return cases;
}

class Determinism : public testing::TestWithParam<test::TrainingCase> {
 protected:
  Config population() const { return GetParam().config(); }
};
INSTANTIATE_TEST_SUITE_P(Populations, Determinism, testing::ValuesIn(populations()),
                         test::case_name);

TEST_P(Determinism, SameSeedTwice) {
  test::expect_same_bits(train(population()), train(population()));
}

TEST_P(Determinism, AgentAloneHasItsBitsOfThePopulation) {
  const Config config = population();
  const TrainingState together = train(config);
  for (int agent = 0; agent < config.agents; ++agent) {
    SCOPED_TRACE("agent " + std::to_string(agent));
    test::expect_same_bits(train(single_agent_config(config, agent)),
                           test::agent_part(together, config.agents, agent));
  }
}

// With 2 threads the three agents are shared out; with 5 the pieces of each agent are.
TEST_P(Determinism, ThreadsDoNotMatter) {
  Config config = population();
  const TrainingState expected = train(config);
  for (const int threads : {2, 3, 5}) {
    SCOPED_TRACE(std::to_string(threads) + " threads");
    config.threads = threads;
    test::expect_same_bits(expected, train(config));
  }
}

TEST_P(Determinism, ReportsDependNeitherOnThreadsNorOnCompany) {
  Config config = population();
  const auto reports = [](const Config& of) {
    const auto backend = make_cpu_backend(of);
    backend->advance(trained_iterations);
    return backend->metrics();
  };
  const std::vector<AgentMetrics> expected = reports(config);
  ASSERT_GT(expected.front().updates, 0);
  config.threads = 5;
  test::expect_same_metrics(expected, reports(config));
  for (int agent = 0; agent < config.agents; ++agent) {
    test::expect_same_metrics(std::span(expected).subspan(static_cast<std::size_t>(agent), 1),
                              reports(single_agent_config(config, agent)));
  }
}

TEST_P(Determinism, SlicesOfIterationsDoNotMatter) {
  const auto backend = make_cpu_backend(population());
  for (const std::int64_t slice : {1, 0, 11, 2, 25, 1}) {
    backend->advance(slice);
    backend->metrics();
  }
  test::expect_same_bits(train(population()), backend->export_state());
}

// Before learning starts, during warm-up, and later.
TEST_P(Determinism, ImportContinuesWithTheSameBits) {
  const Config config = population();
  const TrainingState expected = train(config);
  for (const std::int64_t saved_after : {0, 1, 5, 13, 39}) {
    SCOPED_TRACE("saved after " + std::to_string(saved_after) + " iterations");
    const TrainingState saved = train(config, saved_after);
    const auto backend = make_cpu_backend(config);
    backend->advance(3);  // something else that the import must replace completely
    backend->import_state(saved);
    test::expect_same_bits(saved, backend->export_state());
    backend->advance(trained_iterations - saved_after);
    test::expect_same_bits(expected, backend->export_state());
  }
}

TEST_P(Determinism, ChangesOfAPopulationLeaveAgentsTheirBits) {
  test::expect_agents_alone_after_changes(
      {population(), 20, 20, make_cpu_backend, make_cpu_backend});
}

TEST_P(Determinism, EvaluationLeavesTheTrainingAsItWas) {
  const auto backend = make_cpu_backend(population());
  backend->advance(20);
  const std::vector<float> starts = {0.1f, 0.2f, 3.0f, -0.5f};
  backend->evaluate(starts);
  backend->advance(trained_iterations - 20);
  test::expect_same_bits(train(population()), backend->export_state());
}

TEST(Seeds, GiveDifferentTrainings) {
  Config config = test::small_config();
  const TrainingState first = train(config);
  config.seed = std::uint64_t{2};
  const TrainingState second = train(config);
  EXPECT_NE(first.actor.parameters, second.actor.parameters);
  EXPECT_NE(first.replay_rows, second.replay_rows);
}

TEST(InitialBackend, HoldsTheInitialState) {
  for (const Config& config :
       {test::small_population(), test::recurrent_population(PolicyKind::lstm)}) {
    test::expect_same_bits(initial_state(config), make_cpu_backend(config)->export_state());
  }
}

TEST(ActorParameters, AreThoseOfTheState) {
  const auto backend = make_cpu_backend(test::small_population());
  backend->advance(20);
  EXPECT_EQ(backend->actor_parameters(), backend->export_state().actor.parameters);
}

// The gaps between tensors are zero at first, and no update may write them.
TEST(Gaps, StayZero) {
  for (const Config& config :
       {test::small_population(), test::recurrent_population(PolicyKind::gru)}) {
    TrainingState state = train(config);
    const NetworkLayout layout = critic_layout(config);
    for (std::vector<float>* values : {&state.critic.parameters, &state.critic.target,
                                       &state.critic.first_moment, &state.critic.second_moment}) {
      for (std::int64_t network = 0; network < config.agents * layout.networks; ++network) {
        const auto begin = values->begin() + network * layout.network_floats;
        for (std::size_t i = 0; i < layout.linear_count(); ++i) {
          const LinearLayout& layer = layout.linear(i);
          std::fill_n(begin + layer.weight_offset, std::int64_t{layer.inputs} * layer.outputs,
                      0.0f);
          std::fill_n(begin + layer.bias_offset, layer.outputs, 0.0f);
        }
      }
      EXPECT_EQ(*values, std::vector<float>(values->size(), 0.0f));
    }
  }
}

}  // namespace
}  // namespace polyak
