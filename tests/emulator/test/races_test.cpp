// Kernels with data races. Built with ThreadSanitizer each of these tests runs in a process of its
// own and passes if a race is reported; other builds only run them.

#include "emulator/test/kernels/kernels.cuh"
#include "emulator/test/launch_helpers.hpp"

namespace polyak::emulator_tests {
namespace {

TEST(Races, MissingBarrierBeforeRead) {
  const DeviceArray<float> out(64);
  run({dim3(1), dim3(64)}, bug_missing_barrier_before_read, out.data());
}

TEST(Races, MissingBarrierBeforeWrite) {
  const DeviceArray<float> out(64);
  run({dim3(1), dim3(64)}, bug_missing_barrier_before_write, out.data());
}

TEST(Races, MissingSyncwarp) {
  const DeviceArray<float> out(32);
  run({dim3(1), dim3(32)}, bug_missing_syncwarp, out.data());
}

TEST(Races, DependenceBetweenBlocks) {
  const DeviceArray<float> out(std::vector<float>(32, 0.0f));
  run({dim3(32), dim3(1)}, bug_depends_on_other_block, out.data());
}

TEST(Races, MissingGridBarrier) {
  const DeviceArray<float> x(64);
  const DeviceArray<float> out(64);
  run(LaunchShape(dim3(4), dim3(16)).cooperative(), bug_missing_grid_barrier, x.data(), out.data());
}

}  // namespace
}  // namespace polyak::emulator_tests
