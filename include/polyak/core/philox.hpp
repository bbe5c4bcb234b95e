// Philox 4x32-10: a random number is a pure function of who asks (Salmon et al., "Parallel Random
// Numbers: As Easy as 1, 2, 3", SC 2011). The GPU calls cuRAND's implementation of the same
// function (kernels/random.cuh); tests hold the two against each other bit for bit.
#pragma once

#include <cstdint>

#include "polyak/core/host_device.hpp"

namespace polyak {

/// 128 random bits, or the counter from which they are made.
struct RandomBits {
  std::uint32_t x, y, z, w;
};

/// What a random number is for. Part of the counter, so that no two uses share a number.
enum class Purpose : std::uint32_t {
  parameter_initialisation = 1,
  environment_reset = 2,
  exploration_noise = 3,
  warmup_action = 4,
  replay_sample = 5,
  evaluation_reset = 6,
  target_noise = 7,
  environment_step = 8,
  evaluation_step = 9,
  search_setting = 10,
  search_scramble = 11,
  search_perturbation = 12,
  search_parent = 13,
};

/// Ten rounds of Philox 4x32 on `counter` with the 64-bit key (key_low, key_high).
POLYAK_HOST_DEVICE RandomBits philox4x32_10(RandomBits counter, std::uint32_t key_low,
                                            std::uint32_t key_high) {
  constexpr std::uint64_t multiplier_x = 0xD2511F53u;
  constexpr std::uint64_t multiplier_z = 0xCD9E8D57u;
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product_x = multiplier_x * counter.x;
    const std::uint64_t product_z = multiplier_z * counter.z;
    counter = {static_cast<std::uint32_t>(product_z >> 32) ^ counter.y ^ key_low,
               static_cast<std::uint32_t>(product_z),
               static_cast<std::uint32_t>(product_x >> 32) ^ counter.w ^ key_high,
               static_cast<std::uint32_t>(product_x)};
    key_low += 0x9E3779B9u;
    key_high += 0xBB67AE85u;
  }
  return counter;
}

/// Which draw of one agent's it is: counter = (index, step, purpose and draw).
///   index  which of many alike: an environment, a row of a batch, a parameter
///   step   when: the vector step or the update
///   draw   0, 1, ...: further blocks for the same index, step and purpose (below 2^24)
POLYAK_HOST_DEVICE RandomBits random_counter(std::uint32_t index, std::uint64_t step,
                                             Purpose purpose, std::uint32_t draw) {
  return {index, static_cast<std::uint32_t>(step), static_cast<std::uint32_t>(step >> 32),
          static_cast<std::uint32_t>(purpose) | (draw << 8)};
}

/// The random numbers of one agent on the CPU. The key is the agent's own seed and nothing else, so
/// an agent draws the same numbers whoever trains beside it.
struct PhiloxRandom {
  std::uint64_t seed;

  RandomBits operator()(std::uint32_t index, std::uint64_t step, Purpose purpose,
                        std::uint32_t draw = 0) const {
    return philox4x32_10(random_counter(index, step, purpose, draw),
                         static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32));
  }
};

}  // namespace polyak
