#pragma once

#include <cstddef>
#include <vector>

#include "emulator/engine/mapped_region.hpp"

namespace polyak::emulator {

/// The stacks of a gang's threads and, for ThreadSanitizer, whom it takes the threads for. These
/// are dear to make, so they are kept: a launch's gangs take the next ones in turn, and begin again
/// when all have been used, so that blocks next to each other are never the same to
/// ThreadSanitizer. Each always has the same stack, or using that again would look like a race.
class Stacks {
 public:
  /// Before a launch's first gang.
  void begin_launch(std::size_t stack_bytes);

  /// For the launch's next gang, of so many threads.
  void begin_gang(unsigned threads);

  /// Makes all anew: what an abandoned gang has left on its stacks must not trouble the next.
  void renew();

  std::size_t stack_bytes() const { return stack_bytes_; }
  /// The stacks lie above a spare one, which takes the blow when the lowest overflows: the process
  /// survives to report it.
  char* stack(unsigned thread) const {
    return memory_.data() + (std::size_t{first_} + thread + 1) * stack_bytes_;
  }
  /// Of the gang's stacks, with the spare one.
  const char* begin() const { return stack(0) - stack_bytes_; }
  const char* end() const { return stack(threads_); }

  /// Null without ThreadSanitizer.
  void* race_fiber(unsigned thread) const;

 private:
  MappedRegion memory_;
  std::vector<void*> race_fibers_;  // of the first stacks: those that have been used
  std::size_t stack_bytes_ = 0;
  unsigned first_ = 0, threads_ = 0;  // the present gang's
};

}  // namespace polyak::emulator
