// The memories of a grid's blocks, by generic addresses.
//
// Global memory is the host's own, at its own addresses, as far as it was announced. The shared
// memory of all blocks of a cluster lies in a window: the block's rank in the cluster times 16
// MiB, then the offset in that block's memory, as hardware of sm_90 has it.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "model/instruction.hpp"
#include "model/transfers.hpp"

namespace polyak::model {

inline constexpr std::uint64_t shared_window = 0xab000000000;
inline constexpr int bits_of_rank = 24;

inline bool is_shared(std::uint64_t address) { return address >> 32 == shared_window >> 32; }
inline int rank_of(std::uint64_t address) {
  return static_cast<int>(address >> bits_of_rank & 0xff);
}
inline std::uint32_t shared_offset(std::uint64_t address) {
  return static_cast<std::uint32_t>(address & ((1u << bits_of_rank) - 1));
}

class Memory {
 public:
  /// Shared memory of so many bytes for each block, without numbers in it.
  Memory(int blocks, std::size_t shared_bytes);

  /// Lets the kernel use an array of the host.
  void announce(const void* data, std::size_t bytes);

  /// Where `bytes` at a generic address are, for a thread of the cluster whose first block has
  /// this number in the grid. ModelError if they are in no memory.
  std::uint8_t* locate(std::uint64_t address, std::size_t bytes, int first_block = 0);

  Transfers transfers;

 private:
  std::vector<std::vector<std::uint8_t>> shared_;
  std::map<std::uintptr_t, std::uintptr_t> global_;  // begin of each array by its end
};

}  // namespace polyak::model
