#pragma once

// What threads do together in PTX: barriers, shuffles, votes, atomic operations, asynchronous
// copies.

#include <cuda_runtime.h>

#include "emulator/device/tensor_core.hpp"
#include "emulator/engine/async_copies.hpp"
#include "emulator/engine/barriers.hpp"
#include "emulator/engine/shared_memory.hpp"
#include "emulator/engine/thread_context.hpp"
#include "emulator/engine/warp_operations.hpp"
#include "emulator/engine/yielding.hpp"
#include "emulator/ptx/runtime/address_spaces.hpp"

// The same declarations as in the toolkit's device_launch_parameters.h.
extern const uint3 threadIdx;
extern const uint3 blockIdx;
extern const dim3 blockDim;
extern const dim3 gridDim;

namespace polyak::emulator::ptx {

inline const ThreadContext& self() { return *current_thread_context; }

/// Of a barrier: nvcc may copy one into both sides of a branch that all threads take alike, so
/// where it stands in the PTX says nothing about which barriers belong together.
inline Site unknown_place() { return {"a barrier", {"the PTX", 0, 0}}; }

inline Votes block_barrier(bool predicate = false) {
  return barrier(Scope::block, unknown_place(), predicate);
}

inline void synchronize_warp(u32 mask) {
  WarpRequest request;
  request.mask = mask;
  perform_warp_operation(request, {"bar.warp.sync", {"the PTX", 0, 0}});
}

enum class Shuffle { up, down, bfly, idx };

struct Shuffled {
  u32 value = 0;
  bool in_range = false;
};

/// shfl.sync: `control` holds the last lane of a segment in its lowest 5 bits and, from bit 8 on,
/// the bits of a lane that name its segment. Who asks for a lane outside its segment gets its own
/// value.
inline Shuffled shuffle(Shuffle mode, u32 value, u32 distance, u32 control, u32 mask) {
  const u32 lane = self().lane;
  const u32 segment = control >> 8 & 31;
  const u32 last = (lane & segment) | (control & 31 & ~segment);
  const s32 by = static_cast<s32>(distance & 31);
  s32 source = 0;
  switch (mode) {
    case Shuffle::up:
      source = static_cast<s32>(lane) - by;
      break;
    case Shuffle::down:
      source = static_cast<s32>(lane) + by;
      break;
    case Shuffle::bfly:
      source = static_cast<s32>(lane) ^ by;
      break;
    case Shuffle::idx:
      source = static_cast<s32>((lane & segment) | (distance & 31 & ~segment));
      break;
  }
  const auto bound = static_cast<s32>(last);  // for up, PTX has the first lane there
  const bool in_range = mode == Shuffle::up ? source >= bound : source <= bound;
  const u32 from = in_range ? static_cast<u32>(source) : lane;
  return {exchange(mask, value, from, {"shfl.sync", {"the PTX", 0, 0}}), in_range};
}

/// One bit from every lane of the mask.
inline u32 ballot(u32 mask, bool predicate) {
  const std::uint64_t input = predicate ? 1 : 0;
  std::uint64_t output = 0;
  perform_warp_operation({WarpOperation::vote, mask, 0, 1, &input, &output},
                         {"vote.sync", {"the PTX", 0, 0}});
  return static_cast<u32>(output);
}

/// mapa. nvcc also maps addresses that nobody will use, from beyond the end of the block's memory:
/// only an access is checked.
inline u64 map_to_rank(const AddressSpaces& memory, u64 address, u32 rank) {
  const u64 start = memory.generic_address_of_shared(0, 0);
  return reinterpret_cast<u64>(map_to_cluster_rank(reinterpret_cast<void*>(start), rank)) +
         (address - start);
}

/// An address in the shared memory of the cluster: the block's number above the offset in its
/// arena.
inline constexpr unsigned cluster_rank_shift = 24;
inline u32 cluster_shared_address(u32 offset, u32 rank) {
  return (rank + 1) << cluster_rank_shift | offset;
}
inline u64 cluster_address(const AddressSpaces& memory, u32 address, unsigned bytes,
                           unsigned line) {
  const u32 offset = address & ((1u << cluster_rank_shift) - 1);
  return map_to_rank(memory, memory.shared_address(offset, bytes, line),
                     (address >> cluster_rank_shift) - 1);
}

[[noreturn]] inline void trap(unsigned line) {
  fail_in_kernel("the kernel trapped", {"trap", {"the PTX", line, 0}});
}

/// cp.async: copies `read` of `bytes` bytes, all or none, and zeros instead of the rest.
inline void begin_async_copy(const AddressSpaces& memory, u64 shared, u64 global, unsigned bytes,
                             s32 read, unsigned line) {
  const Site site{"cp.async", {"the PTX", line, 0}};
  const bool in_range = read != 0;
  if (in_range && static_cast<unsigned>(read) != bytes) {
    fail_in_kernel("only a copy of all bytes or of none is known", site);
  }
  if (in_range) global = memory.global_address(global, bytes, line);
  emulator::begin_async_copy(
      {reinterpret_cast<void*>(shared), reinterpret_cast<const void*>(global), bytes, in_range},
      site);
}

inline void wait_for_async_copies(unsigned groups_left) {
  AsyncCopy copy;
  while (next_due_async_copy(groups_left, &copy)) {
    if (copy.in_range) {
      std::memcpy(copy.destination, copy.source, copy.bytes);
    } else {
      std::memset(copy.destination, 0, copy.bytes);
    }
  }
}

/// Replaces what is at `address` by `update(old)` and returns the old value: the emulator runs one
/// thread at a time.
template <class T, class Update>
T update_atomically(u64 address, Update update) {
  before_atomic();
  const T old = load<T>(address);
  store(address, static_cast<T>(update(old)));
  return old;
}

template <class T>
T atomic_add(u64 address, T value) {
  return update_atomically<T>(address, [value](T old) { return old + value; });
}
template <class T>
T atomic_inc(u64 address, T limit) {
  return update_atomically<T>(address, [limit](T old) { return old >= limit ? T{0} : old + 1; });
}
template <class T>
T atomic_min(u64 address, T value) {
  return update_atomically<T>(address, [value](T old) { return value < old ? value : old; });
}
template <class T>
T atomic_max(u64 address, T value) {
  return update_atomically<T>(address, [value](T old) { return old < value ? value : old; });
}
template <class T>
T atomic_and(u64 address, T value) {
  return update_atomically<T>(address, [value](T old) { return old & value; });
}
template <class T>
T atomic_or(u64 address, T value) {
  return update_atomically<T>(address, [value](T old) { return old | value; });
}
template <class T>
T atomic_exch(u64 address, T value) {
  return update_atomically<T>(address, [value](T) { return value; });
}
template <class T>
T atomic_cas(u64 address, T expected, T desired) {
  return update_atomically<T>(address, [=](T old) { return old == expected ? desired : old; });
}

}  // namespace polyak::emulator::ptx
