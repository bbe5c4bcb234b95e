// How long things take on an H100 or H200, in clocks of a multiprocessor. Dependent arithmetic is
// not here: the code's own stall counts say it. What bench/gpu.sh latencies measures is of an H200,
// at 1.98 GHz (bench/results/cuda/latencies.json); the rest is published, or assumed.
#pragma once

#include <string>
#include <string_view>

namespace polyak::model {

struct Clocks {
  double shared_load = 30;          // LDS, the first word
  double generic_shared_load = 36;  // LD that finds shared memory
  double l1_load = 42;
  double l2_load = 285;  // measured: 290 with the address
  double local_load = 40;
  double shuffle = 22;
  double block_barrier = 22;     // after the last warp has arrived; measured: 29 for eight warps
  double cluster_barrier = 350;  // over a cluster's blocks; measured: 400 with its fence
  double remote_store = 300;     // until it has arrived; measured: 382 with the wait and two loads
  double remote_bytes = 32;      // to other blocks, per clock, of a multiprocessor
  double l2_bytes = 64;          // from or to the L2 cache, per clock, of a multiprocessor
  double fence = 40;             // beside what a fence waits for
  double sleep = 63;             // NANOSLEEP of 32 ns
  double l1_kibibytes = 256;     // L1 cache and shared memory together
};

/// Sets the value of "name=clocks". UsageError if there is no such name, or no number.
void set_clock(Clocks& clocks, std::string_view assignment);

/// The names and values, one a line, for --help.
std::string describe(const Clocks& clocks);

}  // namespace polyak::model
