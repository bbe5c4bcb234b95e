#include <string>

#include "emulator/runtime/launch_template.hpp"
#include "emulator/test/kernels/kernels.cuh"
#include "emulator/test/launch_helpers.hpp"

namespace polyak::emulator_tests {
namespace {

TEST(Device, DescribesItself) {
  int count = 0;
  check(cudaGetDeviceCount(&count));
  EXPECT_EQ(count, 1);
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, 0));
  EXPECT_STREQ(properties.name, "Polyak emulator");
  EXPECT_EQ(properties.major, 9);
  EXPECT_EQ(properties.multiProcessorCount, options().multiprocessors);
  EXPECT_EQ(properties.sharedMemPerBlockOptin, 227u << 10);
  EXPECT_EQ(properties.totalGlobalMem, options().device_memory_bytes);
  int value = 0;
  check(cudaDeviceGetAttribute(&value, cudaDevAttrComputeCapabilityMajor, 0));
  EXPECT_EQ(value, 9);
  check(cudaDeviceGetAttribute(&value, cudaDevAttrMaxSharedMemoryPerBlockOptin, 0));
  EXPECT_EQ(value, 227 << 10);
  check(cudaRuntimeGetVersion(&value));
  EXPECT_EQ(value, CUDART_VERSION);
}

TEST(Device, ThereIsOne) {
  int device = -1;
  check(cudaGetDevice(&device));
  EXPECT_EQ(device, 0);
  check(cudaSetDevice(0));
  EXPECT_EQ(cudaSetDevice(1), cudaErrorInvalidDevice);
  cudaDeviceProp properties{};
  EXPECT_EQ(cudaGetDeviceProperties(&properties, 1), cudaErrorInvalidDevice);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidDevice);
}

TEST(Device, ThereMayBeSeveral) {
  const ScopedOptions restore;
  options().devices = 3;
  options().refused_device = 1;
  int count = 0, device = -1;
  check(cudaGetDeviceCount(&count));
  EXPECT_EQ(count, 3);
  check(cudaSetDevice(2));
  EXPECT_EQ(cudaSetDevice(1), cudaErrorDevicesUnavailable);
  EXPECT_EQ(cudaSetDevice(3), cudaErrorInvalidDevice);
  check(cudaGetDevice(&device));
  EXPECT_EQ(device, 2);
  check(cudaSetDevice(0));
  options().devices = 0;
  EXPECT_EQ(cudaGetDeviceCount(&count), cudaErrorNoDevice);
  EXPECT_EQ(cudaGetLastError(), cudaErrorNoDevice);
}

TEST(Device, KeepsTheLastErrorUntilItIsFetched) {
  EXPECT_EQ(cudaPeekAtLastError(), cudaSuccess);
  EXPECT_EQ(cudaSetDevice(1), cudaErrorInvalidDevice);
  check(cudaSetDevice(0));
  EXPECT_EQ(cudaPeekAtLastError(), cudaErrorInvalidDevice);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidDevice);
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);
  EXPECT_STREQ(cudaGetErrorName(cudaErrorMemoryAllocation), "cudaErrorMemoryAllocation");
  EXPECT_STREQ(cudaGetErrorString(cudaErrorMemoryAllocation), "out of memory");
}

TEST(Occupancy, CountsThreadsBlocksAndSharedMemory) {
  int blocks = 0;
  check(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, count_up, 256, 0));
  EXPECT_EQ(blocks, 8);
  check(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, count_up, 33, 0));
  EXPECT_EQ(blocks, 32);
  check(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, count_up, 32, 48 << 10));
  EXPECT_EQ(blocks, 4);
  check(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, count_up, 32, 100 << 10));
  EXPECT_EQ(blocks, 0) << "the kernel has not opted in to so much";
}

