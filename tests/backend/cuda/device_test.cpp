// The RAII types around the CUDA runtime, and what their failures say.
#include <cuda_runtime_api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <utility>
#include <vector>

#include "backend/cuda/device/check.hpp"
#include "backend/cuda/device/graph.hpp"
#include "backend/cuda/device/memory.hpp"
#include "backend/cuda/device/overlapping_launches.hpp"
#include "backend/cuda/device/side_stream.hpp"
#include "backend/cuda/device/stream.hpp"
#include "backend/cuda/device_info.hpp"
#include "kernels/counter.hpp"
#include "polyak/core/error.hpp"
#include "support/emulation.hpp"

namespace polyak::cuda {
namespace {

using testing::AllOf;
using testing::HasSubstr;

template <class Function>
std::string message_of(const Function& function) {
  try {
    function();
  } catch (const RunError& error) {
    return error.what();
  }
  return "no RunError was thrown";
}

TEST(CudaCheck, SuccessPasses) { EXPECT_NO_THROW(check(cudaSuccess, "cudaMalloc")); }

TEST(CudaCheck, NamesCallPlaceReasonAndRemedy) {
  const std::string message = message_of([] { check(cudaErrorMemoryAllocation, "cudaMalloc"); });
  EXPECT_THAT(message, testing::ContainsRegex(
                           "^cudaMalloc failed at tests/backend/cuda/device_test.cpp:[0-9]+: "
                           "out of memory .cudaErrorMemoryAllocation.: reduce agents"));
  EXPECT_EQ(message.find('\n'), std::string::npos);
}

TEST(CudaCheck, EveryErrorHasItsRemedy) {
  const std::pair<cudaError_t, const char*> remedies[] = {
      {cudaErrorNoDevice, "install an NVIDIA driver"},
      {cudaErrorInsufficientDriver, "install an NVIDIA driver"},
      {cudaErrorNoKernelImageForDevice, "CMAKE_CUDA_ARCHITECTURES"},
      {cudaErrorDevicesUnavailable, "wait for the other process"},
      {cudaErrorECCUncorrectable, "hardware fault"},
      {cudaErrorIllegalAddress, "compute-sanitizer"},
      {cudaErrorInvalidValue, "device cpu"},
  };
  for (const auto& [error, remedy] : remedies) {
    EXPECT_THAT(message_of([code = error] { check(code, "call"); }), HasSubstr(remedy));
  }
}

TEST(CudaCheck, AnErrorIsReportedOnce) {
  void* data = nullptr;
  EXPECT_THROW(check(cudaMalloc(&data, std::size_t{1} << 60), "cudaMalloc"), RunError);
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);
}

TEST(SourcePath, StartsAtTheProjectsFolders) {
  EXPECT_EQ(source_path("/home/me/polyak/src/backend/cuda/x.cpp"), "src/backend/cuda/x.cpp");
  EXPECT_EQ(source_path("elsewhere.cpp"), "elsewhere.cpp");
}

TEST(DeviceBuffer, KeepsWhatIsUploaded) {
  const Stream stream;
  std::vector<float> values(1023);
  std::iota(values.begin(), values.end(), 1.0f);
  const DeviceBuffer<float> buffer(1023, "a test");
  EXPECT_EQ(buffer.size(), 1023);
  EXPECT_EQ(buffer.bytes(), 4092);
  upload(buffer, values, stream);
  std::vector<float> first(31);
  download(first, buffer, stream);
  stream.synchronize();
  EXPECT_EQ(first, std::vector<float>(values.begin(), values.begin() + 31));
}

TEST(DeviceBuffer, ZeroReachesEveryElementAndNoOther) {
  const Stream stream;
  const std::vector<std::int64_t> sevens(33, 7);
  const DeviceBuffer<std::int64_t> buffer(33, "a test");
  upload(buffer, sevens, stream);
  zero_bytes(buffer.data() + 1, 31 * 8, stream);
  std::vector<std::int64_t> values(33);
  download(values, buffer, stream);
  stream.synchronize();
  std::vector<std::int64_t> expected(33, 0);
  expected.front() = expected.back() = 7;
  EXPECT_EQ(values, expected);
  zero(buffer, stream);
  download(values, buffer, stream);
  stream.synchronize();
  EXPECT_EQ(values, std::vector<std::int64_t>(33, 0));
}

TEST(DeviceBuffer, MovesItsMemory) {
  static_assert(!std::is_copy_constructible_v<DeviceBuffer<float>>);
  DeviceBuffer<float> first(5, "a test");
  float* const data = first.data();
  DeviceBuffer<float> second = std::move(first);
  EXPECT_EQ(second.data(), data);
  EXPECT_EQ(second.size(), 5);
  EXPECT_EQ(first.size(), 0);  // NOLINT(bugprone-use-after-move): what a moved-from buffer says
  EXPECT_EQ(first.data(), nullptr);
  second = DeviceBuffer<float>();
  EXPECT_EQ(second.size(), 0);
}

// In turn twice the memory there is: other processes use the GPU too, so what is free tells
// nothing.
TEST(DeviceBuffer, GivesItsMemoryBack) {
  const test::RestoredEmulatorOptions restore;
  if (auto* const options = test::emulator_options()) options->device_memory_bytes = 1 << 20;
  constexpr int buffers = 32;
  const std::int64_t bytes = available_memory() / (buffers / 2);
  ASSERT_GT(bytes, 0);
  for (int i = 0; i < buffers; ++i) {
    EXPECT_NO_THROW(DeviceBuffer<std::uint8_t>(bytes, "a test")) << i;
  }
}

TEST(DeviceBuffer, EmptyOnesNeedNoMemory) {
  const Stream stream;
  const DeviceBuffer<float> buffer(0, "a test");
  EXPECT_EQ(buffer.bytes(), 0);
  zero(buffer, stream);
  upload(buffer, {}, stream);
  stream.synchronize();
}

TEST(DeviceBuffer, OutOfMemorySaysHowMuchAndWhatFor) {
  const std::int64_t floats = available_memory();
  EXPECT_THAT(message_of([&] { DeviceBuffer<float>(floats, "the replay"); }),
              AllOf(HasSubstr("cudaMalloc of " + std::to_string(4 * floats) +
                              " bytes for the replay failed at src/backend/cuda/device/memory"),
                    HasSubstr("(cudaErrorMemoryAllocation)"), HasSubstr("reduce")));
  EXPECT_NO_THROW(DeviceBuffer<float>(10, "something small"));
}

TEST(PinnedBuffer, TakesPartInCopies) {
  const Stream stream;
  PinnedBuffer<std::int32_t> values(3, "a test");
  for (std::int32_t i = 0; i < 3; ++i) values[i] = 10 + i;
  const DeviceBuffer<std::int32_t> buffer(3, "a test");
  upload(buffer, {values.data(), 3}, stream);
  zero_bytes(buffer.data() + 1, 4, stream);
  download(std::span(values.data(), 3), buffer, stream);
  stream.synchronize();
  EXPECT_EQ(values[0], 10);
  EXPECT_EQ(values[1], 0);
  EXPECT_EQ(values[2], 12);
  const PinnedBuffer<std::int32_t> moved = std::move(values);
  EXPECT_EQ(moved.size(), 3);
  EXPECT_EQ(values.size(), 0);  // NOLINT(bugprone-use-after-move)
}

/// One counter on the device.
struct Counter {
  explicit Counter(const Stream& on) : stream(on), buffer(1, "a test") { zero(buffer, stream); }
  void add(std::int64_t increment) const {
    check(kernels::launch_advance_counter(buffer.data(), increment, stream.get()), "launch");
  }
  std::int64_t value() const {
    std::int64_t result = 0;
    download(std::span(&result, 1), buffer, stream);
    stream.synchronize();
    return result;
  }
  const Stream& stream;
  DeviceBuffer<std::int64_t> buffer;
};

TEST(Graph, RunsOnlyWhenLaunched) {
  const Stream stream;
  const Counter counter(stream);
  const Graph graph(stream, [&] {
    counter.add(1);
    counter.add(10);
  });
  EXPECT_EQ(counter.value(), 0);
  for (int i = 0; i < 3; ++i) graph.launch(stream);
  EXPECT_EQ(counter.value(), 33);
}

// The second launch and the last wait for one other, and no third waits for that one.
TEST(Graph, OverlapsTheLaunchesOfChains) {
  const Stream stream;
  const Counter counter(stream), beside(stream);
  SideStream branch;
  const Graph graph(
      stream,
      [&] {
        counter.add(1);
        counter.add(10);
        branch.branch_off(stream.get());
        check(kernels::launch_advance_counter(beside.buffer.data(), 1, branch.get()), "a branch");
        counter.add(100);
        branch.join(stream.get());
        counter.add(1000);
        counter.add(10000);
      },
      Launches::overlapping);
  EXPECT_EQ(graph.overlapping_launches(), can_overlap_launches() ? 2 : 0);
  for (int i = 0; i < 3; ++i) graph.launch(stream);
  EXPECT_EQ(counter.value(), 33333);
  EXPECT_EQ(beside.value(), 3);
  const Graph in_turn(stream, [&] { counter.add(1), counter.add(1); });
  EXPECT_EQ(in_turn.overlapping_launches(), 0);
}

TEST(Graph, CarriesItsStateWhenMoved) {
  const Stream stream;
  const Counter counter(stream);
  Graph graph(stream, [&] { counter.add(1); });
  const Graph moved = std::move(graph);
  moved.launch(stream);
  EXPECT_EQ(counter.value(), 1);
}

TEST(Graph, AFailedRecordingLeavesTheStreamUsable) {
  const Stream stream;
  const Counter counter(stream);
  EXPECT_THROW(Graph(stream,
                     [&] {
                       counter.add(1);
                       throw RunError("while recording");
                     }),
               RunError);
  counter.add(5);
  EXPECT_EQ(counter.value(), 5);
}

TEST(Event, WaitsForWhatWasQueuedBefore) {
  const Stream stream;
  Event event;
  event.wait();  // never recorded: nothing to wait for
  PinnedBuffer<std::int64_t> seen(1, "a test");
  seen[0] = -1;
  const Counter counter(stream);
  counter.add(3);
  download(std::span(seen.data(), 1), counter.buffer, stream);
  event.record(stream);
  event.wait();
  EXPECT_EQ(seen[0], 3);
}

TEST(DeviceInfo, FindsADevice) {
  // Tests of the CUDA back end are for machines with a GPU or the emulator; without, they must
  // fail.
  const DeviceCount devices = count_devices();
  ASSERT_GT(devices.count, 0) << devices.absence;
  EXPECT_EQ(devices.absence, "");
  EXPECT_NO_THROW(select_device());
  EXPECT_NE(device_name(), "");
  EXPECT_GT(available_memory(), 0);
}

}  // namespace
}  // namespace polyak::cuda
