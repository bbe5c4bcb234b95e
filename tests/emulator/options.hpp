#pragma once

#include <cstddef>
#include <cstdint>

namespace polyak::emulator {

/// The order in which ready threads, blocks, independent graph nodes and streams run. In the first
/// three every thread runs to its next barrier or warp operation before any runs on from there. In
/// run_ahead a warp, drawn by lot, runs until nothing but other warps can let it go on.
enum class Order { forward, reverse, random, run_ahead };

/// Whether the seed decides.
constexpr bool is_drawn_by_lot(Order order) {
  return order == Order::random || order == Order::run_ahead;
}

/// Everything about the emulation that a test may want to change. The environment sets the start
/// values: POLYAK_EMULATOR_ORDER, _SEED, _LAZY, _POISON, _MEMORY, _MULTIPROCESSORS, _CAPABILITY,
/// _CLUSTER and _DEVICES.
struct Options {
  /// A kernel whose result depends on this lacks a barrier.
  Order order = Order::forward;
  /// Seeds what is drawn by lot; each launch starts from it afresh.
  std::uint64_t seed = 1;
  /// Queue the work of a stream until the host waits for it, so that a host that does not wait
  /// sees old data.
  bool lazy_streams = false;
  /// What memory holds that nobody has written, over and over: not a number in any floating-point
  /// type. Integers of 0xFFFF are -1, the neutral element of every maximum; those of 0x7FF8, not a
  /// number either, are huge.
  std::uint16_t poison = 0xFFFF;
  /// Let another thread run at some atomics and fences, chosen by the seed.
  bool yield_at_atomics = false;
  /// A thread that leaves while others wait for it at a barrier is an error.
  bool strict_exit = true;
  /// Watchdog: a launch that switches between threads more often than this is a livelock.
  std::uint64_t maximum_switches = 4'000'000'000;
  /// Stack of one CUDA thread in bytes; a multiple of 4096.
  std::size_t stack_bytes = 0;
  /// What cudaMalloc can hand out in all, in bytes.
  std::size_t device_memory_bytes = std::size_t{8} << 30;
  /// Multiprocessors of the emulated device; with the occupancy they bound a cooperative launch.
  int multiprocessors = 4;
  /// Ten times the compute capability. Below 90 there are no clusters, below 80 no tensor cores for
  /// tf32 and bf16; nothing else changes.
  int capability = 90;
  /// Blocks of the largest cluster that the device takes.
  unsigned largest_cluster = 16;
  /// Devices there are; they share the memory.
  int devices = 1;
  /// A device that refuses to be used, as one in exclusive mode does; -1 is none.
  int refused_device = -1;
};

/// What the environment asks for. Throws Error if a variable has a value that makes no sense.
Options options_from_environment();

/// The options in force, for the whole process.
Options& options();

/// Restores the options it found when it goes out of scope.
class ScopedOptions {
 public:
  ScopedOptions() : saved_(options()) {}
  ~ScopedOptions() { options() = saved_; }
  ScopedOptions(const ScopedOptions&) = delete;
  ScopedOptions& operator=(const ScopedOptions&) = delete;

 private:
  Options saved_;
};

}  // namespace polyak::emulator
