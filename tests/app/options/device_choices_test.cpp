// Configurations for the devices that bench and compare choose.
#include "app/options/device_choices.hpp"

#include <gtest/gtest.h>

#include <array>

#include "polyak/core/error.hpp"

namespace polyak {
namespace {

Config gpu_config() {
  Config config;
  config.precision = Precision::bf16;
  config.tau = 0.5f;
  return config;
}

TEST(BenchDevices, TheCpuBesideAGpuGetsWhatItHasOfTheConfiguration) {
  const Config config = with_device(gpu_config(), {"cpu:3", DeviceKind::cpu, 3});
  EXPECT_EQ(config.precision, Precision::fp32);
  EXPECT_EQ(config.tau, PerAgent<float>(0.5f));
  EXPECT_EQ(config.threads, 3);
  EXPECT_EQ(with_device(gpu_config(), {"cuda", DeviceKind::cuda, 0}).precision, Precision::bf16);
}

TEST(BenchDevices, OptionsOfTheGpuNeedAGpuAmongTheDevices) {
  const DeviceChoice cpu{"cpu", DeviceKind::cpu, 0}, gpu{"cuda", DeviceKind::cuda, 0};
  EXPECT_NO_THROW(check_gpu_options(gpu_config(), std::array{cpu, gpu}));
  EXPECT_NO_THROW(check_gpu_options(Config{}, std::array{cpu}));
  EXPECT_THROW(check_gpu_options(gpu_config(), std::array{cpu}), UsageError);
}

}  // namespace
}  // namespace polyak
