#include "backend/cpu/thread_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace polyak::cpu {
namespace {

class Pool : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Threads, Pool, testing::Values(1, 2, 3, 7));

TEST_P(Pool, RunsEveryTaskOnce) {
  ThreadPool pool(GetParam());
  EXPECT_EQ(pool.size(), GetParam());
  for (const std::size_t count : {0u, 1u, 2u, 5u, 1000u}) {
    for (int repetition = 0; repetition < 20; ++repetition) {
      std::vector<std::atomic<int>> runs(count);
      std::atomic<bool> good_thread{true};
      pool.parallel_for(static_cast<std::int64_t>(count), [&](std::int64_t index, int thread) {
        ++runs[static_cast<std::size_t>(index)];
        if (thread < 0 || thread >= GetParam()) good_thread = false;
      });
      for (const std::atomic<int>& run : runs) ASSERT_EQ(run, 1);
      ASSERT_TRUE(good_thread);
    }
  }
}

// Tasks may use scratch memory of their thread without locks.
TEST_P(Pool, NoTwoTasksShareAThreadNumberAtATime) {
  ThreadPool pool(GetParam());
  std::vector<std::int64_t> unguarded(static_cast<std::size_t>(GetParam()), 0);
  for (int repetition = 0; repetition < 200; ++repetition) {
    pool.parallel_for(
        50, [&](std::int64_t, int thread) { ++unguarded[static_cast<std::size_t>(thread)]; });
  }
  std::int64_t sum = 0;
  for (const std::int64_t value : unguarded) sum += value;
  EXPECT_EQ(sum, 200 * 50);
}

TEST_P(Pool, ThrowsWhatATaskThrewAndGoesOn) {
  ThreadPool pool(GetParam());
  for (int repetition = 0; repetition < 20; ++repetition) {
    EXPECT_THROW(pool.parallel_for(100,
                                   [](std::int64_t index, int) {
                                     if (index == 37) throw std::runtime_error("task");
                                   }),
                 std::runtime_error);
    std::atomic<int> runs{0};
    pool.parallel_for(100, [&](std::int64_t, int) { ++runs; });
    ASSERT_EQ(runs, 100);
  }
}

TEST(PoolOfAllCores, HasAtLeastTheCaller) { EXPECT_GE(ThreadPool(0).size(), 1); }

}  // namespace
}  // namespace polyak::cpu
