#include "backend/checks/host_memory.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace polyak {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max();

/// The number that follows `name` in a file of lines "name number ...".
std::optional<std::int64_t> named_number(const fs::path& path, std::string_view wanted) {
  std::ifstream file(path);
  std::string name, rest;
  for (std::int64_t value = 0; file >> name >> value; std::getline(file, rest)) {
    if (name == wanted) return value;
  }
  return {};
}

/// The one number in a file; nothing where there is no such file, or a word such as "max" in it.
std::optional<std::int64_t> only_number(const fs::path& path) {
  std::ifstream file(path);
  std::int64_t value = 0;
  if (!(file >> value)) return {};
  return value;
}

/// How a version of control groups calls its files.
struct GroupFiles {
  const char* limit;
  const char* usage;
  const char* reclaimable;  // in memory.stat: cached files that the kernel drops when it has to
};
constexpr GroupFiles version_1 = {"memory.limit_in_bytes", "memory.usage_in_bytes",
                                  "total_inactive_file"};
constexpr GroupFiles version_2 = {"memory.max", "memory.current", "inactive_file"};

/// Lowers `memory` to what one group allows.
void apply_group(const fs::path& group, const GroupFiles& files, HostMemory& memory) {
  const std::optional<std::int64_t> limit = only_number(group / files.limit);
  if (!limit) return;
  const std::int64_t usage = only_number(group / files.usage).value_or(0);
  const std::int64_t cached = named_number(group / "memory.stat", files.reclaimable).value_or(0);
  const std::int64_t in_use = std::clamp<std::int64_t>(usage - cached, 0, *limit);
  memory.total = std::min(memory.total, *limit);
  memory.available = std::min(memory.available, *limit - in_use);
}

/// The same with a group and all that it lies in, up to `mount`. Inside a container a path may be
/// one that only the host sees; then the container's own group is what is mounted.
void apply_groups(const fs::path& mount, const fs::path& path, const GroupFiles& files,
                  HostMemory& memory) {
  for (fs::path group = path.relative_path(); !group.empty(); group = group.parent_path()) {
    apply_group(mount / group, files, memory);
  }
  apply_group(mount, files, memory);
}

bool has_memory_controller(const std::string& controllers) {
  return ("," + controllers + ",").find(",memory,") != std::string::npos;
}

/// What is left of the process's address space.
std::int64_t address_space_left() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return unlimited;
  const std::int64_t pages = only_number("/proc/self/statm").value_or(0);
  const auto most =
      static_cast<std::int64_t>(std::min<rlim_t>(limit.rlim_cur, static_cast<rlim_t>(unlimited)));
  return std::max<std::int64_t>(0, most - pages * ::sysconf(_SC_PAGESIZE));
}

}  // namespace

HostMemory machine_memory(const fs::path& root) {
  constexpr std::int64_t kibibyte = 1024;
  const auto from_kibibytes = [&](std::string_view name) {
    const std::optional<std::int64_t> value = named_number(root / "proc/meminfo", name);
    return value ? *value * kibibyte : unlimited;
  };
  HostMemory memory{from_kibibytes("MemTotal:"), from_kibibytes("MemAvailable:")};
  // Lines "hierarchy:controllers:path"; of version 2 the controllers are empty.
  std::ifstream file(root / "proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const fs::path path = line.substr(second + 1), mount = root / "sys/fs/cgroup";
    if (controllers.empty()) apply_groups(mount, path, version_2, memory);
    if (has_memory_controller(controllers)) apply_groups(mount / "memory", path, version_1, memory);
  }
  return memory;
}

HostMemory host_memory() {
  HostMemory memory = machine_memory("/");
  memory.available = std::min(memory.available, address_space_left());
  return memory;
}

}  // namespace polyak
