#pragma once

// Copies of all memory that kernels can use.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "emulator/runtime/memory.hpp"

namespace polyak::emulator::ptx {

/// What all allocations held when it was made. They must still be there when it is used.
class MemorySnapshot {
 public:
  MemorySnapshot();

  /// Exchanges its contents with the memory's.
  void swap_with_memory();

  /// The first byte that the memory has otherwise, in words: which allocation, which offset, and
  /// what is there in each.
  std::optional<std::string> first_difference(const char* name_of_this,
                                              const char* name_of_memory) const;

 private:
  std::vector<Allocation> allocations_;
  std::vector<std::vector<std::byte>> contents_;
};

}  // namespace polyak::emulator::ptx
