// A training of one agent as a kernel finds it after a while, and the constants of its launch.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "agent/agent.hpp"
#include "model/memory.hpp"

namespace polyak::model {

inline constexpr int simulated_environments = 8;

/// Of Pendulum-v1, with so many environments and a replay that holds some thousand random
/// transitions.
TrainingState simulated_state(const Config& config);

/// Lets a kernel use a network's arrays.
void announce_network(const NetworkState& network, Memory& memory);

/// Bank 0 for blocks of `threads` threads in clusters of `blocks`; the parameters of the kernel
/// must outlive it.
std::vector<std::uint8_t> constant_bank(std::span<const std::uint8_t> parameters, int threads,
                                        int blocks);

}  // namespace polyak::model
