// Configurations for the devices that bench and compare choose.
#include "app/options/device_choices.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

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

TEST(BenchDevices, ADeviceIsNamedOnce) {
  for (const auto& words : {std::vector<std::string>{"cpu:2", "cpu:2"}, {"cuda:0", "cuda"}}) {
    EXPECT_THAT([&] { parse_device_choices(words); },
                testing::ThrowsMessage<UsageError>(testing::HasSubstr("is there twice")));
  }
  EXPECT_EQ(parse_device_choices(std::vector<std::string>{"cpu", "cpu:2"}).size(), 2u);
}

TEST(BenchDevices, AGpuThatIsNotThereIsRefusedByName) {
  for (const std::string word : {"cuda:99", "cuda:1x", "gpu"}) {
    EXPECT_THAT([&] { parse_device_choices(std::vector{word}); },
                testing::ThrowsMessage<UsageError>(testing::HasSubstr(word)));
  }
}

TEST(BenchDevices, OptionsOfTheGpuNeedAGpuAmongTheDevices) {
  const DeviceChoice cpu{"cpu", DeviceKind::cpu, 0}, gpu{"cuda", DeviceKind::cuda, 0};
  EXPECT_NO_THROW(check_gpu_options(gpu_config(), std::array{cpu, gpu}));
  EXPECT_NO_THROW(check_gpu_options(Config{}, std::array{cpu}));
  EXPECT_THROW(check_gpu_options(gpu_config(), std::array{cpu}), UsageError);
}

}  // namespace
}  // namespace polyak
