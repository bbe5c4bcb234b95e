#include "emulator/engine/context.hpp"

#include <cstdint>

#if defined(__x86_64__)

// Saves the registers that a callee must preserve, swaps the stacks and restores them. swapcontext
// would do the same, but asks the kernel for the signal mask at every switch: ten times slower.
asm(R"(.text
.p2align 4
.globl polyak_emulator_switch
.hidden polyak_emulator_switch
.type polyak_emulator_switch,@function
polyak_emulator_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  popq %rcx
  jmp *%rcx
.size polyak_emulator_switch, .-polyak_emulator_switch
)");
extern "C" void polyak_emulator_switch(void** saved_stack_pointer, void* new_stack_pointer);

namespace polyak::emulator {

void prepare_context(Context& context, char* stack, std::size_t stack_bytes, void (*entry)()) {
  const std::uintptr_t top = reinterpret_cast<std::uintptr_t>(stack + stack_bytes);
  void** slot = reinterpret_cast<void**>(top & ~std::uintptr_t{15});
  *--slot = nullptr;  // a return address for entry(), which also aligns the stack as a call does
  *--slot = reinterpret_cast<void*>(entry);
  for (int saved_register = 0; saved_register < 6; ++saved_register) *--slot = nullptr;
  context.stack_pointer = slot;
}

void switch_context(Context& from, Context& to) {
  polyak_emulator_switch(&from.stack_pointer, to.stack_pointer);
}

}  // namespace polyak::emulator

#else

namespace polyak::emulator {

void prepare_context(Context& context, char* stack, std::size_t stack_bytes, void (*entry)()) {
  getcontext(&context.state);
  context.state.uc_stack.ss_sp = stack;
  context.state.uc_stack.ss_size = stack_bytes;
  context.state.uc_link = nullptr;
  makecontext(&context.state, entry, 0);
}

void switch_context(Context& from, Context& to) { swapcontext(&from.state, &to.state); }

}  // namespace polyak::emulator

#endif
