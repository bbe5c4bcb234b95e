// The same bits, whoever trains beside an agent, however the work is cut, and in whatever order the
// device's threads run.
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

#include "backend/cpu/cpu_backend.hpp"
#include "backend/cuda/cuda_backend.hpp"
#include "backend/cuda/training_cases.hpp"
#include "config/derived.hpp"
#include "polyak/core/error.hpp"
#include "support/configs.hpp"
#include "support/emulation.hpp"
#include "support/population_changes.hpp"

namespace polyak {
namespace {

class CudaDeterminism : public testing::TestWithParam<test::TrainingCase> {};
INSTANTIATE_TEST_SUITE_P(Cases, CudaDeterminism, testing::ValuesIn(test::engine_cases()),
                         test::case_name);

INSTANTIATE_TEST_SUITE_P(Precisions, CudaDeterminism, testing::ValuesIn(test::precision_cases()),
                         test::case_name);

constexpr std::int64_t iterations_before_the_cut = 1, iterations_after_it = 2;

/// Whoever says what the bits are: the CPU, whose they are in fp32, for this it is many times
/// faster than the emulator; else the GPU in the emulator's usual order.
std::unique_ptr<Backend> make_reference(const Config& config) {
  const bool has_the_cpus_bits =
      config.precision == Precision::fp32 && config.matrix_product != MatrixProduct::cublas;
  return has_the_cpus_bits ? make_cpu_backend(config) : make_cuda_backend(config);
}

/// Of memory that nobody has written, one of the emulator's fillings that is not the usual one.
constexpr std::uint16_t other_poison = 0x7FF8;

void set_emulator(emulator::Order order, bool lazy_streams, std::uint16_t poison) {
  if (emulator::Options* const options = test::emulator_options()) {
    options->order = order;
    options->lazy_streams = lazy_streams;
    options->poison = poison;
  }
}

// A kernel whose result depends on the order in which its threads, blocks or graph nodes run lacks
// a barrier or an edge. A GPU chooses its own orders: there, these are repetitions.
TEST_P(CudaDeterminism, NeitherTheOrderOfThreadsNorACutChangesTheBits) {
  const Config config = GetParam().config();
  const std::int64_t first = test::iterations_with_learning(config, iterations_before_the_cut);
  const test::RestoredEmulatorOptions restore_options;
  set_emulator(emulator::Order::forward, false, test::unwritten_word());
  const auto reference = make_reference(config);
  reference->advance(first);
  const TrainingState checkpoint = reference->export_state();
  reference->advance(iterations_after_it);
  const TrainingState expected = reference->export_state();
  set_emulator(emulator::Order::random, true, other_poison);
  const auto gpu = make_cuda_backend(config);
  {
    SCOPED_TRACE("in random order");
    gpu->advance(first + iterations_after_it);
    test::expect_same_bits(expected, gpu->export_state());
  }
  SCOPED_TRACE("in the order run_ahead, from an imported state");
  set_emulator(emulator::Order::run_ahead, true, test::unwritten_word());
  gpu->import_state(checkpoint);
  test::expect_same_bits(checkpoint, gpu->export_state());
  for (std::int64_t i = 0; i < iterations_after_it; ++i) gpu->advance(1);
  test::expect_same_bits(expected, gpu->export_state());
}

TEST_P(CudaDeterminism, AnAgentAloneHasTheBitsItHasInThePopulation) {
  Config config = GetParam().config();
  if (config.agents == 1) config.agents = 2;
  const std::int64_t iterations = test::iterations_with_learning(config, 2);
  const auto together = make_reference(config);
  together->advance(iterations);
  const int last = config.agents - 1;
  test::expect_same_bits(test::agent_part(together->export_state(), config.agents, last),
                         test::train_on_gpu(single_agent_config(config, last), iterations));
}

// Every kind of array that an agent has: normalised observations and noise, running statistics,
// recurrent states, and the fused engine's.
std::vector<test::TrainingCase> changing_populations() {
  const std::set<std::string> names = {"LayeredMixedDataPopulation", "LayeredBatchNormPopulation",
                                       "LayeredRecurrentPopulationgru",
                                       "FusedSevenEnvironmentsThreeAgents"};
  std::vector<test::TrainingCase> cases = test::engine_cases();
  std::erase_if(cases, [&](const test::TrainingCase& one) { return !names.contains(one.name); });
  return cases;
}

class CudaPopulation : public testing::TestWithParam<test::TrainingCase> {};
INSTANTIATE_TEST_SUITE_P(Cases, CudaPopulation, testing::ValuesIn(changing_populations()),
                         test::case_name);

TEST_P(CudaPopulation, ChangesLeaveAgentsTheirBits) {
  const Config config = GetParam().config();
  test::expect_agents_alone_after_changes(
      {config, test::iterations_with_learning(config, 3), 3, make_cuda_backend, make_reference});
}

class CudaDeterminismOfSlices : public testing::TestWithParam<Engine> {};
INSTANTIATE_TEST_SUITE_P(Engines, CudaDeterminismOfSlices,
                         testing::Values(Engine::layered, Engine::fused),
                         testing::PrintToStringParamName());

TEST_P(CudaDeterminismOfSlices, EvaluationsAndReportsLeaveTheTrainingAlone) {
  Config config = test::small_population();
  config.engine = GetParam();
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

}  // namespace
}  // namespace polyak
