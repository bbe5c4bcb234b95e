#pragma once

// The subset of cooperative groups that kernels may use: block, grid, cluster and tiles.

#include <bit>

#include "emulator/device/synchronization.hpp"
#include "emulator/device/warp_intrinsics.hpp"
#include "emulator/engine/shared_memory.hpp"
#include "emulator/engine/thread_context.hpp"

namespace cooperative_groups {

using polyak::emulator::SourceLocation;

namespace emulated {

inline const polyak::emulator::ThreadContext& self() {
  return *polyak::emulator::current_thread_context;
}

inline dim3 as_dim3(uint3 index) { return {index.x, index.y, index.z}; }

inline unsigned linear(uint3 index, dim3 shape) {
  return (index.z * shape.y + index.y) * shape.x + index.x;
}

}  // namespace emulated

class thread_block {
 public:
  void sync(SourceLocation where = SourceLocation::current()) const {
    polyak::emulator::barrier(polyak::emulator::Scope::block, {"thread_block::sync", where});
  }
  unsigned thread_rank() const { return emulated::self().rank_in_block; }
  unsigned num_threads() const { return polyak::emulator::volume(blockDim); }
  unsigned size() const { return num_threads(); }
  dim3 group_index() const { return emulated::as_dim3(blockIdx); }
  dim3 thread_index() const { return emulated::as_dim3(threadIdx); }
  dim3 dim_threads() const { return blockDim; }
  dim3 group_dim() const { return blockDim; }
};

inline thread_block this_thread_block() { return {}; }

class grid_group {
 public:
  /// A grid that cannot synchronise is refused at sync(), with its place.
  bool is_valid() const { return true; }
  void sync(SourceLocation where = SourceLocation::current()) const {
    polyak::emulator::barrier(polyak::emulator::Scope::grid, {"grid_group::sync", where});
  }
  unsigned long long block_rank() const { return emulated::linear(blockIdx, gridDim); }
  unsigned long long num_blocks() const { return polyak::emulator::volume(gridDim); }
  unsigned long long thread_rank() const {
    return block_rank() * polyak::emulator::volume(blockDim) + emulated::self().rank_in_block;
  }
  unsigned long long num_threads() const {
    return num_blocks() * polyak::emulator::volume(blockDim);
  }
  unsigned long long size() const { return num_threads(); }
  dim3 block_index() const { return emulated::as_dim3(blockIdx); }
  dim3 dim_blocks() const { return gridDim; }
  dim3 group_dim() const { return gridDim; }
};

inline grid_group this_grid() { return {}; }

class cluster_group {
 public:
  struct arrival_token {};

  void sync(SourceLocation where = SourceLocation::current()) const {
    polyak::emulator::barrier(polyak::emulator::Scope::cluster, {"cluster_group::sync", where});
  }
  arrival_token barrier_arrive(SourceLocation where = SourceLocation::current()) const {
    polyak::emulator::arrive_at_cluster_barrier({"cluster_group::barrier_arrive", where});
    return {};
  }
  void barrier_wait(SourceLocation where = SourceLocation::current()) const {
    polyak::emulator::wait_at_cluster_barrier({"cluster_group::barrier_wait", where});
  }
  void barrier_wait(arrival_token&&, SourceLocation where = SourceLocation::current()) const {
    barrier_wait(where);
  }
  unsigned block_rank() const { return emulated::self().rank_in_cluster; }
  unsigned num_blocks() const {
    return polyak::emulator::volume(emulated::self().cluster_dimensions);
  }
  unsigned thread_rank() const {
    return block_rank() * polyak::emulator::volume(blockDim) + emulated::self().rank_in_block;
  }
  unsigned num_threads() const { return num_blocks() * polyak::emulator::volume(blockDim); }
  unsigned size() const { return num_threads(); }
  dim3 dim_blocks() const { return emulated::self().cluster_dimensions; }

  template <class T>
  T* map_shared_rank(T* address, unsigned rank) const {
    return polyak::emulator::map_shared(address, rank);
  }
};

inline cluster_group this_cluster() { return {}; }

template <unsigned Size, class Parent = void>
class thread_block_tile {
  static_assert(std::has_single_bit(Size) && Size <= polyak::emulator::kWarpLanes,
                "a tile has a power of two of threads, within one warp");

 public:
  unsigned thread_rank() const { return emulated::self().lane & (Size - 1); }
  static constexpr unsigned num_threads() { return Size; }
  static constexpr unsigned size() { return Size; }
  unsigned meta_group_rank() const { return emulated::self().rank_in_block / Size; }
  unsigned meta_group_size() const {
    return (polyak::emulator::volume(blockDim) + Size - 1) / Size;
  }

  void sync(SourceLocation where = SourceLocation::current()) const { __syncwarp(mask(), where); }
  template <class T>
  T shfl(T value, int source, SourceLocation where = SourceLocation::current()) const {
    return __shfl_sync(mask(), value, source, kWidth, where);
  }
  template <class T>
  T shfl_xor(T value, unsigned lane_mask, SourceLocation where = SourceLocation::current()) const {
    return __shfl_xor_sync(mask(), value, static_cast<int>(lane_mask), kWidth, where);
  }
  template <class T>
  T shfl_down(T value, unsigned delta, SourceLocation where = SourceLocation::current()) const {
    return __shfl_down_sync(mask(), value, delta, kWidth, where);
  }
  template <class T>
  T shfl_up(T value, unsigned delta, SourceLocation where = SourceLocation::current()) const {
    return __shfl_up_sync(mask(), value, delta, kWidth, where);
  }
  unsigned ballot(int predicate, SourceLocation where = SourceLocation::current()) const {
    return __ballot_sync(mask(), predicate, where) >> first_lane();
  }
  int any(int predicate, SourceLocation where = SourceLocation::current()) const {
    return __any_sync(mask(), predicate, where);
  }
  int all(int predicate, SourceLocation where = SourceLocation::current()) const {
    return __all_sync(mask(), predicate, where);
  }

 private:
  static constexpr int kWidth = static_cast<int>(Size);

  unsigned first_lane() const { return emulated::self().lane & ~(Size - 1); }
  unsigned mask() const {
    constexpr unsigned kLowLanes = polyak::emulator::kFullMask >> (32 - Size);
    return kLowLanes << first_lane();
  }
};

template <unsigned Size, class Parent>
thread_block_tile<Size, Parent> tiled_partition(const Parent&) {
  return {};
}

template <class T>
struct plus {
  T operator()(T a, T b) const { return a + b; }
};
/// The smaller of two, as in CUDA.
template <class T>
struct less {
  T operator()(T a, T b) const { return b < a ? b : a; }
};
/// The greater of two, as in CUDA.
template <class T>
struct greater {
  T operator()(T a, T b) const { return a < b ? b : a; }
};

/// Combines all values of the tile by a butterfly of shuffles. A device may combine floats in
/// another order.
template <unsigned Size, class Parent, class T, class Combine>
T reduce(const thread_block_tile<Size, Parent>& tile, T value, Combine combine,
         SourceLocation where = SourceLocation::current()) {
  for (unsigned distance = Size / 2; distance > 0; distance /= 2) {
    value = combine(value, tile.shfl_xor(value, distance, where));
  }
  return value;
}

template <class Group>
void sync(const Group& group, SourceLocation where = SourceLocation::current()) {
  group.sync(where);
}

}  // namespace cooperative_groups
