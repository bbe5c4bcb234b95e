// What is refused before it is allocated, and with which numbers.
#include "backend/checks/memory_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backend/backend.hpp"
#include "backend/cpu/cpu_backend.hpp"
#include "config/derived.hpp"
#include "polyak/core/error.hpp"
#include "polyak/core/memory_size.hpp"
#include "polyak/environment/registry.hpp"
#include "support/configs.hpp"

namespace polyak {
namespace {

using testing::AllOf;
using testing::HasSubstr;

template <class Function>
std::string memory_refusal(const Function& function) {
  try {
    function();
  } catch (const RunError& error) {
    return error.what();
  }
  return "";
}

/// As large as the options allow it to be.
Config enormous() {
  Config config = test::small_config();
  config.device = DeviceKind::cpu;
  config.agents = 65535;
  config.replay_capacity = 1'000'000'000'000;
  config.total_steps = 1'000'000'000'000'000;
  config.policy = PolicyKind::lstm;
  config.recurrent_units = 256;
  config.sequence_length = 5;
  config.sequence_start = SequenceStart::stored;
  return config;
}

TEST(MemoryNeeds, DoNotWrapAround) {
  for (const MemoryNeed& need : cpu_memory_needs(enormous())) EXPECT_GT(need.bytes, 0) << need.what;
  EXPECT_EQ(cpu_memory_needs(enormous()).front().bytes, MemorySize::largest);
  EXPECT_EQ(total_bytes(cpu_memory_needs(enormous())), MemorySize::largest);
  EXPECT_THAT(memory_refusal([] { make_backend(enormous()); }),
              AllOf(HasSubstr("not enough memory: this training needs more than 2^63 bytes"),
                    HasSubstr("mostly for replay"), HasSubstr("are available; use a smaller")));
}

TEST(MemoryNeeds, OfTheReplayAreItsRows) {
  const Config config = test::small_population();
  EXPECT_EQ(cpu_memory_needs(config).front().bytes,
            std::int64_t{3} * config.environments * derive(config).rows_per_environment * 6 * 4);
}

TEST(RequireMemory, OneByteDecides) {
  const std::vector<MemoryNeed> needs = {{"this", 600}, {"that", 424}};
  const MemoryRequest request{"the test", "ask for less", " on a device"};
  EXPECT_NO_THROW(require_memory(needs, 1024, request));
  EXPECT_EQ(memory_refusal([&] { require_memory(needs, 1023, request); }),
            "not enough memory on a device: the test needs 1024 bytes (0.00 GiB), mostly for this, "
            "and 1023 bytes (0.00 GiB) are available; ask for less");
}

TEST(EvaluationNeeds, GrowWithAgentsAndStarts) {
  EXPECT_EQ(total_bytes(evaluation_needs(3, 100)), 3 * 100 * 4 + 100 * 8);
  EXPECT_EQ(total_bytes(evaluation_needs(std::int64_t{1} << 40, std::int64_t{1} << 30)),
            MemorySize::largest);
}

TEST(TrajectoryNeeds, AreTheBytesOfTheArrays) {
  const EnvironmentInfo pendulum = find_environment("Pendulum-v1");
  // States with one more than steps, actions, rewards; length and termination of each episode.
  EXPECT_EQ(total_bytes(trajectory_needs(pendulum, 3, 7)),
            4 * (3 * 8 * 2 + 3 * 7 + 3 * 7) + 3 * (4 + 1));
  EXPECT_EQ(total_bytes(trajectory_needs(pendulum, 10'000'000'000, 1'000'000'000)),
            MemorySize::largest);
}

TEST(Simulator, RefusesARolloutThatDoesNotFit) {
  const auto simulator =
      make_simulator(DeviceKind::cpu, {"Pendulum-v1", {10.0f}, 1'000'000'000, 1});
  const std::vector<float> starts(2000, 0.0f);
  EXPECT_THAT(memory_refusal([&] { simulator->rollout(Policy{}, starts); }),
              AllOf(HasSubstr("not enough memory: this rollout needs "),
                    HasSubstr("use fewer --episodes or a lower --time-limit")));
}

}  // namespace
}  // namespace polyak
