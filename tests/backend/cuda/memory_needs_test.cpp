// What a training needs is known, and refused, before anything is allocated.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "backend/cuda/cuda_backend.hpp"
#include "backend/cuda/device/cublas.hpp"
#include "backend/cuda/device_info.hpp"
#include "config/derived.hpp"
#include "polyak/core/error.hpp"
#include "support/configs.hpp"
#include "support/emulation.hpp"

namespace polyak {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::map<std::string, std::int64_t> needs_of(const Config& config) {
  std::map<std::string, std::int64_t> needs;
  for (const MemoryNeed& need : cuda_memory_needs(config)) {
    needs[std::string(need.what)] += need.bytes;
  }
  return needs;
}

std::int64_t total(const Config& config) {
  std::int64_t bytes = 0;
  for (const MemoryNeed& need : cuda_memory_needs(config)) bytes += need.bytes;
  return bytes;
}

std::string refusal(const Config& config) {
  try {
    make_cuda_backend(config);
  } catch (const RunError& error) {
    return error.what();
  }
  return "no RunError was thrown";
}

TEST(CudaMemoryNeeds, ReplayIsCountedByTheRow) {
  const Config config = test::small_population();
  const std::int64_t environments = 3 * config.environments;
  const std::int64_t row_bytes = 4 * (3 + 1 + 2);
  EXPECT_EQ(
      needs_of(config)["replay"],
      environments * derive(config).rows_per_environment * row_bytes + 8 * environments + 8 * 3);
}

TEST(CudaMemoryNeeds, NetworksAreCountedFiveTimes) {
  const Config config = test::small_population();
  EXPECT_EQ(needs_of(config)["networks, targets and optimiser"],
            5 * 4 * 3 * (actor_layout(config).stride + critic_layout(config).stride));
}

TEST(CudaMemoryNeeds, ASecondCriticIsCounted) {
  Config config = test::small_population();
  config.engine = Engine::layered;
  const std::int64_t one = needs_of(config)["networks, targets and optimiser"];
  const std::int64_t critic = critic_layout(config).stride;
  config.twin_critics = true;
  EXPECT_EQ(needs_of(config)["networks, targets and optimiser"] - one, 5 * 4 * 3 * critic);
}

TEST(CudaMemoryNeeds, RunningStatisticsAreCountedTwice) {
  Config config = test::small_population();
  config.batch_norm = true;
  const NetworkLayout actor = actor_layout(config), critic = critic_layout(config);
  EXPECT_EQ(needs_of(config)["networks, targets and optimiser"],
            4 * 3 *
                (5 * (actor.stride + critic.stride) +
                 2 * (actor.statistics_stride + critic.statistics_stride)));
}

TEST(CudaMemoryNeeds, GrowWithTheAgentsButForCublas) {
  Config config = test::small_config();
  config.matrix_product = MatrixProduct::cublas;
  const std::int64_t workspace = needs_of(config)["workspace of cuBLAS"];
  EXPECT_EQ(workspace, cuda::CublasHandle::workspace_bytes);
  const std::int64_t alone = total(config) - workspace;
  config.agents = 10;
  const std::int64_t together = total(config) - workspace;
  EXPECT_GT(together, 9 * alone);
  EXPECT_LE(together, 10 * alone);
}

TEST(CudaMemoryNeeds, OwnKernelsNeedNoCublas) {
  Config config = test::small_config();
  config.matrix_product = MatrixProduct::own;
  EXPECT_EQ(needs_of(config).count("workspace of cuBLAS"), 0u);
}

TEST(CudaMemory, ATrainingThatDoesNotFitIsRefusedWithTheBytes) {
  Config config = test::small_config();
  config.total_steps = 1'000'000'000'000'000;
  config.replay_capacity = 1'000'000'000'000;
  EXPECT_THAT(refusal(config), AllOf(HasSubstr("not enough memory on " + cuda::device_name()),
                                     HasSubstr("needs " + std::to_string(total(config)) + " bytes"),
                                     HasSubstr("mostly for replay"), HasSubstr(" are available"),
                                     HasSubstr("smaller replay-capacity")));
}

// The emulator's memory is exact to the byte; a GPU gives it away in blocks, so there are no such
// tests for it.
class CudaExactMemory : public testing::TestWithParam<emulator::Options*> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(CudaExactMemory);
std::vector<emulator::Options*> exact_devices() {
  if (test::emulator_options() == nullptr) return {};
  return {test::emulator_options()};
}
INSTANTIATE_TEST_SUITE_P(Emulator, CudaExactMemory, testing::ValuesIn(exact_devices()),
                         [](const auto&) { return "Memory"; });

TEST_P(CudaExactMemory, NeedsAreWhatIsAllocated) {
  Config own = test::small_population(), cublas = own, mixed = test::mixed_population(),
         batch_norm = test::batch_norm_population();
  own.matrix_product = MatrixProduct::own;
  cublas.matrix_product = MatrixProduct::cublas;
  for (const Config& config : {own, cublas, mixed, batch_norm}) {
    const std::int64_t before = cuda::available_memory();
    const auto backend = make_cuda_backend(config);
    EXPECT_EQ(before - cuda::available_memory(), total(config));
  }
}

TEST_P(CudaExactMemory, OneByteDecides) {
  const Config config = test::small_config();
  const test::RestoredEmulatorOptions restore_options;
  std::size_t& capacity = GetParam()->device_memory_bytes;
  const std::size_t in_use = capacity - static_cast<std::size_t>(cuda::available_memory());
  capacity = in_use + static_cast<std::size_t>(total(config));
  EXPECT_NO_THROW(make_cuda_backend(config));
  capacity -= 1;
  EXPECT_THAT(refusal(config), HasSubstr("and " + std::to_string(total(config) - 1) + " bytes"));
}

}  // namespace
}  // namespace polyak
