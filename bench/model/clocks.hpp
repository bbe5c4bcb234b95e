// How long things take on an H100, in clocks of a multiprocessor. Dependent arithmetic is not here:
// the code's own stall counts say it. Published measurements where there are, else assumptions;
// bench/gpu.sh latencies measures on a device.
#pragma once

#include <string>
#include <string_view>

namespace polyak::model {

struct Clocks {
  double shared_load = 30;          // LDS, the first word
  double generic_shared_load = 36;  // LD that finds shared memory
  double l1_load = 42;
  double l2_load = 270;
  double local_load = 40;
  double shuffle = 22;
  double block_barrier = 22;     // after the last warp has arrived
  double cluster_barrier = 190;  // the same, over the blocks of a cluster
  double remote_store = 200;     // until a store to another block's memory has arrived
  double remote_bytes = 32;      // to other blocks, per clock, of a multiprocessor
  double l2_bytes = 64;          // from or to the L2 cache, per clock, of a multiprocessor
  double fence = 40;             // beside what a fence waits for
  double l1_kibibytes = 256;     // L1 cache and shared memory together
};

/// Sets the value of "name=clocks". UsageError if there is no such name, or no number.
void set_clock(Clocks& clocks, std::string_view assignment);

/// The names and values, one a line, for --help.
std::string describe(const Clocks& clocks);

}  // namespace polyak::model
