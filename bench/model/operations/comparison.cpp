// Comparisons, whose results are predicates.
#include <cmath>
#include <compare>
#include <optional>

#include "model/operation.hpp"
#include "model/operations/modifiers.hpp"

namespace polyak::model {
namespace {

/// For which outcomes of a comparison the result is true.
struct Relation {
  bool less, equal, greater, unordered;

  constexpr bool holds(std::partial_ordering order) const {
    if (order == std::partial_ordering::less) return less;
    if (order == std::partial_ordering::greater) return greater;
    return order == std::partial_ordering::equivalent ? equal : unordered;
  }
};
struct NamedRelation {
  std::string_view name;
  Relation relation;
};
constexpr NamedRelation relations[] = {
    {"LT", {true, false, false, false}}, {"EQ", {false, true, false, false}},
    {"LE", {true, true, false, false}},  {"GT", {false, false, true, false}},
    {"NE", {true, false, true, false}},  {"GE", {false, true, true, false}},
    {"LTU", {true, false, false, true}}, {"EQU", {false, true, false, true}},
    {"LEU", {true, true, false, true}},  {"GTU", {false, false, true, true}},
    {"NEU", {true, false, true, true}},  {"GEU", {false, true, true, true}},
    {"NUM", {true, true, true, false}},  {"NAN", {false, false, false, true}}};

Relation take_relation(Modifiers& modifiers) {
  for (const NamedRelation& named : relations) {
    if (modifiers.take(named.name)) return named.relation;
  }
  throw ModelError("no relation that the model knows");
}

enum class Combination { both, either, exactly_one };
Combination take_combination(Modifiers& modifiers) {
  if (modifiers.take("AND")) return Combination::both;
  if (modifiers.take("OR")) return Combination::either;
  if (modifiers.take("XOR")) return Combination::exactly_one;
  throw ModelError("neither AND, OR nor XOR");
}
Mask combined(Combination combination, Mask a, Mask b) {
  switch (combination) {
    case Combination::both:
      return a & b;
    case Combination::either:
      return a | b;
    default:
      return a ^ b;
  }
}

/// The first operand gets the comparison's result, the second that of its opposite, each combined
/// with the predicate of number `with`.
void write_results(Execution& e, const std::vector<Operand>& o, std::size_t with,
                   Combination combination, Mask result) {
  const Mask other = e.warp.predicate(o[with]);
  e.warp.write_predicate(o[0], combined(combination, result, other), e.mask);
  e.warp.write_predicate(o[1], combined(combination, ~result, other), e.mask);
}

template <class T>
Mask compare(const Relation& relation, const PerLane<T>& a, const PerLane<T>& b) {
  return mask_lanes([&](T x, T y) { return relation.holds(x <=> y); }, a, b);
}

Mask compare_integers(const Relation& relation, const Lanes& a, const Lanes& b, bool is_unsigned) {
  if (is_unsigned) return compare(relation, a, b);
  return compare(relation, std::bit_cast<PerLane<std::int32_t>>(a),
                 std::bit_cast<PerLane<std::int32_t>>(b));
}

Operation bind_integer_comparison(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  const bool is_unsigned = modifiers.take("U32"), extends = modifiers.take("EX");
  const Relation relation = take_relation(modifiers);
  const Combination combination = take_combination(modifiers);
  modifiers.expect_none();
  expect_operands(instruction, extends ? 6 : 5);
  if (!extends) {
    return {Pipe::alu, [=, o = instruction.operands](Execution& e) {
              const Mask result = compare_integers(relation, e.warp.integers(o[2]),
                                                   e.warp.integers(o[3]), is_unsigned);
              write_results(e, o, 4, combination, result);
            }};
  }
  // Upper words: where they are equal, the comparison of the lower ones decides.
  const Relation strict{relation.less, false, relation.greater, false};
  const Relation equal{false, true, false, false};
  return {Pipe::alu, [=, o = instruction.operands](Execution& e) {
            const Lanes a = e.warp.integers(o[2]), b = e.warp.integers(o[3]);
            const Mask result =
                compare_integers(strict, a, b, is_unsigned) |
                (compare_integers(equal, a, b, is_unsigned) & e.warp.predicate(o[5]));
            write_results(e, o, 4, combination, result);
          }};
}

Operation bind_float_comparison(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  modifiers.ignore({"FTZ"});  // subnormal numbers next to zero are not what is compared
  const Relation relation = take_relation(modifiers);
  const Combination combination = take_combination(modifiers);
  modifiers.expect_none();
  expect_operands(instruction, 5);
  return {Pipe::alu, [=, o = instruction.operands](Execution& e) {
            write_results(e, o, 4, combination,
                          compare(relation, e.warp.floats(o[2]), e.warp.floats(o[3])));
          }};
}

Operation bind_double_comparison(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  const Relation relation = take_relation(modifiers);
  const Combination combination = take_combination(modifiers);
  modifiers.expect_none();
  expect_operands(instruction, 5);
  return {Pipe::fp64,
          [=, o = instruction.operands](Execution& e) {
            write_results(e, o, 4, combination,
                          compare(relation, e.warp.doubles(o[2]), e.warp.doubles(o[3])));
          },
          8};
}

/// The result as a number: 1.0 or 0.
Operation bind_comparison_to_number(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  if (!modifiers.take("BF")) throw ModelError("a result that is no float");
  const Relation relation = take_relation(modifiers);
  const Combination combination = take_combination(modifiers);
  modifiers.expect_none();
  expect_operands(instruction, 4);
  return {Pipe::alu, [=, o = instruction.operands](Execution& e) {
            const Mask result =
                combined(combination, compare(relation, e.warp.floats(o[1]), e.warp.floats(o[2])),
                         e.warp.predicate(o[3]));
            PerLane<float> values{};
            for_each_lane(result, [&](std::size_t lane) { values[lane] = 1.0f; });
            e.warp.write(o[0], values, e.mask);
          }};
}

/// Whether any active lane, or all, say yes.
Operation bind_vote(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  const bool any = modifiers.take("ANY"), all = modifiers.take("ALL");
  modifiers.expect_none();
  expect_operands(instruction, 2);
  if (any == all || instruction.operands.size() > 2) throw ModelError("a vote that is not known");
  return {Pipe::none, [=, o = instruction.operands](Execution& e) {
            const Mask yes = e.warp.predicate(o[1]) & e.mask;
            const bool carried = any ? yes != 0 : yes == e.mask;
            e.warp.write_predicate(o[0], carried ? all_lanes : 0, e.mask);
          }};
}

}  // namespace

std::span<const NamedBinder> comparison_operations() {
  static constexpr NamedBinder binders[] = {{"VOTE", bind_vote},
                                            {"VOTEU", bind_vote},
                                            {"ISETP", bind_integer_comparison},
                                            {"FSETP", bind_float_comparison},
                                            {"DSETP", bind_double_comparison},
                                            {"FSET", bind_comparison_to_number}};
  return binders;
}

}  // namespace polyak::model
