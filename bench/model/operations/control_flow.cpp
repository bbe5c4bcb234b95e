// Where a warp's threads go on, and where they meet again.
#include "model/operation.hpp"
#include "model/operations/modifiers.hpp"

namespace polyak::model {
namespace {

const Operand& label_of(const Instruction& instruction) {
  for (const Operand& operand : instruction.operands) {
    if (operand.kind == OperandKind::label) return operand;
  }
  throw ModelError("no label");
}

std::size_t convergence_barrier(const Instruction& instruction) {
  for (const Operand& operand : instruction.operands) {
    if (operand.kind == OperandKind::convergence_barrier) {
      return static_cast<std::size_t>(operand.index);
    }
  }
  throw ModelError("no convergence barrier");
}

/// Sends some of the active threads elsewhere, and the others to the next instruction.
void branch(Execution& e, Mask taken, std::uint32_t target) {
  const std::uint32_t next = e.warp.current + 1;
  if (taken == e.active) return e.warp.go_to(taken, target);
  if (taken != 0) e.warp.go_to(taken, target);
  e.warp.go_to(e.active & ~taken, next);
}

Operation moving(Execute execute) { return {Pipe::none, std::move(execute), 0, true}; }

/// Besides its guard a branch may have a predicate.
Operation bind_branch(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  const bool when_diverged = modifiers.take("DIV");
  modifiers.ignore({"U"});
  modifiers.expect_none();
  const std::uint32_t target = label_of(instruction).target;
  const Operand condition = instruction.operands.front();
  if (when_diverged) {
    return moving([=](Execution& e) {
      const Mask expected = e.warp.bits(condition)[0];
      const bool diverged = (e.active | e.warp.exited) != (expected | e.warp.exited);
      branch(e, diverged ? e.mask : 0, target);
    });
  }
  const bool has_condition = condition.kind != OperandKind::label;
  return moving([=](Execution& e) {
    branch(e, has_condition ? e.mask & e.warp.predicate(condition) : e.mask, target);
  });
}

Operation bind_call(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  modifiers.ignore({"REL", "NOINC"});
  modifiers.expect_none();
  const std::uint32_t target = label_of(instruction).target;
  return moving([=](Execution& e) { branch(e, e.mask, target); });
}

/// To the address in a register, counted from the kernel's start.
Operation bind_return(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  modifiers.ignore({"REL", "NODEC"});
  modifiers.expect_none();
  expect_operands(instruction, 1);
  return moving([to = instruction.operands[0]](Execution& e) {
    const Lanes targets = e.warp.bits(to);
    const std::uint32_t next = e.warp.current + 1;
    // A lane's own target may differ from its neighbours'.
    Mask left = e.mask;
    if (e.mask != e.active) e.warp.go_to(e.active & ~e.mask, next);
    while (left != 0) {
      const std::uint32_t target = targets[static_cast<std::size_t>(std::countr_zero(left))];
      const Mask same = left & mask_lanes([=](std::uint32_t t) { return t == target; }, targets);
      e.warp.go_to(same, target / instruction_bytes);
      left &= ~same;
    }
  });
}

Operation bind_exit(const Instruction& instruction) {
  Modifiers(instruction).expect_none();
  return moving([](Execution& e) {
    if (e.mask != e.active) e.warp.go_to(e.active & ~e.mask, e.warp.current + 1);
    if (e.mask != 0) e.warp.exit(e.mask);
  });
}

/// The threads that are here will meet at the barrier.
Operation bind_set_convergence(const Instruction& instruction) {
  Modifiers(instruction).expect_none();
  const std::size_t barrier = convergence_barrier(instruction);
  return {Pipe::none, [=](Execution& e) {
            e.warp.convergence_members[barrier] = e.active;
            e.warp.convergence_waiting[barrier] = 0;
          }};
}

void release_if_complete(Warp& warp, std::size_t barrier) {
  const Mask expected = warp.convergence_members[barrier] & ~warp.exited;
  Mask& waiting = warp.convergence_waiting[barrier];
  if (waiting != 0 && (waiting & expected) == expected) warp.release(waiting);
}

Operation bind_converge(const Instruction& instruction) {
  Modifiers(instruction).expect_none();
  const std::size_t barrier = convergence_barrier(instruction);
  return moving([=](Execution& e) {
    const Mask expected = e.warp.convergence_members[barrier] & ~e.warp.exited;
    if (e.mask == e.active && (e.mask & expected) == expected) return e.warp.advance(e.active);
    if (e.mask != e.active) e.warp.go_to(e.active & ~e.mask, e.warp.current + 1);
    e.warp.block_at(e.mask, e.warp.convergence_waiting[barrier]);
    release_if_complete(e.warp, barrier);
  });
}

/// Threads leave the barrier's members.
Operation bind_leave_convergence(const Instruction& instruction) {
  Modifiers(instruction).expect_none();
  const std::size_t barrier = convergence_barrier(instruction);
  return moving([=](Execution& e) {
    e.warp.advance(e.active);
    e.warp.convergence_members[barrier] &= ~e.mask;
    release_if_complete(e.warp, barrier);
  });
}

/// All threads of the warp that are left. Among fewer, the code for diverged warps, is not
/// modelled.
Operation bind_warp_barrier(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  if (!modifiers.take("ALL")) throw ModelError("a barrier of a part of the warp");
  modifiers.expect_none();
  return moving([](Execution& e) {
    if (e.mask != e.active) e.warp.go_to(e.active & ~e.mask, e.warp.current + 1);
    if (e.mask == 0) return;
    e.warp.block_at(e.mask, e.warp.at_warp_barrier);
    if ((e.warp.at_warp_barrier | e.warp.exited) == all_lanes) {
      e.warp.release(e.warp.at_warp_barrier);
    }
  });
}

Operation bind_nothing(const Instruction& instruction) {
  Modifiers(instruction).expect_none();
  return {Pipe::none, [](Execution&) {}};
}

Operation bind_sleep(const Instruction& instruction) {
  Modifiers(instruction).expect_none();
  return {Pipe::none, [](Execution& e) { e.effect.kind = EffectKind::sleep; }};
}

}  // namespace

std::span<const NamedBinder> control_flow_operations() {
  static constexpr NamedBinder binders[] = {{"BRA", bind_branch},
                                            {"CALL", bind_call},
                                            {"RET", bind_return},
                                            {"EXIT", bind_exit},
                                            {"BSSY", bind_set_convergence},
                                            {"BSYNC", bind_converge},
                                            {"BREAK", bind_leave_convergence},
                                            {"WARPSYNC", bind_warp_barrier},
                                            {"NOP", bind_nothing},
                                            {"YIELD", bind_nothing},
                                            {"ERRBAR", bind_nothing},
                                            {"CGAERRBAR", bind_nothing},
                                            {"ACQBULK", bind_nothing},
                                            {"PREEXIT", bind_nothing},
                                            {"NANOSLEEP", bind_sleep}};
  return binders;
}

}  // namespace polyak::model
