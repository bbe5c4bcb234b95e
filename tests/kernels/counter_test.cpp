#include "kernels/counter.hpp"

#include "kernels/kernel_test.hpp"

namespace polyak::test {
namespace {

TEST(CounterKernel, AddsBeyond32Bits) {
  const DeviceBuffer<std::int64_t> counter(std::vector<std::int64_t>{0xffffffff});
  finish(kernels::launch_advance_counter(counter.data(), 1, nullptr));
  finish(kernels::launch_advance_counter(counter.data(), 5, nullptr));
  EXPECT_EQ(counter.download()[0], std::int64_t{0x100000005});
}

}  // namespace
}  // namespace polyak::test
