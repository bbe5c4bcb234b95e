// The same bits, whoever trains beside an agent, however the work is cut, and in whatever order the
// device's threads run.
#include <gtest/gtest.h>

#include "backend/cuda/cuda_backend.hpp"
#include "backend/cuda/training_cases.hpp"
#include "config/derived.hpp"
#include "polyak/core/error.hpp"
#include "support/configs.hpp"
#include "support/emulation.hpp"

namespace polyak {
namespace {

class CudaDeterminism : public testing::TestWithParam<test::TrainingCase> {};
INSTANTIATE_TEST_SUITE_P(Cases, CudaDeterminism, testing::ValuesIn(test::engine_cases()),
                         test::case_name);

INSTANTIATE_TEST_SUITE_P(Precisions, CudaDeterminism, testing::ValuesIn(test::precision_cases()),
                         test::case_name);

TEST_P(CudaDeterminism, TheSameSeedGivesTheSameBits) {
  const Config config = GetParam().config();
  const std::int64_t iterations = test::iterations_with_learning(config, 5);
  test::expect_same_bits(test::train_on_gpu(config, iterations),
                         test::train_on_gpu(config, iterations));
}

TEST_P(CudaDeterminism, AnAgentAloneHasTheBitsItHasInThePopulation) {
  Config config = GetParam().config();
  if (config.agents == 1) config.agents = 3;
  const std::int64_t iterations = test::iterations_with_learning(config, 5);
  const TrainingState together = test::train_on_gpu(config, iterations);
  for (int agent = 0; agent < config.agents; ++agent) {
    SCOPED_TRACE("agent " + std::to_string(agent));
    test::expect_same_bits(test::agent_part(together, config.agents, agent),
                           test::train_on_gpu(single_agent_config(config, agent), iterations));
  }
}

TEST_P(CudaDeterminism, AnImportedStateContinuesWithTheSameBits) {
  const Config config = GetParam().config();
  const std::int64_t first = test::iterations_with_learning(config, 3);
  const auto original = make_cuda_backend(config);
  original->advance(first);
  const TrainingState checkpoint = original->export_state();
  original->advance(4);
  const auto resumed = make_cuda_backend(config);
  resumed->advance(first + 2);  // what it did before must not matter
  resumed->import_state(checkpoint);
  test::expect_same_bits(checkpoint, resumed->export_state());
  resumed->advance(1);
  resumed->advance(3);
  test::expect_same_bits(original->export_state(), resumed->export_state());
}

TEST(CudaDeterminismOfSlices, EvaluationsAndReportsLeaveTheTrainingAlone) {
  const Config config = test::small_population();
  const std::int64_t iterations = test::iterations_with_learning(config, 4);
  const auto observed = make_cuda_backend(config);
  const std::vector<float> starts = {3.0f, 0.5f, -1.0f, 0.0f};
  for (std::int64_t i = 0; i < iterations; ++i) {
    observed->advance(1);
    if (i % 5 == 0) {
      observed->evaluate(starts);
      observed->metrics();
    }
  }
  test::expect_same_bits(test::train_on_gpu(config, iterations), observed->export_state());
}

TEST(CudaImport, RefusesAStateOfAnotherConfiguration) {
  const Config config = test::small_config();
  Config other = config;
  other.critic_hidden = {8};
  const auto backend = make_cuda_backend(config);
  const TrainingState before = backend->export_state();
  try {
    backend->import_state(initial_state(other));
    FAIL() << "no RunError was thrown";
  } catch (const RunError& error) {
    EXPECT_NE(std::string(error.what()).find("network parameters"), std::string::npos)
        << error.what();
  }
  test::expect_same_bits(before, backend->export_state());
}

// A kernel whose result depends on the order in which its threads, blocks or graph nodes run lacks
// a barrier or an edge. A GPU chooses its own orders: there, these are repetitions.
TEST_P(CudaDeterminism, TheOrderOfThreadsDoesNotMatter) {
  const Config config = GetParam().config();
  const std::int64_t iterations = test::iterations_with_learning(config, 3);
  const test::RestoredEmulatorOptions restore_options;
  const auto train_in = [&](emulator::Order order, bool lazy) {
    if (emulator::Options* const options = test::emulator_options()) {
      options->order = order;
      options->lazy_streams = lazy;
    }
    return test::train_on_gpu(config, iterations);
  };
  const TrainingState expected = train_in(emulator::Order::forward, false);
  test::expect_same_bits(expected, train_in(emulator::Order::run_ahead, true));
  test::expect_same_bits(expected, train_in(emulator::Order::random, true));
}

}  // namespace
}  // namespace polyak
