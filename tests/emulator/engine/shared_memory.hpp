#pragma once

#include <cstddef>

namespace polyak::emulator {

inline constexpr std::size_t kKibibyte = 1024;
/// Shared memory that a block may have without opting in to more.
inline constexpr std::size_t kDefaultSharedBytes = 48 * kKibibyte;
/// Shared memory that a block may have at most, static and dynamic together.
inline constexpr std::size_t kLargestSharedBytes = 227 * kKibibyte;

/// The present block's copy of the static shared variable that `tag` identifies.
void* static_shared_memory(const void* tag, std::size_t bytes, std::size_t alignment);

/// The present block's dynamic shared memory.
void* dynamic_shared_memory();

/// The address in block `rank` of the cluster that corresponds to `address` in the present block.
void* map_to_cluster_rank(void* address, unsigned rank);

/// The same for a variable of known type.
template <class T>
T* map_shared(T* address, unsigned rank) {
  return static_cast<T*>(map_to_cluster_rank(address, rank));
}

}  // namespace polyak::emulator

/// Declares `name` as a shared variable of type `T dims`; `dims` may be empty. A linker section
/// will not do for it: g++ ignores one on the static variables of templates, and all blocks that
/// are in flight together would share it.
#define POLYAK_SHARED(T, name, dims)                                                       \
  static const char name##_tag = 0;                                                        \
  using name##_type = T dims;                                                              \
  name##_type& name = *static_cast<name##_type*>(::polyak::emulator::static_shared_memory( \
      &name##_tag, sizeof(name##_type), alignof(name##_type) < 16 ? 16 : alignof(name##_type)))

/// Declares `name` as a pointer to the block's dynamic shared memory, aligned to 16 bytes.
#define POLYAK_DYNAMIC_SHARED(T, name) \
  T* const name = static_cast<T*>(::polyak::emulator::dynamic_shared_memory())
