// Barriers over blocks and clusters: a warp stops here; the machine lets it go on.
#include "model/operation.hpp"
#include "model/operations/modifiers.hpp"

namespace polyak::model {
namespace {

Operation stopping(Execute execute) { return {Pipe::none, std::move(execute), 0, true}; }

/// The barrier of number 0 over all threads of the block.
Operation bind_block_barrier(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  const bool synchronises = modifiers.take("SYNC");
  modifiers.ignore({"DEFER_BLOCKING"});
  modifiers.expect_none();
  expect_operands(instruction, 1);
  const Operand& which = instruction.operands[0];
  if (!synchronises || which.kind != OperandKind::immediate || which.bits != 0) {
    throw ModelError("a barrier over a part of the block");
  }
  return stopping([](Execution& e) {
    if (e.mask != e.active) e.warp.go_to(e.active & ~e.mask, e.warp.current + 1);
    if (e.mask == 0) return;
    e.warp.block_at(e.mask, e.warp.at_block_barrier);
    if ((e.warp.at_block_barrier | e.warp.exited) == all_lanes) {
      e.effect.kind = EffectKind::block_barrier;
    }
  });
}

Operation bind_cluster_arrive(const Instruction& instruction) {
  Modifiers(instruction).expect_none();
  return stopping([](Execution& e) {
    e.warp.arrived_at_cluster |= e.mask;
    e.warp.advance(e.active);
    if ((e.warp.arrived_at_cluster | e.warp.exited) != all_lanes) return;
    e.warp.arrived_at_cluster = 0;
    e.effect.kind = EffectKind::cluster_arrive;
  });
}

Operation bind_cluster_wait(const Instruction& instruction) {
  Modifiers(instruction).expect_none();
  return stopping([](Execution& e) {
    if (e.mask != e.active) e.warp.go_to(e.active & ~e.mask, e.warp.current + 1);
    if (e.mask == 0) return;
    e.warp.block_at(e.mask, e.warp.at_cluster_barrier);
    if ((e.warp.at_cluster_barrier | e.warp.exited) == all_lanes) {
      e.effect.kind = EffectKind::cluster_wait;
    }
  });
}

}  // namespace

std::span<const NamedBinder> barrier_operations() {
  static constexpr NamedBinder binders[] = {{"BAR", bind_block_barrier},
                                            {"UCGABAR_ARV", bind_cluster_arrive},
                                            {"UCGABAR_WAIT", bind_cluster_wait}};
  return binders;
}

}  // namespace polyak::model
