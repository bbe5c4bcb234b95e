// Values from one place to another, memory aside.
#include "model/operation.hpp"
#include "model/operations/modifiers.hpp"

namespace polyak::model {
namespace {

Operation bind_move(const Instruction& instruction) {
  Modifiers(instruction).expect_none();
  expect_operands(instruction, 2);
  return {Pipe::alu, [o = instruction.operands](Execution& e) {
            e.warp.write(o[0], e.warp.integers(o[1]), e.mask);
          }};
}

Operation bind_to_uniform(const Instruction& instruction) {
  Modifiers(instruction).expect_none();
  expect_operands(instruction, 2);
  return {
      Pipe::alu,
      [o = instruction.operands](Execution& e) { e.warp.write(o[0], e.warp.bits(o[1]), e.mask); },
      12};
}

std::uint32_t special_register(const std::string& name, const Warp& warp, std::size_t lane) {
  if (name == "SR_TID.X")
    return static_cast<std::uint32_t>(warp.number * warp_lanes) + static_cast<std::uint32_t>(lane);
  if (name == "SR_LANEID") return static_cast<std::uint32_t>(lane);
  if (name == "SR_CgaCtaId") return static_cast<std::uint32_t>(warp.block);
  if (name == "SR_CTAID.X") return static_cast<std::uint32_t>(warp.first_block + warp.block);
  if (name == "SR_SWINHI") return static_cast<std::uint32_t>(shared_window >> 32);
  if (name == "SRZ") return 0;
  throw ModelError("unknown special register " + name);
}

Operation bind_special_register(const Instruction& instruction) {
  Modifiers(instruction).expect_none();
  expect_operands(instruction, 2);
  const std::string name = instruction.operands[1].name;
  return {Pipe::none,
          [=, to = instruction.operands[0]](Execution& e) {
            Lanes values;
            for (std::size_t lane = 0; lane < warp_lanes; ++lane) {
              values[lane] = special_register(name, e.warp, lane);
            }
            e.warp.write(to, values, e.mask);
          },
          14};
}

/// Of the special registers that take no time only the one that is zero, as a pair.
Operation bind_zero_pair(const Instruction& instruction) {
  Modifiers(instruction).expect_none();
  expect_operands(instruction, 2);
  if (instruction.operands[1].name != "SRZ") throw ModelError("a register other than SRZ");
  return {Pipe::alu, [to = instruction.operands[0]](Execution& e) {
            e.warp.write_wide(to, WideLanes{}, e.mask);
          }};
}

/// Values of other lanes.
Operation bind_shuffle(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  const std::string mode = modifiers.take_first();
  modifiers.expect_none();
  expect_operands(instruction, 5);
  const auto from = [mode](std::uint32_t lane, std::uint32_t by) -> std::uint32_t {
    if (mode == "BFLY") return (lane ^ by) & 31;
    if (mode == "IDX") return by & 31;
    if (mode == "UP") return by > lane ? lane : lane - by;
    if (mode == "DOWN") return lane + by > 31 ? lane : lane + by;
    throw ModelError("unknown modifier " + mode);
  };
  from(0, 0);
  return {Pipe::memory, [=, o = instruction.operands](Execution& e) {
            const Lanes values = e.warp.bits(o[2]), by = e.warp.bits(o[3]),
                        clamp = e.warp.bits(o[4]);
            Lanes result{};
            for_each_lane(e.mask, [&](std::size_t lane) {
              const std::uint32_t segment = clamp[lane] >> 8 & 31;
              if (segment != 0) throw ModelError("a shuffle within parts of a warp");
              result[lane] = values[from(static_cast<std::uint32_t>(lane), by[lane])];
            });
            e.warp.write(o[1], result, e.mask);
            e.warp.write_predicate(o[0], all_lanes, e.mask);
            e.effect = {EffectKind::shuffle, 4, e.mask, {}};
          }};
}

}  // namespace

std::span<const NamedBinder> movement_operations() {
  static constexpr NamedBinder binders[] = {{"MOV", bind_move},
                                            {"R2UR", bind_to_uniform},
                                            {"S2R", bind_special_register},
                                            {"S2UR", bind_special_register},
                                            {"CS2R", bind_zero_pair},
                                            {"SHFL", bind_shuffle}};
  return binders;
}

}  // namespace polyak::model
