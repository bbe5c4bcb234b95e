// What threads of PTX do together, and that mistakes are reported with their place: threads.ptx.

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "emulator/ptx/test/run_ptx.hpp"

namespace polyak::emulator::ptx {
namespace {

using emulator_tests::DeviceArray;
using emulator_tests::expect_kernel_error;
using emulator_tests::LaunchShape;
using Words = std::vector<std::uint32_t>;

TEST(PtxThreads, CallsPassParametersAndResults) {
  DeviceArray<std::uint32_t> out(4);
  run_ptx("calls", LaunchShape(1, 4), out.data());
  EXPECT_EQ(out.read(), (Words{4, 5, 6, 7}));
}

TEST(PtxThreads, ShufflesStayInTheirSegments) {
  DeviceArray<std::uint32_t> out(32);
  run_ptx("shuffles", LaunchShape(1, 32), out.data());
  const Words words = out.read();
  for (unsigned lane = 0; lane < 32; ++lane) {
    const unsigned place = lane % 8, first = lane - place;
    const unsigned up = place >= 1 ? lane - 1 : lane;
    const unsigned down = place + 3 < 8 ? lane + 3 : lane;
    const unsigned indexed = first + 2;  // 10 modulo 8
    const unsigned in_range = (place >= 1 ? 1u << 7 : 0) | (place + 3 < 8 ? 1u << 15 : 0);
    EXPECT_EQ(words[lane], up | down << 8 | (lane ^ 4) << 16 | indexed << 24 | in_range) << lane;
  }
}

TEST(PtxThreads, BarriersOrderSharedMemoryAndCountVotes) {
  DeviceArray<std::uint32_t> out(64);
  run_ptx("hands_over", LaunchShape(1, 64).shared(256), out.data());
  const Words words = out.read();
  for (unsigned thread = 0; thread < 64; ++thread) {
    const unsigned of_warp = thread < 32 ? 255 : 0;  // lanes 8 to 15
    EXPECT_EQ(words[thread], (thread + 2) % 64 | 40u << 8 | of_warp << 16 | 1u << 24) << thread;
  }
}

TEST(PtxThreads, ABlockReadsItsNeighboursSharedMemory) {
  DeviceArray<std::uint32_t> out(2);
  run_ptx("neighbours", LaunchShape(2, 1).cluster(2), out.data());
  EXPECT_EQ(out.read(), (Words{201, 200}));
}

TEST(PtxThreads, AsynchronousCopiesAreThereAfterTheWaitAndNotBefore) {
  DeviceArray<std::uint32_t> in(Words{1, 2, 3, 4}), out(8);
  run_ptx("copies", LaunchShape(1, 1), in.data(), out.data(), 1);
  EXPECT_EQ(out.read(), (Words{1, 2, 3, 4, 0, 0, 0, 0}));
  run_ptx("copies", LaunchShape(1, 1), in.data(), out.data(), 0);
  EXPECT_EQ(out.read(), Words(8, 0xffffffff));
}

TEST(PtxThreads, AtomicOperationsTakeEveryThread) {
  DeviceArray<std::uint32_t> out(Words{0, 0, 0, 0, 0, 50, 0});
  run_ptx("atomics", LaunchShape(1, 8), out.data());
  EXPECT_EQ(out.read(), (Words{3, 7, 7, 7, 28, 0, 9}));
}

TEST(PtxThreads, LocalMemoryAndConstantsAreRead) {
  DeviceArray<std::uint32_t> out(1);
  run_ptx("reads_local_and_constants", LaunchShape(1, 1), out.data());
  EXPECT_EQ(out.read()[0], static_cast<std::uint32_t>(-128 + 1 - 1));
}

TEST(PtxThreads, TensorCoresRoundWhatTheyMultiply) {
  DeviceArray<float> out(128);
  // 1 + 2^-11 is 1 + 2^-10 as tf32, which rounds ties away from zero, and 1 as bf16.
  run_ptx("products", LaunchShape(1, 32), out.data(), 1.0f + 0x1p-11f, 2.0f);
  for (const float value : out.read())
    EXPECT_EQ(value, 1.0f + 8 * 2.0f * (1.0f + 0x1p-10f) + 32.0f);
}

TEST(PtxThreads, MistakesAreReportedWithTheirLine) {
  DeviceArray<std::uint32_t> memory(4);
  const auto run = [&memory](std::int64_t address, int kind) {
    return [=] { run_ptx("mistakes", LaunchShape(1, 1), address, kind); };
  };
  const auto start = reinterpret_cast<std::int64_t>(memory.data());
  run_ptx("mistakes", LaunchShape(1, 1), start + 12, 0);
  run_ptx("mistakes", LaunchShape(1, 1), start + 12, 2);
  run_ptx("mistakes", LaunchShape(1, 1).shared(16), std::int64_t{(512 << 10) - 64 - 4}, 1);
  expect_kernel_error(run(start + 2, 0), {"global memory", "the PTX:"});
  expect_kernel_error(run(start + 16, 0), {"global memory", "the PTX:"});
  expect_kernel_error(run(start + 16, 2), {"all memory", "the PTX:"});
  expect_kernel_error(run(0, 1), {"shared memory", "the PTX:"});
  expect_kernel_error(run(0, 3), {"the kernel trapped", "the PTX:"});
}

}  // namespace
}  // namespace polyak::emulator::ptx
