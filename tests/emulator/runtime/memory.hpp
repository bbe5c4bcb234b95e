#pragma once

#include <cstddef>
#include <vector>

namespace polyak::emulator {

/// What cudaMalloc has handed out and not got back, in bytes.
std::size_t device_bytes_in_use();

/// Whether the bytes lie within one allocation of device memory.
bool is_device_memory(const void* start, std::size_t bytes);

/// Memory that kernels can use: cudaMalloc's or, page-locked, the host's.
struct Allocation {
  std::byte* start = nullptr;
  std::size_t bytes = 0;
};

/// All that there are, device memory first, each kind by address.
std::vector<Allocation> allocations();

/// The one that holds these bytes, or one of no bytes.
Allocation find_allocation(const void* start, std::size_t bytes);

}  // namespace polyak::emulator
