#pragma once

#include <cstddef>
#if !defined(__x86_64__)
#include <ucontext.h>
#endif

namespace polyak::emulator {

/// A suspended flow of control with a stack of its own.
struct Context {
#if defined(__x86_64__)
  void* stack_pointer = nullptr;
#else
  ucontext_t state;
#endif
};

/// Makes `context` start `entry` on the given stack when it is first switched to. `entry` must
/// never return.
void prepare_context(Context& context, char* stack, std::size_t stack_bytes, void (*entry)());

/// Suspends the caller into `from` and continues `to`.
void switch_context(Context& from, Context& to);

}  // namespace polyak::emulator
