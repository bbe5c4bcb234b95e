// Agents of a population that take over from others.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace polyak::kernels {

/// array[to, :] = array[from, :] for every pair of agents. No agent is `to` in two pairs, and none
/// is `to` in one and `from` in another, so that the pairs need not wait for each other.
struct CopyAgents {
  struct Pair {
    std::int32_t from, to;
  };
  int count;
  const Pair* pairs;     // [count]
  std::int64_t words;    // of 32 bits, of each agent
  std::uint32_t* array;  // [agents, words]
};
cudaError_t launch_copy_agents(const CopyAgents& arguments, cudaStream_t stream);

}  // namespace polyak::kernels
