// Asynchronous copies from global to shared memory (cp.async). What is copied is there at once, and
// in time when it is waited for.
#include <cstring>

#include "model/operation.hpp"
#include "model/operations/modifiers.hpp"

namespace polyak::model {
namespace {

Operation bind_copy(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  const int bytes = modifiers.take("128") ? 16 : modifiers.take("64") ? 8 : 4;
  modifiers.ignore({"E", "BYPASS"});
  modifiers.expect_none();
  expect_operands(instruction, 2);
  if (instruction.operands.size() > 2)
    throw ModelError("a copy of fewer bytes than it has room for");
  const auto size = static_cast<std::size_t>(bytes);
  return {Pipe::memory, [=, o = instruction.operands](Execution& e) {
            Effect effect{EffectKind::copy, bytes, e.mask, e.warp.addresses(o[1]),
                          e.warp.addresses(o[0])};
            for_each_lane(e.mask, [&](std::size_t lane) {
              std::uint64_t& to = effect.barriers[lane];
              to |= shared_window;
              std::memcpy(e.memory.locate(to, size, e.warp.first_block),
                          e.memory.locate(effect.addresses[lane], size), size);
            });
            e.effect = effect;
          }};
}

Operation bind_close(const Instruction& instruction) {
  Modifiers(instruction).expect_none();
  return {Pipe::memory, [](Execution& e) { e.effect = {EffectKind::close_copies, 0, e.mask}; }};
}

/// Until all groups have arrived.
Operation bind_wait(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  modifiers.ignore({"LE"});
  modifiers.expect_none();
  expect_operands(instruction, 2);
  if (instruction.operands[1].bits != 0) throw ModelError("groups of copies are left on their way");
  return {Pipe::none, [](Execution& e) { e.effect = {EffectKind::await_copies, 0, e.mask}; }};
}

}  // namespace

std::span<const NamedBinder> copy_operations() {
  static constexpr NamedBinder binders[] = {
      {"LDGSTS", bind_copy}, {"LDGDEPBAR", bind_close}, {"DEPBAR", bind_wait}};
  return binders;
}

}  // namespace polyak::model
