#pragma once

#include <cstdint>

#include "emulator/error.hpp"

namespace polyak::emulator {

/// Lets the other threads run: what a loop that waits for a flag must call.
void spin_pause();

/// Called before each atomic: a point where Options::yield_at_atomics may let others run. A thread
/// that does nothing but atomics is made to yield, or a loop that waits on one would never end.
void before_atomic();

/// Orders the memory accesses of all threads that call it, in the order of their calls.
void memory_fence();

/// What a kernel calls that may be launched before the kernel in front of it has ended.
void wait_for_previous_kernel();

/// How often that has been called.
std::uint64_t waits_for_previous_kernels();

/// Ends the launch with an error. (Takes no std::string: nothing on the stack is destroyed.)
[[noreturn]] void fail_in_kernel(const char* reason, Site site);

}  // namespace polyak::emulator
