// When a multiprocessor's loads and stores are done: shared memory with its banks, the L1 cache,
// the ports to the L2 cache and to the other blocks of the cluster. Everything in global memory is
// taken to be in the L2 cache.
#pragma once

#include <cstdint>
#include <deque>
#include <unordered_map>

#include "model/clocks.hpp"
#include "model/operation.hpp"

namespace polyak::model {

class MemoryTiming {
 public:
  /// `shared_bytes` of the L1 cache are the block's shared memory.
  MemoryTiming(const Clocks& clocks, int block, std::size_t shared_bytes);

  struct Times {
    double done;          // when a scoreboard of the result is released
    double acknowledged;  // of a store: when a fence need not wait for it any more
  };
  Times access(const Effect& effect, bool is_generic, double now);

  /// When it has done all it has, and from when on it takes another instruction.
  double free_from() const { return free_from_; }
  double accepts_from() const;
  /// For how many clocks it has worked.
  double busy_clocks() const { return busy_clocks_; }

 private:
  double load_global(const Effect& effect, Mask lanes, double now);
  double copy(const Effect& effect, double now);
  Times store_global(const Effect& effect, Mask lanes, double now);
  Times store_remote(const Effect& effect, Mask lanes, double now);
  double occupy(double clocks, double now);

  const Clocks& clocks_;
  const int block_;
  std::size_t l1_sectors_;  // of 32 bytes
  double busy_clocks_ = 0.0, free_from_ = 0.0, l2_free_from_ = 0.0, remote_free_from_ = 0.0;
  std::unordered_map<std::uint64_t, double> l1_;  // when a sector is there, by its number
  std::deque<std::uint64_t> l1_order_;            // the oldest first
};

/// How often shared memory must be read or written for an access: each bank gives one word a time.
int bank_passes(const Effect& effect, Mask lanes);

}  // namespace polyak::model
