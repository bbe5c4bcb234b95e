// What the tests of the losses share.
#pragma once

#include "kernels/kernel_test.hpp"
#include "kernels/losses.hpp"

namespace polyak::test {

/// Scratch memory for the losses of a batch.
struct LossScratchBuffer {
  LossScratchBuffer(std::size_t agent_count, int batch)
      : parts(agent_count * static_cast<std::size_t>(kernels::loss_blocks(batch))),
        arrivals(std::vector<unsigned>(agent_count, 0)) {}
  ~LossScratchBuffer() {
    for (const unsigned left : arrivals.download()) EXPECT_EQ(left, 0u);
  }
  kernels::LossScratch view() const { return {parts.data(), arrivals.data()}; }
  DeviceBuffer<LossSums> parts;
  DeviceBuffer<unsigned> arrivals;
};

}  // namespace polyak::test
