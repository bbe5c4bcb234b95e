// Asynchronous stores into another block's shared memory, and the barriers that count them.
#include <cstring>

#include "model/operation.hpp"
#include "model/operations/modifiers.hpp"

namespace polyak::model {
namespace {

/// STAS [Rn.64], data: Rn is the place and Rn + 1 the barrier, as addresses in the cluster's shared
/// memory.
Operation bind_asynchronous_store(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  const int bytes = modifiers.take("128") ? 16 : modifiers.take("64") ? 8 : 4;
  modifiers.expect_none();
  expect_operands(instruction, 2);
  const int place = instruction.operands[0].vector_base, data = instruction.operands[1].index;
  return {Pipe::memory, [=](Execution& e) {
            Effect effect{EffectKind::transfer_store, bytes, e.mask, {}, {}};
            for_each_lane(e.mask, [&](std::size_t lane) {
              effect.addresses[lane] = shared_window | e.warp.vector_register(place)[lane];
              effect.barriers[lane] = shared_window | e.warp.vector_register(place + 1)[lane];
              std::uint8_t* const to = e.memory.locate(
                  effect.addresses[lane], static_cast<std::size_t>(bytes), e.warp.first_block);
              for (int i = 0; i < bytes / 4; ++i) {
                const int index = data == zero_register ? data : data + i;
                std::memcpy(to + 4 * i, &e.warp.vector_register(index)[lane], 4);
              }
            });
            e.effect = effect;
          }};
}

std::uint64_t barrier_at(const Warp& warp, const Operand& operand, Mask mask) {
  const auto lane = static_cast<std::size_t>(std::countr_zero(mask));
  return shared_window | warp.addresses(operand)[lane];
}

/// Its kinds here: made (mbarrier.init), told how many bytes to expect (arrive.expect_tx), asked
/// whether a phase is over (try_wait.parity). All its threads mean one barrier.
Operation bind_transfer_barrier(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  const bool makes = modifiers.take("EXCH"), arrives = modifiers.take("ARRIVE"),
             asks = modifiers.take("PHASECHK");
  modifiers.ignore({"64", "TRANS64", "TRYWAIT"});
  modifiers.expect_none();
  expect_operands(instruction, 3);
  const std::vector<Operand> o = instruction.operands;
  if (makes) {
    return {Pipe::memory, [=](Execution& e) {
              if (e.mask != 0) e.memory.transfers.initialise(barrier_at(e.warp, o[1], e.mask));
            }};
  }
  if (arrives) {
    return {Pipe::memory, [=](Execution& e) {
              if (e.mask == 0) return;
              const auto lane = static_cast<std::size_t>(std::countr_zero(e.mask));
              e.memory.transfers.expect(barrier_at(e.warp, o[1], e.mask), e.warp.bits(o[2])[lane],
                                        e.now);
            }};
  }
  if (!asks) throw ModelError("a use of a barrier that is not known");
  constexpr int latency = 30;
  return {Pipe::memory,
          [=](Execution& e) {
            if (e.mask == 0) return;
            const auto lane = static_cast<std::size_t>(std::countr_zero(e.mask));
            const bool parity = e.warp.bits(o[2])[lane] != 0;
            const bool over =
                e.memory.transfers.is_over(barrier_at(e.warp, o[1], e.mask), parity, e.now);
            e.warp.write_predicate(o[0], over ? all_lanes : 0, e.mask);
          },
          latency};
}

}  // namespace

std::span<const NamedBinder> transfer_operations() {
  static constexpr NamedBinder binders[] = {{"STAS", bind_asynchronous_store},
                                            {"SYNCS", bind_transfer_barrier}};
  return binders;
}

}  // namespace polyak::model
