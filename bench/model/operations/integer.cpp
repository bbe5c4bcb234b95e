// Integer arithmetic.
#include <algorithm>

#include "model/operation.hpp"
#include "model/operations/modifiers.hpp"

namespace polyak::model {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr bool bit(Mask mask, std::size_t lane) { return (mask >> lane & 1) != 0; }

/// The operands after the result: predicates that take carries, sources, predicates that give them.
struct Shape {
  std::vector<Operand> carries_out, sources, carries_in;
};
Shape shape_of(const Instruction& instruction, std::size_t sources) {
  const auto is_predicate = [](const Operand& operand) {
    return operand.kind == OperandKind::predicate || operand.kind == OperandKind::uniform_predicate;
  };
  const auto& o = instruction.operands;
  Shape shape;
  std::size_t at = 1;
  while (at < o.size() && is_predicate(o[at])) shape.carries_out.push_back(o[at++]);
  expect_operands(instruction, at + sources);
  shape.sources.assign(o.begin() + static_cast<std::ptrdiff_t>(at),
                       o.begin() + static_cast<std::ptrdiff_t>(at + sources));
  shape.carries_in.assign(o.begin() + static_cast<std::ptrdiff_t>(at + sources), o.end());
  return shape;
}

/// A term of a sum with carries: -x is ~x + 1, or ~x alone where a carry comes in.
WideLanes term(const Warp& warp, const Operand& operand, bool has_carry_in) {
  const Lanes values = warp.bits(operand);
  if (operand.complemented || (operand.negated && has_carry_in)) {
    return map_lanes<std::uint64_t>([](std::uint32_t v) { return std::uint64_t{~v}; }, values);
  }
  if (operand.negated) {
    return map_lanes<std::uint64_t>([](std::uint32_t v) { return std::uint64_t{~v} + 1; }, values);
  }
  return map_lanes<std::uint64_t>([](std::uint32_t v) { return std::uint64_t{v}; }, values);
}

void add_carries(const Warp& warp, const std::vector<Operand>& carries_in, WideLanes& sums) {
  for (const Operand& carry : carries_in) {
    const Mask values = warp.predicate(carry);
    for (std::size_t lane = 0; lane < warp_lanes; ++lane) sums[lane] += bit(values, lane);
  }
}

/// The low words of sums, and what goes beyond them.
void write_sums(Execution& e, const Operand& to, const Shape& shape, const WideLanes& sums) {
  for (std::size_t i = 0; i < shape.carries_out.size(); ++i) {
    const Mask carries = mask_lanes([&](std::uint64_t sum) { return (sum >> 32) > i; }, sums);
    e.warp.write_predicate(shape.carries_out[i], carries, e.mask);
  }
  e.warp.write(to,
               map_lanes<std::uint32_t>([](auto v) { return static_cast<std::uint32_t>(v); }, sums),
               e.mask);
}

void expect_no_carries_without(bool extended, const Shape& shape) {
  if (!extended && !shape.carries_in.empty()) throw ModelError("too many operands");
}

Operation bind_integer_sum(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  const bool extended = modifiers.take("X");
  modifiers.expect_none();
  const Shape shape = shape_of(instruction, 3);
  expect_no_carries_without(extended, shape);
  return {Pipe::alu, [=, to = instruction.operands[0]](Execution& e) {
            WideLanes sums{};
            for (const Operand& source : shape.sources) {
              const WideLanes values = term(e.warp, source, extended);
              for (std::size_t lane = 0; lane < warp_lanes; ++lane) sums[lane] += values[lane];
            }
            add_carries(e.warp, shape.carries_in, sums);
            write_sums(e, to, shape, sums);
          }};
}

Operation bind_integer_pair(const Instruction& instruction) {
  Modifiers(instruction).expect_none();
  expect_operands(instruction, 3);
  return {Pipe::alu, [o = instruction.operands](Execution& e) {
            e.warp.write(o[0],
                         map_lanes<std::uint32_t>([](auto a, auto b) { return a + b; },
                                                  e.warp.integers(o[1]), e.warp.integers(o[2])),
                         e.mask);
          }};
}

/// a * b of 32 bits each as 64, with the signs of -a and -b.
WideLanes products(const Warp& warp, const Operand& a, const Operand& b, bool is_unsigned) {
  const bool negative = a.negated != b.negated;
  return map_lanes<std::uint64_t>(
      [&](std::uint32_t x, std::uint32_t y) {
        const std::uint64_t product =
            is_unsigned ? std::uint64_t{x} * y
                        : static_cast<std::uint64_t>(std::int64_t{static_cast<std::int32_t>(x)} *
                                                     static_cast<std::int32_t>(y));
        return negative ? 0 - product : product;
      },
      warp.bits(a), warp.bits(b));
}

/// a b + c with 64 bits of each product and of c.
Operation multiply_wide(const Instruction& instruction, Modifiers& modifiers, bool upper_half) {
  const bool is_unsigned = modifiers.take("U32"), extended = modifiers.take("X");
  modifiers.expect_none();
  const Shape shape = shape_of(instruction, 3);
  expect_no_carries_without(extended, shape);
  return {
      Pipe::fma_heavy, [=, to = instruction.operands[0]](Execution& e) {
        const WideLanes values = products(e.warp, shape.sources[0], shape.sources[1], is_unsigned);
        WideLanes sums = e.warp.wide_bits(shape.sources[2]), carries{};
        if (shape.sources[2].negated) {
          for (std::uint64_t& value : sums) value = 0 - value;
        }
        add_carries(e.warp, shape.carries_in, carries);
        Mask carry_out = 0;
        for (std::size_t lane = 0; lane < warp_lanes; ++lane) {
          const Wide sum = Wide{values[lane]} + sums[lane] + carries[lane];
          sums[lane] = static_cast<std::uint64_t>(sum);
          carry_out |= static_cast<Mask>(sum >> 64 & 1) << lane;
        }
        if (!shape.carries_out.empty()) {
          e.warp.write_predicate(shape.carries_out[0], carry_out, e.mask);
        }
        if (!upper_half) return e.warp.write_wide(to, sums, e.mask);
        e.warp.write(to,
                     map_lanes<std::uint32_t>(
                         [](std::uint64_t v) { return static_cast<std::uint32_t>(v >> 32); }, sums),
                     e.mask);
      }};
}

Operation multiply_low(const Instruction& instruction, Modifiers& modifiers) {
  const bool extended = modifiers.take("X");
  modifiers.ignore({"MOV", "IADD", "SHL", "U32"});
  modifiers.expect_none();
  const Shape shape = shape_of(instruction, 3);
  expect_no_carries_without(extended, shape);
  return {Pipe::fma_heavy, [=, to = instruction.operands[0]](Execution& e) {
            const Lanes a = e.warp.integers(shape.sources[0]),
                        b = e.warp.integers(shape.sources[1]);
            WideLanes sums = term(e.warp, shape.sources[2], extended);
            for (std::size_t lane = 0; lane < warp_lanes; ++lane) sums[lane] += a[lane] * b[lane];
            add_carries(e.warp, shape.carries_in, sums);
            write_sums(e, to, shape, sums);
          }};
}

Operation bind_integer_product(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  if (modifiers.take("WIDE")) return multiply_wide(instruction, modifiers, false);
  if (modifiers.take("HI")) return multiply_wide(instruction, modifiers, true);
  return multiply_low(instruction, modifiers);
}

/// (a << shift) + b.
Operation add_shifted(const Instruction& instruction) {
  const Shape shape = shape_of(instruction, 3);
  expect_no_carries_without(false, shape);
  return {Pipe::alu, [=, to = instruction.operands[0]](Execution& e) {
            const Lanes shifts = e.warp.bits(shape.sources[2]), a = e.warp.bits(shape.sources[0]);
            WideLanes sums = term(e.warp, shape.sources[1], false);
            for (std::size_t lane = 0; lane < warp_lanes; ++lane) {
              const std::uint32_t shifted = a[lane] << (shifts[lane] & 31);
              sums[lane] +=
                  shape.sources[0].negated ? std::uint64_t{~shifted} + 1 : std::uint64_t{shifted};
            }
            write_sums(e, to, shape, sums);
          }};
}

/// The upper word of ((c, a) << shift), plus b, where c may be the sign of a.
Operation add_shifted_upper(const Instruction& instruction, bool extends_sign, bool extended) {
  const Shape shape = shape_of(instruction, extends_sign ? 3 : 4);
  expect_no_carries_without(extended, shape);
  return {Pipe::alu, [=, to = instruction.operands[0]](Execution& e) {
            const Lanes a = e.warp.integers(shape.sources[0]);
            const Lanes upper = extends_sign
                                    ? map_lanes<std::uint32_t>(
                                          [](std::uint32_t v) { return v >> 31 ? ~0u : 0u; }, a)
                                    : e.warp.integers(shape.sources[2]);
            const Lanes shifts = e.warp.bits(shape.sources.back());
            WideLanes sums = term(e.warp, shape.sources[1], extended);
            for (std::size_t lane = 0; lane < warp_lanes; ++lane) {
              const std::uint64_t pair = std::uint64_t{upper[lane]} << 32 | a[lane];
              sums[lane] += (pair << (shifts[lane] & 31)) >> 32;
            }
            add_carries(e.warp, shape.carries_in, sums);
            write_sums(e, to, shape, sums);
          }};
}

Operation bind_shifted_add(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  const bool upper = modifiers.take("HI"), extended = modifiers.take("X"),
             extends_sign = modifiers.take("SX32");
  modifiers.expect_none();
  if (upper) return add_shifted_upper(instruction, extends_sign, extended);
  if (extended || extends_sign) throw ModelError("unknown modifier");
  return add_shifted(instruction);
}

/// A word of the pair (c, a) shifted.
Operation bind_funnel_shift(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  const bool to_left = modifiers.take("L");
  if (!to_left && !modifiers.take("R")) throw ModelError("neither left nor right");
  const bool wraps = modifiers.take("W"), upper = modifiers.take("HI");
  const bool is_wide = modifiers.take("U64") || modifiers.take("S64");
  const bool is_signed = instruction.text.find(".S") != std::string::npos;
  modifiers.ignore({"U32", "S32"});
  modifiers.expect_none();
  expect_operands(instruction, 4);
  const std::uint32_t most = is_wide ? 64 : 32;
  const auto shift = [=](std::uint32_t low, std::uint32_t by, std::uint32_t high) {
    const std::uint32_t count = wraps ? by % most : std::min(by, most);
    const std::uint64_t pair = std::uint64_t{high} << 32 | low;
    __extension__ using Signed = __int128;
    const Signed value = is_signed ? Signed{static_cast<std::int64_t>(pair)} : Signed{pair};
    const Wide shifted =
        to_left ? static_cast<Wide>(pair) << count : static_cast<Wide>(value >> count);
    return static_cast<std::uint32_t>(upper ? shifted >> 32 : shifted);
  };
  return {Pipe::alu, [=, o = instruction.operands](Execution& e) {
            e.warp.write(o[0],
                         map_lanes<std::uint32_t>(shift, e.warp.integers(o[1]),
                                                  e.warp.integers(o[2]), e.warp.integers(o[3])),
                         e.mask);
          }};
}

/// The lowest bits as a number with a sign.
Operation bind_sign_extension(const Instruction& instruction) {
  Modifiers(instruction).expect_none();
  expect_operands(instruction, 3);
  const std::uint32_t width = instruction.operands[2].bits;
  if (instruction.operands[2].kind != OperandKind::immediate || width == 0 || width > 32) {
    throw ModelError("a width that is not known");
  }
  return {Pipe::alu, [=, o = instruction.operands](Execution& e) {
            const auto extend = [=](std::uint32_t value) {
              const auto shifted = static_cast<std::int32_t>(value << (32 - width));
              return static_cast<std::uint32_t>(shifted >> (32 - width));
            };
            e.warp.write(o[0], map_lanes<std::uint32_t>(extend, e.warp.bits(o[1])), e.mask);
          }};
}

}  // namespace

std::span<const NamedBinder> integer_operations() {
  static constexpr NamedBinder binders[] = {
      {"IADD3", bind_integer_sum}, {"VIADD", bind_integer_pair}, {"IMAD", bind_integer_product},
      {"LEA", bind_shifted_add},   {"SHF", bind_funnel_shift},   {"SGXT", bind_sign_extension}};
  return binders;
}

}  // namespace polyak::model
