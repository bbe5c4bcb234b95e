// Bits, bytes and choices.
#include "model/operation.hpp"
#include "model/operations/modifiers.hpp"

namespace polyak::model {
namespace {

/// The function of three bits whose value at (a, b, c) is bit 4 a + 2 b + c of the table.
template <class Word>
constexpr Word looked_up(std::uint32_t table, Word a, Word b, Word c) {
  Word result = 0;
  for (unsigned i = 0; i < 8; ++i) {
    if ((table >> i & 1) == 0) continue;
    result |= ((i & 4) != 0 ? a : ~a) & ((i & 2) != 0 ? b : ~b) & ((i & 1) != 0 ? c : ~c);
  }
  return result;
}

bool is_false(const Operand& operand) {
  return operand.index == true_predicate && operand.complemented;
}

Operation bind_words(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  modifiers.ignore({"LUT"});
  modifiers.expect_none();
  const auto& all = instruction.operands;
  const bool has_predicate = !all.empty() && (all[0].kind == OperandKind::predicate ||
                                              all[0].kind == OperandKind::uniform_predicate);
  const std::size_t first = has_predicate ? 1 : 0;
  expect_operands(instruction, first + 5);
  if (all.size() > first + 5 && !is_false(all[first + 5])) {
    throw ModelError("a predicate that takes part");
  }
  const std::uint32_t table = all[first + 4].bits;
  return {Pipe::alu, [=, o = all](Execution& e) {
            const Lanes values = map_lanes<std::uint32_t>(
                [=](auto a, auto b, auto c) { return looked_up<std::uint32_t>(table, a, b, c); },
                e.warp.integers(o[first + 1]), e.warp.integers(o[first + 2]),
                e.warp.integers(o[first + 3]));
            e.warp.write(o[first], values, e.mask);
            if (!has_predicate) return;
            e.warp.write_predicate(o[0], mask_lanes([](auto v) { return v != 0; }, values), e.mask);
          }};
}

/// Of predicates: two results with a table each.
Operation bind_predicates(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  modifiers.ignore({"LUT"});
  modifiers.expect_none();
  expect_operands(instruction, 7);
  return {Pipe::alu, [o = instruction.operands](Execution& e) {
            const Mask a = e.warp.predicate(o[2]), b = e.warp.predicate(o[3]),
                       c = e.warp.predicate(o[4]);
            e.warp.write_predicate(o[0], looked_up<Mask>(o[5].bits, a, b, c), e.mask);
            e.warp.write_predicate(o[1], looked_up<Mask>(o[6].bits, a, b, c), e.mask);
          }};
}

/// Four bytes chosen out of the eight of (c, a), each by four bits of b: which, and whether its
/// sign is spread over the byte.
std::uint32_t chosen_bytes(std::uint32_t a, std::uint32_t selectors, std::uint32_t c) {
  const std::uint64_t pair = static_cast<std::uint64_t>(c) << 32 | a;
  std::uint32_t result = 0;
  for (unsigned i = 0; i < 4; ++i) {
    const std::uint32_t selector = selectors >> (4 * i) & 0xf;
    std::uint32_t byte = static_cast<std::uint32_t>(pair >> (8 * (selector & 7))) & 0xff;
    if ((selector & 8) != 0) byte = (byte & 0x80) != 0 ? 0xff : 0;
    result |= byte << (8 * i);
  }
  return result;
}

Operation bind_permute(const Instruction& instruction) {
  Modifiers(instruction).expect_none();
  expect_operands(instruction, 4);
  return {Pipe::alu, [o = instruction.operands](Execution& e) {
            e.warp.write(o[0],
                         map_lanes<std::uint32_t>(chosen_bytes, e.warp.bits(o[1]),
                                                  e.warp.bits(o[2]), e.warp.bits(o[3])),
                         e.mask);
          }};
}

/// The first source where the predicate holds, else the second.
Operation bind_choice(const Instruction& instruction) {
  const bool of_floats = instruction.operation == "FSEL";
  Modifiers modifiers(instruction);
  modifiers.expect_none();
  expect_operands(instruction, 4);
  return {Pipe::alu, [=, o = instruction.operands](Execution& e) {
            const auto read = [&](const Operand& operand) {
              return of_floats ? std::bit_cast<Lanes>(e.warp.floats(operand))
                               : e.warp.integers(operand);
            };
            const Mask first = e.warp.predicate(o[3]);
            Lanes values = read(o[2]);
            const Lanes others = read(o[1]);
            for_each_lane(first, [&](std::size_t lane) { values[lane] = others[lane]; });
            e.warp.write(o[0], values, e.mask);
          }};
}

/// The predicates P0 to P6 as bits of a register, where the mask has ones; else the source.
Operation bind_predicates_to_register(const Instruction& instruction) {
  Modifiers(instruction).expect_none();
  expect_operands(instruction, 4);
  const std::uint32_t which = instruction.operands[3].bits;
  return {Pipe::alu, [=, o = instruction.operands](Execution& e) {
            Lanes values = e.warp.bits(o[2]);
            for (std::size_t lane = 0; lane < warp_lanes; ++lane) {
              std::uint32_t bits = 0;
              for (int i = 0; i < true_predicate; ++i) {
                bits |= (e.warp.predicate_register(i) >> lane & 1) << i;
              }
              values[lane] = (values[lane] & ~which) | (bits & which);
            }
            e.warp.write(o[0], values, e.mask);
          }};
}

/// The reverse.
Operation bind_register_to_predicates(const Instruction& instruction) {
  Modifiers(instruction).expect_none();
  expect_operands(instruction, 3);
  const std::uint32_t which = instruction.operands[2].bits;
  return {Pipe::alu, [=, o = instruction.operands](Execution& e) {
            const Lanes values = e.warp.bits(o[1]);
            for (int i = 0; i < true_predicate; ++i) {
              if ((which >> i & 1) == 0) continue;
              const Mask bits = mask_lanes([&](auto value) { return value >> i & 1; }, values);
              e.warp.set_predicate_register(i, bits, e.mask);
            }
          }};
}

}  // namespace

std::span<const NamedBinder> logic_operations() {
  static constexpr NamedBinder binders[] = {{"LOP3", bind_words},
                                            {"PLOP3", bind_predicates},
                                            {"PRMT", bind_permute},
                                            {"SEL", bind_choice},
                                            {"FSEL", bind_choice},
                                            {"P2R", bind_predicates_to_register},
                                            {"R2P", bind_register_to_predicates}};
  return binders;
}

}  // namespace polyak::model
