#include "polyak/core/memory_size.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>

namespace polyak {
namespace {

TEST(MemorySize, CountsAsIntegersDoWhileTheyCan) {
  EXPECT_EQ((MemorySize(3) * 5 + 7).count(), 22);
  EXPECT_EQ((MemorySize(MemorySize::largest - 1) + 1).count(), MemorySize::largest);
  EXPECT_EQ((MemorySize(std::int64_t{1} << 31) * (std::int64_t{1} << 31)).count(),
            std::int64_t{1} << 62);
  EXPECT_EQ(MemorySize().count(), 0);
}

TEST(MemorySize, StaysAtTheLargestNumberAfterThat) {
  const MemorySize most = MemorySize::largest;
  EXPECT_EQ((most + 1).count(), MemorySize::largest);
  EXPECT_EQ((most * 2).count(), MemorySize::largest);
  EXPECT_EQ((MemorySize(std::int64_t{1} << 32) * (std::int64_t{1} << 31)).count(),
            MemorySize::largest);
  EXPECT_EQ((most + most).count(), MemorySize::largest);
  MemorySize sum = most;
  sum += 5;
  sum *= 3;
  EXPECT_EQ(sum.count(), MemorySize::largest);
  EXPECT_EQ(MemorySize(~std::size_t{0}).count(), MemorySize::largest);
}

TEST(MemorySize, NothingTimesTooMuchIsNothing) {
  EXPECT_EQ((MemorySize::largest * MemorySize(0)).count(), 0);
}

}  // namespace
}  // namespace polyak
