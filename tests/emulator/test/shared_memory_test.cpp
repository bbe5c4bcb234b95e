#include "emulator/test/kernels/kernels.cuh"
#include "emulator/test/launch_helpers.hpp"

namespace polyak::emulator_tests {
namespace {

TEST(SharedMemory, StaticReadsAsNotANumberBeforeItIsWritten) {
  const ScopedOptions restore;
  const DeviceArray<float> out(32);
  for (const std::uint16_t poison : poisons) {
    options().poison = poison;
    run({dim3(1), dim3(32)}, bug_uninitialised_static, out.data());
    EXPECT_EQ(out.read()[30], 1.0f);
    EXPECT_TRUE(std::isnan(out.read()[31]));
    EXPECT_EQ(std::signbit(out.read()[31]), poison == 0xFFFF);
  }
}

TEST(SharedMemory, DynamicReadsAsNotANumberBeforeItIsWritten) {
  const ScopedOptions restore;
  const DeviceArray<float> out(32);
  for (const std::uint16_t poison : poisons) {
    options().poison = poison;
    run(LaunchShape(dim3(1), dim3(32)).shared(128), bug_uninitialised_dynamic, out.data());
    EXPECT_EQ(out.read()[30], 1.0f);
    EXPECT_TRUE(std::isnan(out.read()[31]));
    EXPECT_EQ(std::signbit(out.read()[31]), poison == 0xFFFF);
  }
}

TEST(SharedMemory, VariablesDoNotOverlap) {
  const DeviceArray<float> out(32);
  run({dim3(1), dim3(32)}, write_static_shared, out.data(), 0u);
  EXPECT_EQ(out.read(), std::vector<float>(32, 1.0f));
}

TEST(SharedMemory, MissingBarrierShowsInTheBits) {
  const DeviceArray<float> out(64);
  const auto results_of = [&](void (*kernel)(float*), unsigned threads) {
    check(cudaMemset(out.data(), 0, out.bytes()));
    return distinct_results([&] {
      run({dim3(1), dim3(threads)}, kernel, out.data());
      return out.read();
    });
  };
  EXPECT_GE(results_of(bug_missing_barrier_before_read, 64), 2u);
  EXPECT_GE(results_of(bug_missing_barrier_before_write, 64), 2u);
  EXPECT_GE(results_of(bug_missing_syncwarp, 32), 2u);
}

TEST(SharedMemory, RefusesMoreThanTheDefaultWithoutOptIn) {
  const DeviceArray<float> out(1);
  LaunchShape shape = LaunchShape(dim3(1), dim3(1)).shared((48 << 10) + 1);
  EXPECT_EQ(cudaLaunchKernelEx(shape.config(), write_dynamic_shared, out.data(), 0u),
            cudaErrorInvalidValue);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidValue);
}

TEST(SharedMemory, AllowsTheLargestSizeAfterOptIn) {
  constexpr int kLargest = 227 << 10;
  EXPECT_EQ(
      cudaFuncSetAttribute(row_linear, cudaFuncAttributeMaxDynamicSharedMemorySize, kLargest + 1),
      cudaErrorInvalidValue);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidValue);
  check(cudaFuncSetAttribute(row_linear, cudaFuncAttributeMaxDynamicSharedMemorySize, kLargest));
  const DeviceArray<float> ones(std::vector<float>(4, 1.0f));
  const DeviceArray<float> y(1);
  run(LaunchShape(dim3(1), dim3(2)).shared(kLargest), row_linear, ones.data(), ones.data(),
      ones.data(), y.data(), 4, 1);
  EXPECT_EQ(y.read()[0], 5.0f);
}

TEST(SharedMemory, AddsStaticAndDynamic) {
  const DeviceArray<float> out(8);
  LaunchShape shape = LaunchShape(dim3(1), dim3(8)).shared(9 << 10);
  expect_kernel_error([&] { run(shape, use_much_static_shared, out.data()); },
                      {"more static and dynamic shared memory than the kernel has opted in to"});
  run({dim3(1), dim3(8)}, use_much_static_shared, out.data());
  // From now on the runtime knows the kernel's static size.
  EXPECT_EQ(cudaLaunchKernelEx(shape.config(), use_much_static_shared, out.data()),
            cudaErrorInvalidValue);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidValue);
  check(cudaFuncSetAttribute(use_much_static_shared, cudaFuncAttributeMaxDynamicSharedMemorySize,
                             9 << 10));
  run(shape, use_much_static_shared, out.data());
  cudaFuncAttributes attributes{};
  check(cudaFuncGetAttributes(&attributes, use_much_static_shared));
  EXPECT_EQ(attributes.sharedSizeBytes, 40u << 10);
  EXPECT_EQ(attributes.maxDynamicSharedSizeBytes, 9 << 10);
}

}  // namespace
}  // namespace polyak::emulator_tests
