#include "kernels/finite_check.hpp"

#include "kernels/kernel_test.hpp"

namespace polyak::test {
namespace {

std::vector<std::int32_t> find_non_finite(const std::vector<float>& values, int agents) {
  const DeviceBuffer<float> device_values(values);
  const DeviceBuffer<std::int32_t> found(
      std::vector<std::int32_t>(static_cast<std::size_t>(agents), 0));
  const auto count = static_cast<std::int64_t>(values.size()) / agents;
  finish(kernels::launch_find_non_finite({agents, count, device_values.data(), found.data()},
                                         nullptr));
  return found.download();
}

TEST(FindNonFiniteKernel, FindsOneValueAnywhereAndInNobodyElse) {
  constexpr std::size_t agents = 3;
  for (const std::size_t count : {1u, 31u, 33u, 1023u, 4096u, 4097u, 9001u}) {
    std::vector<float> values = random_values(agents * count, 1);
    // The largest and the smallest numbers are numbers.
    values.front() = std::numeric_limits<float>::max();
    values.back() = std::numeric_limits<float>::denorm_min();
    EXPECT_EQ(find_non_finite(values, agents), (std::vector<std::int32_t>{0, 0, 0})) << count;
    for (const std::size_t place : {std::size_t{0}, count / 2, count - 1}) {
      for (const float bad :
           {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
            -std::numeric_limits<float>::infinity()}) {
        std::vector<float> broken = values;
        broken[count + place] = bad;
        EXPECT_EQ(find_non_finite(broken, agents), (std::vector<std::int32_t>{0, 1, 0}))
            << bad << " at " << place << " of " << count;
      }
    }
  }
}

TEST(FindNonFiniteKernel, SeveralBlocksMayFindSome) {
  const std::vector<float> values(2 * 9000, std::numeric_limits<float>::quiet_NaN());
  EXPECT_EQ(find_non_finite(values, 2), (std::vector<std::int32_t>{1, 1}));
}

TEST(FindNonFiniteKernel, LeavesWhatWasFoundBefore) {
  const DeviceBuffer<float> values(std::vector<float>{1.0f, 2.0f});
  const DeviceBuffer<std::int32_t> found(std::vector<std::int32_t>{1, 0});
  finish(kernels::launch_find_non_finite({2, 1, values.data(), found.data()}, nullptr));
  finish(kernels::launch_find_non_finite({2, 0, nullptr, found.data()}, nullptr));
  EXPECT_EQ(found.download(), (std::vector<std::int32_t>{1, 0}));
}

}  // namespace
}  // namespace polyak::test
