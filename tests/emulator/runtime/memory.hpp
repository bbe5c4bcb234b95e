#pragma once

#include <cstddef>

namespace polyak::emulator {

/// What cudaMalloc has handed out and not got back, in bytes.
std::size_t device_bytes_in_use();

/// Whether the bytes lie within one allocation of device memory.
bool is_device_memory(const void* start, std::size_t bytes);

}  // namespace polyak::emulator
