#include "emulator/engine/stacks.hpp"

#include <algorithm>

#include "emulator/engine/sanitizers.hpp"

namespace polyak::emulator {
namespace {

/// How many are kept for ThreadSanitizer, which can tell some 8,000 threads apart. A gang of more
/// than half of them gets new ones.
constexpr unsigned kKept = kThreadSanitizer ? 2048 : 0;

}  // namespace

void Stacks::begin_launch(std::size_t stack_bytes) {
  if (stack_bytes != stack_bytes_) renew();
  stack_bytes_ = stack_bytes;
  first_ = threads_ = 0;
}

void Stacks::begin_gang(unsigned threads) {
  first_ += threads_;
  threads_ = threads;
  if (kThreadSanitizer && threads > kKept / 2) renew();
  if (first_ + threads > kKept) first_ = 0;
  memory_.reserve((std::size_t{std::max(threads, kKept)} + 1) * stack_bytes_);
  if constexpr (kThreadSanitizer) {
    while (race_fibers_.size() < first_ + threads) race_fibers_.push_back(create_race_fiber());
  }
}

void* Stacks::race_fiber(unsigned thread) const {
  return kThreadSanitizer ? race_fibers_[first_ + thread] : nullptr;
}

void Stacks::renew() {
  for (void* fiber : race_fibers_) destroy_race_fiber(fiber);
  race_fibers_.clear();
  unpoison(memory_.data(), memory_.bytes());
  memory_.refresh(memory_.bytes());
}

}  // namespace polyak::emulator
