#pragma once

// A network between the flat arrays of a training and where a block works on it, by all threads of
// the block. No barrier within.

#include "kernels/fused/agent_memory.cuh"
#include "kernels/fused/block_memory.cuh"
#include "kernels/fused/training.hpp"

namespace polyak::kernels::fused {

__device__ POLYAK_INLINE void load_network(const BlockMemory& memory, const Network& network,
                                           const Place& place, const FlatNetworks& flat,
                                           const BlockNetwork& here) {
  const std::int64_t offset = memory.agent * flat.stride;
  const int blocks = memory.plan->cluster_blocks;
  const ThreadShare agent_share = threads_of_agent(memory.block, blocks);
  const ThreadShare share = place.is_common() ? agent_share : threads_of_block();
  pack_parameters(network, flat.parameters + offset, here.parameters, share);
  pack_parameters(network, flat.target + offset, here.target, share);
  if (here.published != nullptr) {
    pack_parameters(network, flat.parameters + offset, here.published, agent_share);
  }
  pack_moments(network, flat.first_moment + offset, flat.second_moment + offset, here.moments,
               memory.block, blocks);
}

__device__ POLYAK_INLINE void store_network(const BlockMemory& memory, const Network& network,
                                            const BlockNetwork& here, const FlatNetworks& flat) {
  const std::int64_t offset = memory.agent * flat.stride;
  const int blocks = memory.plan->cluster_blocks;
  const ThreadShare share = threads_of_agent(memory.block, blocks);
  unpack_parameters(network, here.parameters, flat.parameters + offset, share);
  unpack_parameters(network, here.target, flat.target + offset, share);
  unpack_moments(network, here.moments, flat.first_moment + offset, flat.second_moment + offset,
                 memory.block, blocks);
}

}  // namespace polyak::kernels::fused
