#include "emulator/runtime/memory.hpp"

#include <numeric>

#include "emulator/test/kernels/kernels.cuh"
#include "emulator/test/launch_helpers.hpp"

namespace polyak::emulator_tests {
namespace {

/// Page-locked host memory for the length of a scope.
class PinnedFloats {
 public:
  explicit PinnedFloats(std::size_t size) {
    check(cudaMallocHost(&data_, size * sizeof(float)));
    std::fill(data_, data_ + size, 0.0f);
  }
  ~PinnedFloats() { cudaFreeHost(data_); }
  PinnedFloats(const PinnedFloats&) = delete;
  PinnedFloats& operator=(const PinnedFloats&) = delete;

  float* data() const { return data_; }

 private:
  float* data_ = nullptr;
};

TEST(Memory, IsAlignedAndFilledWithNotANumber) {
  const ScopedOptions restore;
  for (const std::uint16_t poison : poisons) {
    options().poison = poison;
    const DeviceArray<float> array(3);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(array.data()) % 256, 0u);
    for (float value : array.read()) EXPECT_TRUE(std::isnan(value));
    for (double value : DeviceArray<double>(3).read()) EXPECT_TRUE(std::isnan(value));
    for (auto value : DeviceArray<std::int64_t>(3).read()) EXPECT_EQ(value < 0, poison == 0xFFFF);
    for (auto value : DeviceArray<std::int16_t>(7).read()) {
      EXPECT_EQ(static_cast<std::uint16_t>(value), poison);
    }
  }
}

TEST(Memory, RunsOutAtTheLimit) {
  const ScopedOptions restore;
  const std::size_t before = emulator::device_bytes_in_use();
  options().device_memory_bytes = before + 1000;
  {
    const DeviceArray<char> first(600);
    std::size_t free_bytes = 0;
    std::size_t total_bytes = 0;
    check(cudaMemGetInfo(&free_bytes, &total_bytes));
    EXPECT_EQ(free_bytes, 400u);
    EXPECT_EQ(total_bytes, before + 1000);
    void* second = &free_bytes;
    EXPECT_EQ(cudaMalloc(&second, 401), cudaErrorMemoryAllocation);
    EXPECT_EQ(second, nullptr);
    EXPECT_EQ(cudaGetLastError(), cudaErrorMemoryAllocation);
    EXPECT_EQ(cudaGetLastError(), cudaSuccess);
    check(cudaMalloc(&second, 400));
    check(cudaFree(second));
  }
  EXPECT_EQ(emulator::device_bytes_in_use(), before);
}

TEST(Memory, AllocatesNothingForZeroBytes) {
  void* nothing = &nothing;
  check(cudaMalloc(&nothing, 0));
  EXPECT_EQ(nothing, nullptr);
  check(cudaFree(nothing));
}

TEST(Memory, RefusesToFreeWhatItDidNotAllocate) {
  const DeviceArray<float> array(2);
  EXPECT_EQ(cudaFree(array.data() + 1), cudaErrorInvalidValue);
  int on_the_host = 0;
  EXPECT_EQ(cudaFree(&on_the_host), cudaErrorInvalidValue);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidValue);
}

TEST(Memory, CopiesInEveryDirection) {
  std::vector<float> values(10);
  std::iota(values.begin(), values.end(), 0.0f);
  const DeviceArray<float> first(values);
  const DeviceArray<float> second(10);
  const std::size_t bytes = first.bytes();
  check(cudaMemcpy(second.data(), first.data(), bytes, cudaMemcpyDeviceToDevice));
  EXPECT_EQ(second.read(), values);
  std::vector<float> back(10);
  check(cudaMemcpy(back.data(), second.data(), bytes, cudaMemcpyDefault));
  EXPECT_EQ(back, values);
  check(cudaMemset(second.data() + 1, 0, 4));
  EXPECT_EQ(second.read()[1], 0.0f);
  EXPECT_EQ(second.read()[2], 2.0f);
}

TEST(Memory, RefusesCopiesThatDoNotFit) {
  const DeviceArray<float> device(4);
  float host[5] = {};
  EXPECT_EQ(cudaMemcpy(device.data(), host, 5 * sizeof(float), cudaMemcpyHostToDevice),
            cudaErrorInvalidValue);
  EXPECT_EQ(cudaMemcpy(host, device.data() + 1, 4 * sizeof(float), cudaMemcpyDeviceToHost),
            cudaErrorInvalidValue);
  EXPECT_EQ(cudaMemcpy(host, device.data(), sizeof(float), cudaMemcpyHostToDevice),
            cudaErrorInvalidValue);
  EXPECT_EQ(cudaMemsetAsync(device.data(), 0, 5 * sizeof(float), nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidValue);
}

TEST(Memory, LazyStreamsShowWhoReadsPinnedMemoryTooEarly) {
  const ScopedOptions restore;
  options().lazy_streams = true;
  const Stream stream;
  const DeviceArray<float> device(std::vector<float>{7.0f});
  const PinnedFloats host(1);
  check(cudaMemcpyAsync(host.data(), device.data(), sizeof(float), cudaMemcpyDeviceToHost, stream));
  EXPECT_EQ(host.data()[0], 0.0f);
  check(cudaStreamSynchronize(stream));
  EXPECT_EQ(host.data()[0], 7.0f);
}

TEST(Memory, PageableCopiesDoNotOutliveTheirCall) {
  const ScopedOptions restore;
  options().lazy_streams = true;
  const Stream stream;
  const DeviceArray<float> device(1);
  float value = 3.0f;
  check(cudaMemcpyAsync(device.data(), &value, sizeof value, cudaMemcpyHostToDevice, stream));
  value = 4.0f;
  float back = 0.0f;
  check(cudaMemcpyAsync(&back, device.data(), sizeof back, cudaMemcpyDeviceToHost, stream));
  EXPECT_EQ(back, 3.0f);
}

}  // namespace
}  // namespace polyak::emulator_tests