TEST(Occupancy, CountsClusters) {
  int clusters = 0;
  LaunchShape shape = LaunchShape(dim3(8), dim3(1024)).cluster(4);
  check(cudaOccupancyMaxActiveClusters(&clusters, count_up, shape.config()));
  EXPECT_EQ(clusters, 2 * options().multiprocessors / 4);
  LaunchShape sixteen = LaunchShape(dim3(16), dim3(1024)).cluster(16);
  EXPECT_EQ(cudaOccupancyMaxActiveClusters(&clusters, count_up, sixteen.config()),
            cudaErrorInvalidClusterSize);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidClusterSize);
  check(cudaFuncSetAttribute(count_up, cudaFuncAttributeNonPortableClusterSizeAllowed, 1));
  check(cudaOccupancyMaxActiveClusters(&clusters, count_up, sixteen.config()));
  EXPECT_EQ(clusters, 1);
}

TEST(Occupancy, KnowsTheLargestCluster) {
  const ScopedOptions restore;
  int clusters = -1;
  LaunchShape four = LaunchShape(dim3(4), dim3(32)).cluster(4);
  options().largest_cluster = 4;
  check(cudaOccupancyMaxActiveClusters(&clusters, count_up, four.config()));
  EXPECT_GT(clusters, 0);
  options().largest_cluster = 2;
  EXPECT_EQ(cudaOccupancyMaxActiveClusters(&clusters, count_up, four.config()),
            cudaErrorInvalidClusterSize);
  EXPECT_EQ(cudaLaunchKernelEx(four.config(), count_up, nullptr, 0, 0.0f),
            cudaErrorInvalidClusterSize);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidClusterSize);
}

TEST(Launch, RefusesShapesThatNoDeviceTakes) {
  for (const auto& [grid, block] :
       {std::pair(dim3(1), dim3(1025)), std::pair(dim3(1), dim3(0)), std::pair(dim3(0), dim3(1)),
        std::pair(dim3(1), dim3(1, 1, 65))}) {
    LaunchShape shape(grid, block);
    EXPECT_EQ(cudaLaunchKernelEx(shape.config(), count_up, nullptr, 0, 0.0f),
              cudaErrorInvalidConfiguration);
  }
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidConfiguration);
}

TEST(Launch, RefusesAGridThatIsTooLargeAsAnInvalidValue) {
  for (const dim3 grid : {dim3(1, 65536), dim3(1, 1, 65536), dim3(1u << 31)}) {
    LaunchShape shape(grid, dim3(1));
    EXPECT_EQ(cudaLaunchKernelEx(shape.config(), count_up, nullptr, 0, 0.0f),
              cudaErrorInvalidValue);
  }
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidValue);
}

TEST(Launch, RefusesAttributesThatItWouldIgnore) {
  cudaLaunchAttribute attribute{};
  attribute.id = cudaLaunchAttributeClusterSchedulingPolicyPreference;
  cudaLaunchConfig_t config{};
  config.gridDim = dim3(1);
  config.blockDim = dim3(1);
  config.attrs = &attribute;
  config.numAttrs = 1;
  EXPECT_EQ(cudaLaunchKernelEx(&config, count_up, nullptr, 0, 0.0f), cudaErrorNotSupported);
  EXPECT_EQ(cudaGetLastError(), cudaErrorNotSupported);
}

TEST(Launch, TakesArgumentsAtTheCall) {
  const ScopedOptions restore;
  options().lazy_streams = true;
  const DeviceArray<float> out(1);
  LaunchShape shape(dim3(1), dim3(1));
  float offset = 1.0f;
  check(cudaLaunchKernelEx(shape.config(), count_up, out.data(), 1, offset));
  offset = 2.0f;
  EXPECT_EQ(out.read()[0], 1.0f);
}

TEST(Launch, KnowsTheKernelsName) {
  EXPECT_EQ(emulator::kernel_name("&config, kernel, x, y"), "kernel");
  EXPECT_EQ(emulator::kernel_name("make(1, 2), ns::kernel<4, Pair<1, 2>>, x"),
            "ns::kernel<4, Pair<1, 2>>");
  EXPECT_EQ(emulator::kernel_name("&config, kernel"), "kernel");
}

}  // namespace
}  // namespace polyak::emulator_tests
