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
  IterationGraphsTest() : counters(3, "a test") { zero(counters, stream); }

  IterationGraphs graphs(std::int64_t launches_per_update) {
    return {stream,
            {.vector_step = [this](bool warmup) { count(warmup ? 0 : 1); },
             .update = [this] { count(2); }},
            launches_per_update};
  }

  void count(int which) {
    ++recorded;
    check(kernels::launch_advance_counter(counters.data() + which, 1, stream.get()), "launch");
  }

  /// Warm-up steps, policy steps, updates.
  std::vector<std::int64_t> counts() {
    std::vector<std::int64_t> values(3);
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
  player.play({true, 2, 0});
  EXPECT_EQ(counts(), (Counts{2, 0, 0}));
  player.play({false, 1, 3});
  EXPECT_EQ(counts(), (Counts{2, 1, 3}));
  player.play({true, 1, 1});
  EXPECT_EQ(counts(), (Counts{3, 1, 4}));
}

TEST_F(IterationGraphsTest, RecordsAnIterationOnce) {
  IterationGraphs player = graphs(35);
  for (int i = 0; i < 10; ++i) player.play({false, 2, 5});
  EXPECT_EQ(recorded, 7);
  EXPECT_EQ(counts(), (Counts{0, 20, 50}));
}

TEST_F(IterationGraphsTest, PlaysLongIterationsFromBoundedGraphs) {
  IterationGraphs player = graphs(1000);
  for (int i = 0; i < 3; ++i) player.play({true, 1001, 777});
  EXPECT_EQ(counts(), (Counts{3003, 0, 2331}));
  EXPECT_LT(recorded, 200) << "long iterations must be cut into graphs that repeat";
}

TEST_F(IterationGraphsTest, PlaysNothingAsNothing) {
  IterationGraphs player = graphs(35);
  player.play({false, 0, 0});
  player.play({false, 0, 70});
  EXPECT_EQ(counts(), (Counts{0, 0, 70}));
}

}  // namespace
}  // namespace polyak::cuda
