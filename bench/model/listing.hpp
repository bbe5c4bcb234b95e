// Reads kernels out of a listing: nvdisasm -gi -hex -c FILE.cubin
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "model/instruction.hpp"

namespace polyak::model {

/// The listing has no kernel of that name.
struct NoKernel : UsageError {
  using UsageError::UsageError;
};

/// The first kernel of the listing whose (mangled) name contains all of `parts`. NoKernel if
/// there is none, UsageError, naming the line, if it cannot be read.
Program read_listing(std::istream& listing, const std::vector<std::string>& parts);

/// One instruction from its text and the two words of its encoding. Labels stay names.
Instruction parse_instruction(std::string_view text, std::uint64_t low_word,
                              std::uint64_t high_word);

}  // namespace polyak::model
