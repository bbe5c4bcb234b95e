// The process that trains a share of another one's agents.
#pragma once

#include "backend/remote/channel.hpp"
#include "backend/remote/machine_share.hpp"

namespace polyak {

/// Does what comes through the channel until the other process says stop. What goes wrong on the
/// way is an answer; RunError if the other process cannot be reached.
void serve_backend(Channel& channel, const MachineShare& machine);

}  // namespace polyak
