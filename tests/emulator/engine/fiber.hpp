#pragma once

#include <cstddef>
#include <cstdint>

#include "emulator/engine/context.hpp"

namespace polyak::emulator {

/// How many bytes at the top of a stack may stay unused.
inline constexpr std::size_t kLargestStagger = 12 << 10;

/// One flow of control on a stack of its own, with what the sanitizers know about it.
class Fiber {
 public:
  /// Prepares to run `entry` on the given stack, as `race_fiber` for ThreadSanitizer. `stagger`
  /// bytes at the top stay unused, and the guard lies as much lower: tops, and guards, that
  /// share their low address bits would fight for the same cache sets.
  void prepare(char* stack, std::size_t stack_bytes, std::size_t stagger, void* race_fiber,
               void (*entry)());

  void* race_fiber() const { return race_fiber_; }

  /// Whether the lowest bytes that the stack may use have been overwritten.
  bool stack_overflowed() const;

 private:
  friend class FiberHost;

  Context context_;
  char* stack_ = nullptr;
  char* guard_ = nullptr;
  std::size_t stack_bytes_ = 0;
  void* fake_stack_ = nullptr;
  void* race_fiber_ = nullptr;
};

/// The flow of control that resumes fibers, one at a time, and that they return to.
class FiberHost {
 public:
  /// To be called before the first resume, on the stack that will resume.
  void begin();

  /// Runs `fiber` until it suspends or finishes.
  void resume(Fiber& fiber);

  /// The first thing a new fiber does.
  void entered();

  /// Called on `fiber`: returns to the host until the next resume.
  void suspend(Fiber& fiber);

  /// Called on `fiber`: returns to the host for good.
  [[noreturn]] void finish(Fiber& fiber);

 private:
  Context context_;
  void* fake_stack_ = nullptr;
  const void* stack_bottom_ = nullptr;
  std::size_t stack_bytes_ = 0;
  void* race_fiber_ = nullptr;
};

}  // namespace polyak::emulator
