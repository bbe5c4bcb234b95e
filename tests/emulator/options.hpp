#pragma once

#include <cstddef>
#include <cstdint>

namespace polyak::emulator {

/// The order in which ready threads, blocks, independent graph nodes and streams run.
enum class Order { forward, reverse, random };

/// Everything about the emulation that a test may want to change. The environment sets the start
/// values: POLYAK_EMULATOR_ORDER, _SEED, _LAZY, _MEMORY and _MULTIPROCESSORS.
struct Options {
  /// A kernel whose result depends on this lacks a barrier.
  Order order = Order::forward;
  /// Seeds Order::random; each launch starts from it afresh.
  std::uint64_t seed = 1;
  /// Queue the work of a stream until the host waits for it, so that a host that does not wait
  /// sees old data.
  bool lazy_streams = false;
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
