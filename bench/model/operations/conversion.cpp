// Conversions between kinds of numbers.
#include <cfenv>
#include <cmath>
#include <limits>

#include "model/operation.hpp"
#include "model/operations/rounding.hpp"

namespace polyak::model {
namespace {

constexpr int conversion_latency = 20;

/// Which integer a register, or a pair, holds.
struct IntegerFormat {
  bool is_signed, is_wide;
};
IntegerFormat take_integer_format(Modifiers& modifiers) {
  if (modifiers.take("U64")) return {false, true};
  if (modifiers.take("S64")) return {true, true};
  if (modifiers.take("U32")) return {false, false};
  modifiers.ignore({"S32"});
  return {true, false};
}

/// The integers as 128 bits hold them all.
__extension__ using Integer = __int128;

PerLane<Integer> integers_of(const Warp& warp, const Operand& operand, IntegerFormat format) {
  if (format.is_wide) {
    return map_lanes<Integer>(
        [&](std::uint64_t value) {
          return format.is_signed ? Integer{static_cast<std::int64_t>(value)} : Integer{value};
        },
        warp.wide_bits(operand));
  }
  return map_lanes<Integer>(
      [&](std::uint32_t value) {
        return format.is_signed ? Integer{static_cast<std::int32_t>(value)} : Integer{value};
      },
      warp.integers(operand));
}

Operation bind_from_integer(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  const bool to_double = modifiers.take("F64");
  modifiers.ignore({"F32"});
  const IntegerFormat format = take_integer_format(modifiers);
  const int rounding = take_rounding(modifiers);
  modifiers.expect_none();
  expect_operands(instruction, 2);
  const bool on_alu = instruction.operation == "I2FP";
  return {on_alu ? Pipe::alu : Pipe::special_functions,
          [=, o = instruction.operands](Execution& e) {
            const auto values = integers_of(e.warp, o[1], format);
            if (to_double) {
              e.warp.write_wide(
                  o[0],
                  map_rounded<double>(
                      rounding, [](Integer value) { return static_cast<double>(value); }, values),
                  e.mask);
              return;
            }
            // Of 64 bits the conversion of the host rounds once, as it should.
            const auto convert = [&](Integer value) {
              return format.is_signed ? static_cast<float>(static_cast<std::int64_t>(value))
                                      : static_cast<float>(static_cast<std::uint64_t>(value));
            };
            e.warp.write(o[0], map_rounded<float>(rounding, convert, values), e.mask);
          },
          on_alu ? 0 : conversion_latency, false, to_double || format.is_wide};
}

double rounded_to_integer(const std::string& mode, double value) {
  if (mode == "TRUNC") return std::trunc(value);
  if (mode == "FLOOR") return std::floor(value);
  if (mode == "CEIL") return std::ceil(value);
  return std::nearbyint(value);
}
std::string take_integer_rounding(Modifiers& modifiers) {
  for (const char* mode : {"TRUNC", "FLOOR", "CEIL"}) {
    if (modifiers.take(mode)) return mode;
  }
  return "";
}

template <class To>
To saturated(double value) {
  if (std::isnan(value)) return 0;
  constexpr auto least = std::numeric_limits<To>::min(), largest = std::numeric_limits<To>::max();
  if (value <= static_cast<double>(least)) return least;
  if (value >= static_cast<double>(largest)) return largest;
  return static_cast<To>(value);
}

std::uint64_t integer_bits(double value, IntegerFormat format) {
  if (format.is_wide) {
    return format.is_signed ? static_cast<std::uint64_t>(saturated<std::int64_t>(value))
                            : saturated<std::uint64_t>(value);
  }
  return format.is_signed ? static_cast<std::uint32_t>(saturated<std::int32_t>(value))
                          : saturated<std::uint32_t>(value);
}

Operation bind_to_integer(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  modifiers.ignore({"FTZ", "NTZ"});  // subnormal numbers become 0 in any case
  const bool from_double = modifiers.take("F64");
  const IntegerFormat format = take_integer_format(modifiers);
  const std::string mode = take_integer_rounding(modifiers);
  modifiers.expect_none();
  expect_operands(instruction, 2);
  return {Pipe::special_functions,
          [=, o = instruction.operands](Execution& e) {
            const auto convert = [&](double value) {
              return integer_bits(rounded_to_integer(mode, value), format);
            };
            const auto values =
                from_double ? map_lanes<std::uint64_t>(convert, e.warp.doubles(o[1]))
                            : map_lanes<std::uint64_t>([&](float value) { return convert(value); },
                                                       e.warp.floats(o[1]));
            if (format.is_wide) return e.warp.write_wide(o[0], values, e.mask);
            e.warp.write(o[0],
                         map_lanes<std::uint32_t>(
                             [](auto value) { return static_cast<std::uint32_t>(value); }, values),
                         e.mask);
          },
          conversion_latency, false, from_double || format.is_wide};
}

Operation bind_between_floats(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  const std::string to = modifiers.take_first(), from = modifiers.take_first();
  modifiers.expect_none();
  expect_operands(instruction, 2);
  const auto& o = instruction.operands;
  if (to == "F32" && from == "F64") {
    return {Pipe::special_functions,
            [=](Execution& e) {
              e.warp.write(o[0],
                           map_lanes<float>([](double value) { return static_cast<float>(value); },
                                            e.warp.doubles(o[1])),
                           e.mask);
            },
            conversion_latency, false, true};
  }
  if (to == "F64" && from == "F32") {
    return {Pipe::special_functions,
            [=](Execution& e) {
              e.warp.write_wide(
                  o[0],
                  map_lanes<double>([](float value) { return static_cast<double>(value); },
                                    e.warp.floats(o[1])),
                  e.mask);
            },
            conversion_latency, false, true};
  }
  throw ModelError("unknown conversion");
}

Operation bind_round(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  const std::string mode = take_integer_rounding(modifiers);
  modifiers.expect_none();
  expect_operands(instruction, 2);
  return {Pipe::special_functions,
          [=, o = instruction.operands](Execution& e) {
            const auto round = [&](float value) {
              return static_cast<float>(rounded_to_integer(mode, static_cast<double>(value)));
            };
            e.warp.write(o[0], map_lanes<float>(round, e.warp.floats(o[1])), e.mask);
          },
          conversion_latency};
}

}  // namespace

std::span<const NamedBinder> conversion_operations() {
  static constexpr NamedBinder binders[] = {{"I2F", bind_from_integer},
                                            {"I2FP", bind_from_integer},
                                            {"F2I", bind_to_integer},
                                            {"F2F", bind_between_floats},
                                            {"FRND", bind_round}};
  return binders;
}

}  // namespace polyak::model
