// What the model says about an update, as text.
#pragma once

#include <iosfwd>

#include "model/profile.hpp"

namespace polyak::model {

/// The mean time of a warp by part of the kernel, those of less than `least` of all left out.
void print_stages(std::ostream& out, const Profile& profile, const Period& period, double least);

/// The time of the first block from barrier to barrier, with how much of what its schedulers could
/// have issued they did, how long loads and stores occupied their unit, and the part in which most
/// of the time went.
void print_phases(std::ostream& out, const Stages& stages, const Period& period);

/// Which instructions were issued, the most frequent first.
void print_instructions(std::ostream& out, const Program& program, const Period& period,
                        int multiprocessors);

}  // namespace polyak::model
