// The parts of a kernel: which function of kernels/fused an instruction belongs to.
#pragma once

#include <string>
#include <vector>

#include "model/instruction.hpp"

namespace polyak::model {

struct Stages {
  std::vector<std::string> names;
  std::vector<std::size_t> of_instruction;  // indices of names
};

/// The innermost function that is the engine's own and no building block of others (products,
/// tiles, ...), else the outermost one, from the source files that the listing names. Which
/// function called it is not asked: of equal code inlined in two places the compiler's line tables
/// name only one.
Stages find_stages(const Program& program);

}  // namespace polyak::model
