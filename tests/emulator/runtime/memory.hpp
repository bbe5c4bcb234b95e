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

/// All that kernels can use, device memory first, each kind by address.
std::vector<Allocation> allocations();

/// The one of them that holds these bytes, or one of no bytes.
Allocation find_allocation(const void* start, std::size_t bytes);

/// The device memory that begins here and is of this size belongs to a library until it is freed:
/// kernels cannot use it.
void give_to_library(void* start, std::size_t bytes);

}  // namespace polyak::emulator
