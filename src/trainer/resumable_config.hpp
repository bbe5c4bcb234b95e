// What may be another in a training that goes on.
#pragma once

#include "polyak/config.hpp"

namespace polyak {

/// UsageError unless a training with the configuration `saved` may go on with `wanted`: it names
/// the option that would have changed what was done so far.
void require_resumable(const Config& saved, const Config& wanted);

/// `saved` as `execution` runs it: on its device and engine, with its threads.
Config executed_as(Config saved, const Config& execution);

}  // namespace polyak
