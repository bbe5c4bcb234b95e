// What the critic learns towards.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace polyak::kernels {

/// y = r + discount (1 - terminated) Q'(s', actor'(s')) for every row of every agent's batch
/// (Lillicrap et al. 2015, arXiv 1509.02971, algorithm 1). After a termination Q' has no say, not
/// even if it is infinite.
struct TdTarget {
  int agents, batch;
  const float* reward;             // r: [agents, batch]
  const std::uint8_t* terminated;  // [agents, batch]: 1 if the episode ended for good, else 0
  const float* next_value;         // Q': [agents, batch]
  const float* discount;           // [agents]
  float* target;                   // y: [agents, batch]
};
cudaError_t launch_td_target(const TdTarget& arguments, cudaStream_t stream);

}  // namespace polyak::kernels
