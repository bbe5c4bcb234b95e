// Several processes of one training on one machine.
#pragma once

#include "polyak/config.hpp"

namespace polyak {

/// What one of them has of the machine.
struct MachineShare {
  int index = 0;      // among those on this machine
  int processes = 1;  // that are on it
  int threads = 0;    // for the CPU, unless a configuration says how many; 0: all cores
};

/// A share of the agents as it is trained there: with the GPU of this index, counted round, or with
/// its threads. UsageError for a GPU that is not there, or for one number for several processes.
Config on_machine(Config share, const MachineShare& machine);

/// RunError with the bytes needed and available if such a share does not fit; on the CPU, beside
/// those of the other processes.
void require_memory_on_machine(const Config& share, const MachineShare& machine);

}  // namespace polyak
