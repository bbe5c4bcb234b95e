// Operands as nvdisasm writes them.
#pragma once

#include <string_view>
#include <vector>

#include "model/instruction.hpp"

namespace polyak::model {

/// One operand: "R7", "-R3.reuse", "!PT", "c[0x0][R2+0x28]", "desc[UR4][R2.64+0x8]", "0x3f", "1.5".
/// A label keeps its name. ModelError if it is none of those that the model knows.
Operand parse_operand(std::string_view text);

/// What stands between an instruction's commas, brackets and parentheses aside.
std::vector<std::string_view> split_operands(std::string_view text);

/// Without spaces at both ends.
std::string_view trimmed(std::string_view text);

}  // namespace polyak::model
