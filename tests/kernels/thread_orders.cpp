#include "kernels/kernel_test.hpp"
#include "support/emulation.hpp"

namespace polyak::test {

std::vector<float> same_bits_in_every_order(const std::function<std::vector<float>()>& run) {
  using emulator::Order;
  const RestoredEmulatorOptions restore;
  const std::vector<float> expected = run();
  if (POLYAK_SANITIZED)
    return expected;  // a sanitizer sees in one order what it sees in the others
  emulator::Options* const options = emulator_options();
  const Order usual = options ? options->order : Order::forward;
  for (const Order order : {Order::forward, Order::reverse, Order::random, Order::run_ahead}) {
    if (order == usual) continue;
    if (options) options->order = order;
    EXPECT_TRUE(same_bits(run(), expected))
        << (options ? "the order of threads changes the result" : "a repetition does");
  }
  return expected;
}

}  // namespace polyak::test
