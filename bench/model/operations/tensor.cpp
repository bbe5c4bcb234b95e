// Matrix products of a warp.
#include "model/operation.hpp"
#include "model/operations/modifiers.hpp"

namespace polyak::model {
namespace {

constexpr int rows = 16, columns = 8, depth = 8;

float element(const Warp& warp, const Operand& operand, int number, std::size_t lane) {
  if (operand.index == zero_register) return 0.0f;
  return std::bit_cast<float>(warp.vector_register(operand.index + number)[lane]);
}

/// D [16, 8] = A [16, 8] B [8, 8] + C in tf32, whose factors the hardware cuts off at 10 bits of
/// fraction. Lane 4 g + q has rows g and g + 8; of A and B the depths q and q + 4, of C and D the
/// columns 2 q and 2 q + 1.
void multiply_tf32(Execution& e, const std::vector<Operand>& o) {
  const auto cut = [](float value) {
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) & 0xffffe000u);
  };
  float a[rows][depth], b[depth][columns], c[rows][columns];
  for (std::size_t lane = 0; lane < warp_lanes; ++lane) {
    const std::size_t group = lane / 4, quarter = lane % 4;
    for (int i = 0; i < 4; ++i) {
      const std::size_t row = group + (i % 2 != 0 ? 8 : 0), k = quarter + (i / 2 != 0 ? 4 : 0);
      a[row][k] = cut(element(e.warp, o[1], i, lane));
      const std::size_t out_row = group + (i / 2 != 0 ? 8 : 0);
      c[out_row][2 * quarter + static_cast<std::size_t>(i % 2)] = element(e.warp, o[3], i, lane);
    }
    b[quarter][group] = cut(element(e.warp, o[2], 0, lane));
    b[quarter + 4][group] = cut(element(e.warp, o[2], 1, lane));
  }
  for (auto& row : c) {
    const auto index = &row - c;
    for (int column = 0; column < columns; ++column) {
      for (int k = 0; k < depth; ++k) row[column] += a[index][k] * b[k][column];
    }
  }
  for (std::size_t lane = 0; lane < warp_lanes; ++lane) {
    for (int i = 0; i < 4; ++i) {
      const std::size_t row = lane / 4 + (i / 2 != 0 ? 8 : 0);
      const std::size_t column = 2 * (lane % 4) + static_cast<std::size_t>(i % 2);
      e.warp.vector_register(o[0].index + i)[lane] = std::bit_cast<std::uint32_t>(c[row][column]);
    }
  }
}

Operation bind_matrix_product(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  const bool is_tf32 = modifiers.take("1688") && modifiers.take("F32") && modifiers.take("TF32");
  modifiers.expect_none();
  expect_operands(instruction, 4);
  if (!is_tf32) throw ModelError("a product other than m16n8k8 of tf32");
  return {Pipe::tensor,
          [o = instruction.operands](Execution& e) {
            if (e.mask != all_lanes) throw ModelError("a product of a part of the warp");
            multiply_tf32(e, o);
          },
          18};
}

}  // namespace

std::span<const NamedBinder> tensor_operations() {
  static constexpr NamedBinder binders[] = {{"HMMA", bind_matrix_product}};
  return binders;
}

}  // namespace polyak::model
