// Whatever its size, an iteration is played completely and in the right order.
#include "backend/cuda/layered/iteration_graphs.hpp"

#include <gtest/gtest.h>

#include "backend/cuda/device/check.hpp"
#include "backend/cuda/device/memory.hpp"
#include "kernels/counter.hpp"

namespace polyak::cuda {
namespace {

/// Plays iterations whose vector steps and updates count on the device.
class IterationGraphsTest : public testing::Test {
 protected:
  IterationGraphsTest() : counters(4, "a test") { zero(counters, stream); }

  IterationGraphs graphs(std::int64_t launches_per_update) {
    return {stream,
            {.vector_step = [this](bool warmup) { count(warmup ? 0 : 1); },
             .update = [this](std::int64_t number) { count(number % 3 == 0 ? 3 : 2); }},
            launches_per_update,
            3,
            Launches::overlapping};
  }

  void count(int which) {
    ++recorded;
    check(kernels::launch_advance_counter(counters.data() + which, 1, stream.get()), "launch");
  }

  /// Warm-up steps, policy steps, updates, and those updates whose number is a multiple of 3.
  std::vector<std::int64_t> counts() {
    std::vector<std::int64_t> values(4);
    download(values, counters, stream);
    stream.synchronize();
    return values;
  }

  Stream stream;
  DeviceBuffer<std::int64_t> counters;
  int recorded = 0;  // launches recorded, each of which may be replayed many times
};

using Counts = std::vector<std::int64_t>;

TEST_F(IterationGraphsTest, PlaysShortIterations) {
  IterationGraphs player = graphs(35);
  player.play({true, 2, 0}, 0);
  EXPECT_EQ(counts(), (Counts{2, 0, 0, 0}));
  player.play({false, 1, 3}, 0);
  EXPECT_EQ(counts(), (Counts{2, 1, 2, 1}));
  player.play({true, 1, 1}, 3);
  EXPECT_EQ(counts(), (Counts{3, 1, 2, 2}));
}

TEST_F(IterationGraphsTest, RecordsAnIterationOnceForEveryPlaceInThePeriod) {
  IterationGraphs player = graphs(35);
  for (int i = 0; i < 12; ++i) player.play({false, 2, 5}, 5 * i);
  EXPECT_EQ(recorded, 3 * 7);
  EXPECT_EQ(counts(), (Counts{0, 24, 40, 20}));
}

TEST_F(IterationGraphsTest, PlaysLongIterationsFromBoundedGraphs) {
  IterationGraphs player = graphs(1000);
  for (int i = 0; i < 3; ++i) player.play({true, 1001, 778}, 778 * i);
  EXPECT_EQ(counts(), (Counts{3003, 0, 1556, 778}));
  EXPECT_LT(recorded, 200) << "long iterations must be cut into graphs that repeat";
}

// Graphs of two updates each here: every piece begins with the number that its first update has.
TEST_F(IterationGraphsTest, PiecesOfACutIterationGoOnCounting) {
  IterationGraphs player = graphs(1000);
  player.play({false, 0, 5}, 0);
  EXPECT_EQ(counts(), (Counts{0, 0, 3, 2})) << "of updates 0 to 4, 0 and 3 are multiples of 3";
  player.play({false, 0, 5}, 5);
  EXPECT_EQ(counts(), (Counts{0, 0, 6, 4})) << "of updates 5 to 9, 6 and 9";
}

TEST_F(IterationGraphsTest, PlaysNothingAsNothing) {
  IterationGraphs player = graphs(35);
  player.play({false, 0, 0}, 1);
  player.play({false, 0, 70}, 0);
  EXPECT_EQ(counts(), (Counts{0, 0, 46, 24}));
}

}  // namespace
}  // namespace polyak::cuda
