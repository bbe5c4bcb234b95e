#include <cstdlib>
#include <functional>
#include <set>
#include <vector>

#include "emulator/engine/launch.hpp"
#include "emulator/engine/sanitizers.hpp"
#include "emulator/test/kernels/kernels.cuh"
#include "emulator/test/launch_helpers.hpp"

namespace polyak::emulator_tests {
namespace {

/// Fills `depth` KiB of the stack.
__attribute__((noinline)) int descend(int depth) {
  volatile char frame[1024];
  for (volatile char& byte : frame) byte = static_cast<char>(depth);
  return depth == 0 ? frame[0] : descend(depth - 1) + frame[0];
}

void use_stack(int* out, int kibibytes) { *out = descend(kibibytes); }

void throw_exception() { throw std::runtime_error("thrown on purpose"); }

void launch_from_kernel() {
  cudaLaunchConfig_t config{};
  config.gridDim = dim3(1);
  config.blockDim = dim3(1);
  cudaLaunchKernelEx(&config, throw_exception);
}

TEST(Scheduling, CatchesLivelock) {
  const ScopedOptions restore;
  options().maximum_switches = 10'000;
  const DeviceArray<int> flag(std::vector<int>{0});
  expect_kernel_error(
      [&] {
        run({dim3(1), dim3(32)}, bug_endless_wait, flag.data());
      },
      {"livelock"});
  options().order = Order::run_ahead;
  expect_kernel_error(
      [&] {
        run({dim3(1), dim3(32)}, bug_endless_warp_operations, flag.data());
      },
      {"livelock"});
  options().maximum_switches = 50;
  expect_kernel_error(
      [&] {
        run({dim3(1), dim3(1)}, bug_endless_wait_without_pause, flag.data());
      },
      {"livelock"});
}

/// The results of one run in each order, with each of some seeds where lots are drawn.
std::set<std::vector<float>> results_in(const std::vector<Order>& orders,
                                        const DeviceArray<float>& out,
                                        const std::function<void()>& launch) {
  const ScopedOptions restore;
  std::set<std::vector<float>> results;
  for (const Order order : orders) {
    for (options().seed = 1; options().seed <= 8; ++options().seed) {
      options().order = order;
      launch();
      results.insert(out.read());
    }
  }
  return results;
}

TEST(Scheduling, OnlyAWarpThatRunsAheadShowsInTheBitsThatPaceIsReliedOn) {
  const DeviceArray<float> out(32);
  const auto launch = [&] { run({dim3(1), dim3(64)}, bug_relies_on_pace, out.data()); };
  const std::vector<float> right(32, 1.0f), wrong(32, 2.0f);
  EXPECT_EQ(results_in({Order::forward, Order::reverse, Order::random}, out, launch),
            (std::set{right}));
  EXPECT_EQ(results_in({Order::run_ahead}, out, launch), (std::set{right, wrong}));
}

// A warp that spins waits for others, which must get their turn.
TEST(Scheduling, AWarpThatRunsAheadDoesNotSpinForEver) {
  const ScopedOptions restore;
  options().order = Order::run_ahead;
  options().maximum_switches = 10'000;
  const DeviceArray<float> value(2);
  for (options().seed = 1; options().seed <= 4; ++options().seed) {
    const DeviceArray<int> flag(std::vector<int>{0});
    run(LaunchShape(dim3(2), dim3(1)).cooperative(), hand_over, flag.data(), value.data());
    EXPECT_EQ(value.read(), std::vector<float>(2, 42.0f));
  }
}

TEST(Scheduling, CatchesStackOverflow) {
  const ScopedOptions restore;
  const DeviceArray<int> out(1);
  options().stack_bytes = 256 << 10;
  run({dim3(1), dim3(1)}, use_stack, out.data(), 100);
  if (emulator::kAddressSanitizer) GTEST_SKIP() << "AddressSanitizer ends the process first";
  options().stack_bytes = 64 << 10;
  expect_kernel_error(
      [&] {
        run({dim3(1), dim3(64)}, use_stack, out.data(), 100);
      },
      {"stack overflow"});
}

TEST(Scheduling, ReportsATrap) {
  expect_kernel_error(
      [] {
        run({dim3(1), dim3(1)}, bug_traps);
      },
      {"trapped", "block (0,0,0) thread (0,0,0)", "broken_barriers.cu:"});
}

TEST(Scheduling, ReportsAnExceptionInAKernel) {
  expect_kernel_error([] { run({dim3(1), dim3(1)}, throw_exception); }, {"thrown on purpose"});
}

TEST(Scheduling, ReportsALaunchWithinAKernel) {
  const ScopedOptions restore;
  options().lazy_streams = false;
  expect_kernel_error(
      [] {
        run({dim3(1), dim3(1)}, launch_from_kernel);
      },
      {"launched while another one runs"});
}

TEST(Scheduling, GoesOnAfterAnError) {
  const DeviceArray<float> out(40);
  expect_kernel_error(
      [&] {
        run({dim3(1), dim3(32)}, bug_divergent_barrier, out.data());
      },
      {"barrier divergence"});
  run({dim3(2), dim3(20)}, count_up, out.data(), 40, 0.5f);
  EXPECT_EQ(out.read()[39], 39.5f);
}

TEST(Scheduling, RefusesDeviceFunctionsOnTheHost) {
  EXPECT_THROW(__syncthreads(), emulator::Error);
  EXPECT_THROW(emulator::dynamic_shared_memory(), emulator::Error);
}

TEST(Scheduling, CountsSwitches) {
  const DeviceArray<float> out(40);
  const auto before = emulator::switch_count();
  run({dim3(2), dim3(20)}, count_up, out.data(), 40, 0.0f);
  EXPECT_EQ(emulator::switch_count() - before, 40u);
}

TEST(Scheduling, NumbersBlocksAndThreadsInThreeDimensions) {
  for (unsigned cluster : {1u, 2u}) {
    const DeviceArray<unsigned> out(4 * 3 * 2 * (3 * 2 * 2) * 6);
    run(LaunchShape(dim3(4, 3, 2), dim3(3, 2, 2)).cluster(cluster), record_indices, out.data());
    std::vector<unsigned> expected;
    for (unsigned block = 0; block < 24; ++block) {
      for (unsigned thread = 0; thread < 12; ++thread) {
        expected.insert(expected.end(), {block % 4, block / 4 % 3, block / 12, thread % 3,
                                         thread / 3 % 2, thread / 6});
      }
    }
    EXPECT_EQ(out.read(), expected);
  }
}

TEST(Scheduling, AtomicsAreExactUnderForcedYields) {
  const ScopedOptions restore;
  options().yield_at_atomics = true;
  const DeviceArray<unsigned> out(std::vector<unsigned>{0, 0, ~0u, 0, 0, 0});
  EXPECT_EQ(distinct_results([&] {
              check(cudaMemset(out.data(), 0, out.bytes()));
              run({dim3(3), dim3(20)}, exercise_atomics, out.data());
              return out.read();
            }),
            1u);
  EXPECT_EQ(out.read(), (std::vector<unsigned>{1770, 59, 0, ~0u, 0, 120}));
}

TEST(Scheduling, RunsCurandAndBfloat16) {
  const DeviceArray<float> out(512);
  run({dim3(8), dim3(64)}, normal_noise, out.data(), 1234ull);
  double sum = 0.0;
  double squares = 0.0;
  for (float value : out.read()) {
    sum += value;
    squares += static_cast<double>(value) * value;
    const auto bits = std::bit_cast<unsigned>(value);
    EXPECT_EQ(bits & 0xffffu, 0u);  // a bf16 number
  }
  EXPECT_NEAR(sum / 512, 0.0, 0.15);
  EXPECT_NEAR(squares / 512, 1.0, 0.25);
}

}  // namespace
}  // namespace polyak::emulator_tests
