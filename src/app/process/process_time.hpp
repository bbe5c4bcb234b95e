// How long this process has been running.
#pragma once

#include <optional>

namespace polyak {

/// Seconds since the kernel started this process, loading its libraries included, to about 10 ms;
/// none where /proc does not say.
std::optional<double> seconds_since_process_start();

}  // namespace polyak
