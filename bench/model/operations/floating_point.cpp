// Arithmetic in single precision.
#include <cmath>

#include "model/operation.hpp"
#include "model/operations/rounding.hpp"

namespace polyak::model {
namespace {

/// Reads an operand, flushed where the instruction says so.
struct FloatReader {
  bool flushes;
  PerLane<float> operator()(const Warp& warp, const Operand& operand) const {
    const PerLane<float> values = warp.floats(operand);
    return flushes ? map_lanes<float>(flushed, values) : values;
  }
  PerLane<float> result(const PerLane<float>& values) const {
    return flushes ? map_lanes<float>(flushed, values) : values;
  }
};

/// An operation of two or three numbers: the first operand is the result.
template <class Function>
Operation arithmetic(const Instruction& instruction, std::size_t sources,
                     const Function& function) {
  Modifiers modifiers(instruction);
  const int rounding = take_rounding(modifiers);
  const FloatReader read{modifiers.take("FTZ")};
  modifiers.expect_none();
  expect_operands(instruction, sources + 1);
  const auto& o = instruction.operands;
  if (sources == 2) {
    return {Pipe::fma, [=](Execution& e) {
              const auto values = map_rounded<float>(
                  rounding, [&](float a, float b) { return function(a, b, 0.0f); },
                  read(e.warp, o[1]), read(e.warp, o[2]));
              e.warp.write(o[0], read.result(values), e.mask);
            }};
  }
  return {Pipe::fma, [=](Execution& e) {
            const auto values = map_rounded<float>(rounding, function, read(e.warp, o[1]),
                                                   read(e.warp, o[2]), read(e.warp, o[3]));
            e.warp.write(o[0], read.result(values), e.mask);
          }};
}

Operation bind_float_fused(const Instruction& instruction) {
  return arithmetic(instruction, 3, [](float a, float b, float c) { return std::fma(a, b, c); });
}
Operation bind_float_sum(const Instruction& instruction) {
  return arithmetic(instruction, 2, [](float a, float b, float) { return a + b; });
}
Operation bind_float_product(const Instruction& instruction) {
  return arithmetic(instruction, 2, [](float a, float b, float) { return a * b; });
}

Operation bind_float_minimum(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  const bool keeps_nan = modifiers.take("NAN");
  const FloatReader read{modifiers.take("FTZ")};
  modifiers.expect_none();
  expect_operands(instruction, 4);
  const auto choose = [keeps_nan](float a, float b, bool smaller) {
    if (keeps_nan && (std::isnan(a) || std::isnan(b))) return std::nanf("");
    return smaller ? std::fmin(a, b) : std::fmax(a, b);
  };
  return {Pipe::alu, [=, o = instruction.operands](Execution& e) {
            const PerLane<float> a = read(e.warp, o[1]), b = read(e.warp, o[2]);
            const Mask smaller = e.warp.predicate(o[3]);
            PerLane<float> values{};
            for_each_lane(e.mask, [&](std::size_t lane) {
              values[lane] = choose(a[lane], b[lane], (smaller >> lane & 1) != 0);
            });
            e.warp.write(o[0], values, e.mask);
          }};
}

/// What the special function unit gives for the upper half of a double.
template <class Function>
Operation upper_half_of_double(const Instruction& instruction, const Function& function) {
  return {
      Pipe::special_functions,
      [=, o = instruction.operands](Execution& e) {
        const auto source = o[1].kind == OperandKind::immediate
                                ? map_lanes<std::uint32_t>(
                                      [](double value) {
                                        return static_cast<std::uint32_t>(
                                            std::bit_cast<std::uint64_t>(value) >> 32);
                                      },
                                      e.warp.doubles(o[1]))
                                : e.warp.bits(o[1]);
        const auto values = map_lanes<std::uint32_t>(
            [&](std::uint32_t high) {
              const double x = std::bit_cast<double>(static_cast<std::uint64_t>(high) << 32);
              return static_cast<std::uint32_t>(std::bit_cast<std::uint64_t>(function(x)) >> 32);
            },
            source);
        e.warp.write(o[0], values, e.mask);
      },
      40};
}

template <class Function>
Operation special_function(const Instruction& instruction, const Function& function) {
  return {Pipe::special_functions,
          [=, o = instruction.operands](Execution& e) {
            e.warp.write(o[0], map_lanes<float>(function, e.warp.floats(o[1])), e.mask);
          },
          20};
}

/// The unit approximates; the model takes the exact value, from which what refines it ends at the
/// same number.
Operation bind_special(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  const std::string name = modifiers.take_first();
  modifiers.expect_none();
  expect_operands(instruction, 2);
  const auto make = [&](float (*function)(float)) {
    return special_function(instruction, function);
  };
  if (name == "RCP") return make([](float x) { return 1.0f / x; });
  if (name == "RSQ") return make([](float x) { return 1.0f / std::sqrt(x); });
  if (name == "SQRT") return make([](float x) { return std::sqrt(x); });
  if (name == "EX2") return make([](float x) { return std::exp2(x); });
  if (name == "LG2") return make([](float x) { return std::log2(x); });
  if (name == "TANH") return make([](float x) { return std::tanh(x); });
  if (name == "RCP64H") {
    return upper_half_of_double(instruction, [](double x) { return 1.0 / x; });
  }
  if (name == "RSQ64H") {
    return upper_half_of_double(instruction, [](double x) { return 1.0 / std::sqrt(x); });
  }
  throw ModelError("unknown modifier " + name);
}

/// Whether a / b needs more than the fast sequence: where something in it would leave the range of
/// normal numbers.
bool needs_slow_division(float a, float b) {
  const float quotient = a / b, largest = 1e37f, least = 1e-36f;
  const bool odd_divisor = b == 0.0f || std::fabs(b) < 1.0f / largest || std::fabs(b) > largest;
  return !std::isfinite(quotient) || odd_divisor || std::fabs(a) < 10.0f * least ||
         (quotient != 0.0f && std::fabs(quotient) < least);
}

Operation bind_check_division(const Instruction& instruction) {
  Modifiers(instruction).expect_none();
  expect_operands(instruction, 3);
  return {Pipe::special_functions,
          [o = instruction.operands](Execution& e) {
            e.warp.write_predicate(
                o[0], mask_lanes(needs_slow_division, e.warp.floats(o[1]), e.warp.floats(o[2])),
                e.mask);
          },
          20};
}

/// The compiler's way to set a register on the FMA pipe: -0 * 0 + two halves of an immediate, which
/// are next to each other in the encoding.
Operation bind_half_constant(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  modifiers.ignore({"MMA"});
  modifiers.expect_none();
  expect_operands(instruction, 5);
  const auto& o = instruction.operands;
  const bool sets_constant = o[1].index == zero_register && o[2].index == zero_register &&
                             o[3].kind == OperandKind::immediate;
  if (!sets_constant) throw ModelError("other than the setting of a constant");
  return {Pipe::fma_heavy, [to = o[0], bits = instruction.immediate_bits](Execution& e) {
            Lanes values;
            values.fill(bits);
            e.warp.write(to, values, e.mask);
          }};
}

}  // namespace

std::span<const NamedBinder> floating_point_operations() {
  static constexpr NamedBinder binders[] = {
      {"FFMA", bind_float_fused},    {"FADD", bind_float_sum}, {"FMUL", bind_float_product},
      {"FMNMX", bind_float_minimum}, {"MUFU", bind_special},   {"FCHK", bind_check_division},
      {"HFMA2", bind_half_constant}};
  return binders;
}

}  // namespace polyak::model
