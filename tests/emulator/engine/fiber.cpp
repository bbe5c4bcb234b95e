#include "emulator/engine/fiber.hpp"

#include <cstdlib>
#include <cstring>
#include <iterator>

#include "emulator/engine/sanitizers.hpp"

namespace polyak::emulator {
namespace {

/// What the lowest bytes that a stack may use hold until it overflows.
struct Guard {
  std::uint64_t words[8] = {0x5ca1ab1e0ddba11ull, 0x5ca1ab1e0ddba12ull, 0x5ca1ab1e0ddba13ull,
                            0x5ca1ab1e0ddba14ull, 0x5ca1ab1e0ddba15ull, 0x5ca1ab1e0ddba16ull,
                            0x5ca1ab1e0ddba17ull, 0x5ca1ab1e0ddba18ull};
};
constexpr Guard kGuard;

/// The entry function never returns, so its frame stays poisoned when the stack is used again.
constexpr std::size_t kPoisonedTopBytes = 16 << 10;

}  // namespace

void Fiber::prepare(char* stack, std::size_t stack_bytes, std::size_t stagger, void* race_fiber,
                    void (*entry)()) {
  stack_ = stack;
  guard_ = stack + (kLargestStagger - stagger);
  stack_bytes_ = stack_bytes;
  fake_stack_ = nullptr;
  unpoison(stack + stack_bytes - kPoisonedTopBytes, kPoisonedTopBytes);
  std::memcpy(guard_, &kGuard, sizeof kGuard);
  prepare_context(context_, stack, stack_bytes - stagger, entry);
  race_fiber_ = race_fiber;
}

bool Fiber::stack_overflowed() const {
  // Word by word: ThreadSanitizer would take memcmp's reading, even here, for a race with whoever
  // overwrote the guard.
  const auto* const words = reinterpret_cast<const volatile std::uint64_t*>(guard_);
  for (std::size_t i = 0; i < std::size(kGuard.words); ++i) {
    if (words[i] != kGuard.words[i]) return true;
  }
  return false;
}

void FiberHost::begin() { race_fiber_ = current_race_fiber(); }

void FiberHost::resume(Fiber& fiber) {
  announce_stack_switch(&fake_stack_, fiber.stack_, fiber.stack_bytes_);
  switch_race_fiber(fiber.race_fiber_);
  switch_context(context_, fiber.context_);
  confirm_stack_switch(fake_stack_, nullptr, nullptr);
}

void FiberHost::entered() { confirm_stack_switch(nullptr, &stack_bottom_, &stack_bytes_); }

void FiberHost::suspend(Fiber& fiber) {
  announce_stack_switch(&fiber.fake_stack_, stack_bottom_, stack_bytes_);
  switch_race_fiber(race_fiber_);
  switch_context(fiber.context_, context_);
  confirm_stack_switch(fiber.fake_stack_, nullptr, nullptr);
}

void FiberHost::finish(Fiber& fiber) {
  announce_stack_switch(nullptr, stack_bottom_, stack_bytes_);
  switch_race_fiber(race_fiber_);
  switch_context(fiber.context_, context_);
  std::abort();
}

}  // namespace polyak::emulator
