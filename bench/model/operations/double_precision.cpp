// Arithmetic in double precision: operands are pairs of registers.
#include <cmath>

#include "model/operation.hpp"
#include "model/operations/rounding.hpp"

namespace polyak::model {
namespace {

constexpr int double_latency = 8;

template <class Function>
Operation of_two_doubles(const Instruction& instruction, const Function& function) {
  Modifiers modifiers(instruction);
  const int rounding = take_rounding(modifiers);
  modifiers.expect_none();
  expect_operands(instruction, 3);
  return {Pipe::fp64,
          [=, o = instruction.operands](Execution& e) {
            e.warp.write_wide(
                o[0],
                map_rounded<double>(rounding, function, e.warp.doubles(o[1]), e.warp.doubles(o[2])),
                e.mask);
          },
          double_latency};
}

Operation bind_double_sum(const Instruction& instruction) {
  return of_two_doubles(instruction, [](double a, double b) { return a + b; });
}
Operation bind_double_product(const Instruction& instruction) {
  return of_two_doubles(instruction, [](double a, double b) { return a * b; });
}

Operation bind_double_fused(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  const int rounding = take_rounding(modifiers);
  modifiers.expect_none();
  expect_operands(instruction, 4);
  return {Pipe::fp64,
          [=, o = instruction.operands](Execution& e) {
            const auto values = map_rounded<double>(
                rounding, [](double a, double b, double c) { return std::fma(a, b, c); },
                e.warp.doubles(o[1]), e.warp.doubles(o[2]), e.warp.doubles(o[3]));
            e.warp.write_wide(o[0], values, e.mask);
          },
          double_latency};
}

}  // namespace

std::span<const NamedBinder> double_precision_operations() {
  static constexpr NamedBinder binders[] = {
      {"DADD", bind_double_sum}, {"DMUL", bind_double_product}, {"DFMA", bind_double_fused}};
  return binders;
}

}  // namespace polyak::model
