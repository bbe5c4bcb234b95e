#include "backend/remote/machine_share.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

#include "backend/backend.hpp"
#include "config/derived.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
Config on_machine(Config share, const MachineShare& machine) {
  share.device = resolve_device(share.device);
  if (share.device == DeviceKind::cpu) {
    if (share.threads == 0) share.threads = machine.threads;
  } else if (machine.processes > 1) {
    if (share.device.gpu != 0) {
      throw UsageError("--device " + to_string(share.device) + ": " +
                       std::to_string(machine.processes) +
                       " processes are on this machine, and each takes a GPU of its own; use "
                       "--device cuda, or start one process for each machine");
    }
    share.device.gpu = machine.index % count_gpus();
  }
  return share;
}

void require_memory_on_machine(const Config& share, const MachineShare& machine) {
  Config here = on_machine(share, machine);
  // Of the host's memory all get their shares at the same time. Which GPU is whose only the driver
  // knows: what it cannot give to two, the second one is refused.
  if (here.device == DeviceKind::cpu) {
    here.agents = static_cast<int>(
        std::min<std::int64_t>(largest_population, std::int64_t{here.agents} * machine.processes));
  }
  require_local_memory(here);
}

}  // namespace polyak
