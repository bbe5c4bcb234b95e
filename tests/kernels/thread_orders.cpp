#include "emulator/options.hpp"
#include "kernels/kernel_test.hpp"

// Defined where the tests run on the emulator, null where they run on a GPU.
namespace polyak::emulator {
__attribute__((weak)) Options& options();
}  // namespace polyak::emulator

namespace polyak::test {
namespace {

struct ThreadOrder {
  emulator::Order order;
  std::uint64_t seed;
};
constexpr ThreadOrder thread_orders[] = {{emulator::Order::forward, 1},
                                         {emulator::Order::reverse, 1},
                                         {emulator::Order::random, 1},
                                         {emulator::Order::random, 2}};

}  // namespace

std::vector<float> same_bits_in_every_order(const std::function<std::vector<float>()>& run) {
  const std::vector<float> expected = run();
  const bool emulated = &emulator::options != nullptr;
  for (const ThreadOrder& thread_order : thread_orders) {
    if (emulated) {
      const emulator::ScopedOptions restore;
      emulator::options().order = thread_order.order;
      emulator::options().seed = thread_order.seed;
      EXPECT_TRUE(same_bits(run(), expected)) << "the order of threads changes the result";
    } else {
      EXPECT_TRUE(same_bits(run(), expected)) << "a repetition changes the result";
    }
  }
  return expected;
}

}  // namespace polyak::test
