// What the model says about an update, as text.
#pragma once

#include <iosfwd>

#include "model/instruction.hpp"
#include "model/profile.hpp"

namespace polyak::model {

/// The mean time of a warp by line of source, from the outermost to the innermost as far as `depth`
/// branchings, parts of less than `least` of all left out.
void print_stages(std::ostream& out, const Program& program, const Profile& profile,
                  const Profile::Period& period, int depth, double least);

/// Which instructions were issued, the most frequent first.
void print_instructions(std::ostream& out, const Program& program, const Profile::Period& period,
                        int multiprocessors);

}  // namespace polyak::model
