// A population in shares that are trained at the same time, each by a back end of its own: on every
// GPU of a machine, or by several processes. Agents do not know of each other, so each has the bits
// that it would have in any other share.
#pragma once

#include <memory>
#include <vector>

#include "backend/backend.hpp"
#include "backend/sharded/shares.hpp"

namespace polyak {

/// A training of shares_at(config, places). None is made before all are known to fit. A single one
/// is what its place makes.
std::unique_ptr<Backend> make_sharded_backend(const Config& config, std::vector<ShardPlace> places);

}  // namespace polyak
