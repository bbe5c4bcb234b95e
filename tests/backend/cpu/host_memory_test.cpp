// The memory that control groups leave, from trees of files such as the kernel shows.
#include "backend/checks/host_memory.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <limits>
#include <string>

#include "io/temporary_directory.hpp"

namespace polyak {
namespace {

constexpr std::int64_t gibibyte = std::int64_t{1} << 30;

class MachineMemory : public testing::Test {
 protected:
  MachineMemory() {
    write(
        "proc/meminfo",
        "MemTotal:       16777216 kB\nMemFree:         1000000 kB\nMemAvailable:    8388608 kB\n");
  }
  void write(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories((root_ / path).parent_path());
    test::write_text(root_ / path, text);
  }
  /// One group of version 2.
  void write_group(const std::string& path, const std::string& limit, std::int64_t current) const {
    write(path + "/memory.max", limit + "\n");
    write(path + "/memory.current", std::to_string(current) + "\n");
  }
  void expect(std::int64_t total, std::int64_t available) const {
    const HostMemory memory = machine_memory(root_.path());
    EXPECT_EQ(memory.total, total);
    EXPECT_EQ(memory.available, available);
  }

  test::TemporaryDirectory root_;
};

TEST_F(MachineMemory, IsTheMachinesWithoutGroups) { expect(16 * gibibyte, 8 * gibibyte); }

TEST_F(MachineMemory, IsWithoutLimitWhereNothingSaysWhatThereIs) {
  std::filesystem::remove_all(root_ / "proc");
  constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max();
  expect(unlimited, unlimited);
}

TEST_F(MachineMemory, IsWhatTheTightestGroupOnTheWayUpLeaves) {
  write("proc/self/cgroup", "0::/system.slice/job/inner\n");
  write_group("sys/fs/cgroup/system.slice/job/inner", "max", 5);
  write_group("sys/fs/cgroup/system.slice/job", std::to_string(4 * gibibyte), gibibyte);
  write_group("sys/fs/cgroup/system.slice", std::to_string(6 * gibibyte), 4 * gibibyte);
  expect(4 * gibibyte, 2 * gibibyte);
}

TEST_F(MachineMemory, OfAContainerIsItsMountsOwn) {
  write("proc/self/cgroup", "0::/docker/0123456789abcdef\n");  // a path of the host's
  write_group("sys/fs/cgroup", std::to_string(2 * gibibyte), gibibyte / 2);
  expect(2 * gibibyte, 3 * gibibyte / 2);
  write("proc/self/cgroup", "0::/\n");  // with a name space of its own
  expect(2 * gibibyte, 3 * gibibyte / 2);
}

TEST_F(MachineMemory, CountsFilesThatTheKernelWouldDropAsAvailable) {
  write("proc/self/cgroup", "0::/job\n");
  write_group("sys/fs/cgroup/job", std::to_string(4 * gibibyte), 3 * gibibyte);
  write("sys/fs/cgroup/job/memory.stat",
        "anon 100\nactive_file 300\ninactive_file " + std::to_string(2 * gibibyte) + "\n");
  expect(4 * gibibyte, 3 * gibibyte);
}

TEST_F(MachineMemory, OfAGroupBeyondItsLimitIsNone) {
  write("proc/self/cgroup", "0::/job\n");
  write_group("sys/fs/cgroup/job", std::to_string(gibibyte), 2 * gibibyte);
  expect(gibibyte, 0);
}

TEST_F(MachineMemory, KnowsTheFirstVersionToo) {
  write("proc/self/cgroup", "12:cpu,cpuacct:/other\n4:memory:/job/inner\n1:name=systemd:/x\n");
  const std::string group = "sys/fs/cgroup/memory/job";
  write(group + "/inner/memory.limit_in_bytes", "9223372036854771712\n");  // its "no limit"
  write(group + "/inner/memory.usage_in_bytes", "1000\n");
  write(group + "/memory.limit_in_bytes", std::to_string(3 * gibibyte) + "\n");
  write(group + "/memory.usage_in_bytes", std::to_string(2 * gibibyte) + "\n");
  write(group + "/memory.stat", "inactive_file 7\ntotal_inactive_file 1073741824\n");
  expect(3 * gibibyte, 2 * gibibyte);
}

TEST_F(MachineMemory, IgnoresFilesThatSayNothing) {
  write("proc/self/cgroup", "nonsense\n0::/job\n:memory\n");
  write("sys/fs/cgroup/job/memory.max", "");
  expect(16 * gibibyte, 8 * gibibyte);
}

/// In a process of its own: lets the address space grow by so many bytes from what it is now, and
/// tells whether that is what is found.
void exit_with_address_space_of(std::int64_t bytes) {
  std::int64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const auto most = static_cast<rlim_t>(pages * ::sysconf(_SC_PAGESIZE) + bytes);
  const rlimit limit{most, most};
  const bool is_set = ::setrlimit(RLIMIT_AS, &limit) == 0;
  const std::int64_t available = host_memory().available;
  std::_Exit(is_set && available <= bytes && available > bytes / 2 ? 0 : 1);
}

TEST(HostMemory, KnowsTheLimitOfTheAddressSpace) {
  constexpr std::int64_t mebibyte = std::int64_t{1} << 20;
  EXPECT_EXIT(exit_with_address_space_of(64 * mebibyte), testing::ExitedWithCode(0), "");
}

TEST(HostMemory, IsThisMachines) {
  const HostMemory memory = host_memory();
  EXPECT_GT(memory.available, 0);
  EXPECT_LE(memory.available, memory.total);
}

}  // namespace
}  // namespace polyak
