// A share of a population that another process trains.
#pragma once

#include <memory>

#include "backend/remote/peer.hpp"
#include "backend/sharded/shares.hpp"

namespace polyak {

/// The process's place among a training's others. Which device and how many threads it has, it
/// decides itself.
ShardPlace remote_place(std::shared_ptr<Peer> peer, const Config& config);

}  // namespace polyak
