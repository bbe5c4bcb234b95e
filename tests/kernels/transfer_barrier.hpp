// Blocks of a cluster that send each other numbers and wait for their bytes, for tests.
#pragma once

#include <cuda_runtime_api.h>

#include "polyak/core/host_device.hpp"

namespace polyak::test {

inline constexpr int transferred_floats = 7;  // by one store of four, one of two, one of one

/// What block `sender` sends to block `receiver` as number i in a phase.
POLYAK_HOST_DEVICE constexpr float transferred_value(int phase, int sender, int receiver, int i) {
  return static_cast<float>(((phase * 16 + sender) * 16 + receiver) * 8 + i);
}

/// `phases` times every block sends to every block, itself included, waits for what all have sent
/// and writes it down: received [phases, receivers, senders, transferred_floats].
cudaError_t launch_transfers(int blocks, int phases, float* received);

}  // namespace polyak::test
