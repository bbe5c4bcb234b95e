// How much memory of this machine the process may still have.
#pragma once

#include <cstdint>
#include <filesystem>

namespace polyak {

struct HostMemory {
  std::int64_t total;      // bytes: the machine's, or the container's if it may have less
  std::int64_t available;  // bytes; the largest number there is where nothing is known
};

/// The least of what the machine has available, what the limits of the control groups that the
/// process is in leave, and what RLIMIT_AS leaves.
HostMemory host_memory();

/// The first two, as the files under `root` say: proc/meminfo, proc/self/cgroup, sys/fs/cgroup
/// (version 2, or version 1's memory controller).
HostMemory machine_memory(const std::filesystem::path& root);

}  // namespace polyak
