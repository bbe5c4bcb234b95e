// What `polyak info` learns about the GPUs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backend/cuda/cuda_backend.hpp"
#include "backend/cuda/device_info.hpp"

namespace polyak {
namespace {

TEST(CudaDeviceList, DescribesEveryDevice) {
  std::string absence = "overwritten";
  const std::vector<DeviceDescription> devices = list_cuda_devices(absence);
  ASSERT_FALSE(devices.empty()) << absence;
  EXPECT_EQ(absence, "");
  EXPECT_EQ(devices.front().name, cuda::device_name());
  for (const DeviceDescription& device : devices) {
    EXPECT_EQ(device.kind, DeviceKind::cuda);
    EXPECT_GT(device.memory_available, 0);
    EXPECT_LE(device.memory_available, device.memory_total);
    EXPECT_THAT(device.details, testing::Contains(testing::HasSubstr("compute capability")));
    EXPECT_THAT(device.details, testing::Contains(testing::HasSubstr("CUDA runtime")));
    EXPECT_THAT(device.details, testing::Contains(testing::HasSubstr("cuRAND")));
  }
}

TEST(CudaDeviceList, TheShortQuestionHasTheSameAnswer) {
  std::string absence;
  EXPECT_EQ(list_cuda_devices(absence).empty(), !why_no_cuda_device().empty());
  EXPECT_EQ(why_no_cuda_device(), absence);
}

}  // namespace
}  // namespace polyak
