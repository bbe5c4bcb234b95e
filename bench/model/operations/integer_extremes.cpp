// Smaller and larger ones of integers, and their sizes.
#include "model/operation.hpp"
#include "model/operations/modifiers.hpp"

namespace polyak::model {
namespace {

/// How an extreme is chosen: of signed numbers or of unsigned ones, and whether one below zero
/// becomes zero.
struct Choice {
  bool is_unsigned, is_never_negative;

  explicit Choice(Modifiers& modifiers)
      : is_unsigned(modifiers.take("U32")), is_never_negative(modifiers.take("RELU")) {}
};

/// The smaller of a and b where the predicate holds, else the larger.
Lanes chosen(const Lanes& a, const Lanes& b, Mask smaller, const Choice& choice) {
  Lanes values{};
  for (std::size_t lane = 0; lane < warp_lanes; ++lane) {
    const bool a_is_less = choice.is_unsigned ? a[lane] < b[lane]
                                              : static_cast<std::int32_t>(a[lane]) <
                                                    static_cast<std::int32_t>(b[lane]);
    values[lane] = a_is_less == ((smaller >> lane & 1) != 0) ? a[lane] : b[lane];
    if (choice.is_never_negative && values[lane] >> 31 != 0) values[lane] = 0;
  }
  return values;
}

Operation bind_integer_minimum(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  const Choice choice(modifiers);
  modifiers.ignore({"S32"});
  modifiers.expect_none();
  expect_operands(instruction, 4);
  return {Pipe::alu, [=, o = instruction.operands](Execution& e) {
            e.warp.write(o[0],
                         chosen(e.warp.integers(o[1]), e.warp.integers(o[2]),
                                e.warp.predicate(o[3]), choice),
                         e.mask);
          }};
}

Operation bind_sum_minimum(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  const Choice choice(modifiers);
  modifiers.expect_none();
  expect_operands(instruction, 5);
  return {Pipe::alu, [=, o = instruction.operands](Execution& e) {
            const Lanes sums = map_lanes<std::uint32_t>(
                [](auto a, auto b) { return a + b; }, e.warp.integers(o[1]), e.warp.integers(o[2]));
            e.warp.write(o[0], chosen(sums, e.warp.integers(o[3]), e.warp.predicate(o[4]), choice),
                         e.mask);
          }};
}

Operation bind_absolute(const Instruction& instruction) {
  Modifiers(instruction).expect_none();
  expect_operands(instruction, 2);
  return {Pipe::alu, [o = instruction.operands](Execution& e) {
            e.warp.write(
                o[0],
                map_lanes<std::uint32_t>([](std::uint32_t v) { return v >> 31 != 0 ? 0u - v : v; },
                                         e.warp.integers(o[1])),
                e.mask);
          }};
}

}  // namespace

std::span<const NamedBinder> integer_extreme_operations() {
  static constexpr NamedBinder binders[] = {{"VIMNMX", bind_integer_minimum},
                                            {"IMNMX", bind_integer_minimum},
                                            {"VIADDMNMX", bind_sum_minimum},
                                            {"IABS", bind_absolute}};
  return binders;
}

}  // namespace polyak::model
