#pragma once

// PTX's addresses and what the emulator makes of them. Global, local and parameter addresses and
// generic ones are the host's; an address in shared memory is an offset in the block's arena. Each
// access is checked: it must be aligned to its size and lie in memory of the kind that it names.

#include <cstring>

#include "emulator/ptx/runtime/values.hpp"

namespace polyak::emulator::ptx {

/// Bytes from `begin` up to `end`.
struct AddressRange {
  u64 begin = 0;
  u64 end = 0;

  bool holds(u64 address, unsigned bytes) const {
    return address >= begin && address <= end && end - address >= bytes;
  }
};

/// Where shared variables begin in the block's arena.
u64 static_shared_offset(const void* tag, std::size_t bytes, std::size_t alignment);
u64 dynamic_shared_offset();

/// A PTX module's constants: global memory that no allocation has.
class ConstantMemory {
 public:
  ConstantMemory(const void* start, std::size_t bytes);
};

/// To be called before each launch: the kernel's parameters lie there, and allocations may have
/// changed.
void prepare_address_spaces(const std::byte* parameters, std::size_t bytes);

/// The addresses that the present thread may use. To be made after a function's shared variables
/// have been declared. Functions return the host's address; `line` is that of the access in the
/// PTX.
class AddressSpaces {
 public:
  AddressSpaces();

  u64 shared_address(u64 offset, unsigned bytes, unsigned line) const {
    const u64 address = arena_ + offset;
    const bool known = static_.holds(address, bytes) || dynamic_.holds(address, bytes);
    if (!known || offset % bytes != 0) [[unlikely]] {
      fail("an address outside shared memory, or not aligned", line);
    }
    return address;
  }
  u64 global_address(u64 address, unsigned bytes, unsigned line) const {
    if (!is_global(address, bytes) || address % bytes != 0) [[unlikely]] {
      fail("an address outside global memory, or not aligned", line);
    }
    return address;
  }
  u64 generic_address(u64 address, unsigned bytes, unsigned line) const {
    const bool known = stacks_.holds(address, bytes) || arenas_.holds(address, bytes) ||
                       parameters_.holds(address, bytes) || is_global(address, bytes);
    if (!known || address % bytes != 0) [[unlikely]] {
      fail("an address outside all memory, or not aligned", line);
    }
    return address;
  }
  u64 local_address(u64 address, unsigned bytes, unsigned line) const {
    if (!stacks_.holds(address, bytes) || address % bytes != 0) [[unlikely]] {
      fail("an address outside local memory, or not aligned", line);
    }
    return address;
  }
  /// A kernel's parameters or what a function passes to another.
  u64 param_address(u64 address, unsigned bytes, unsigned line) const {
    if (address % bytes != 0) [[unlikely]]
      fail("a parameter that is not aligned", line);
    return address;
  }

  u64 generic_address_of_shared(u64 offset, unsigned) const { return arena_ + offset; }
  u64 shared_offset(u64 generic, unsigned) const { return generic - arena_; }

 private:
  static bool is_global(u64 address, unsigned bytes);
  [[noreturn]] static void fail(const char* what, unsigned line);

  u64 arena_;
  AddressRange static_;
  AddressRange dynamic_;
  AddressRange arenas_;
  AddressRange stacks_;
  AddressRange parameters_;
};

/// The last few allocations that were used, by address.
struct GlobalMemoryCache {
  static constexpr unsigned entries = 64;
  static constexpr unsigned granularity = 256;  // cudaMalloc's alignment
  AddressRange ranges[entries];
};
extern GlobalMemoryCache global_memory_cache;

/// Looks the address up where the cache does not have it.
bool find_global_memory(u64 address, unsigned bytes);

inline bool AddressSpaces::is_global(u64 address, unsigned bytes) {
  const auto entry = address / GlobalMemoryCache::granularity % GlobalMemoryCache::entries;
  return global_memory_cache.ranges[entry].holds(address, bytes) ||
         find_global_memory(address, bytes);
}

template <class T>
T load(u64 address) {
  T value;
  std::memcpy(&value, reinterpret_cast<const void*>(address), sizeof(T));
  return value;
}

template <class T>
void store(u64 address, T value) {
  std::memcpy(reinterpret_cast<void*>(address), &value, sizeof(T));
}

}  // namespace polyak::emulator::ptx
