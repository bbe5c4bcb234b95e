#include "emulator/test/kernels/kernels.cuh"
#include "emulator/test/launch_helpers.hpp"

namespace polyak::emulator_tests {
namespace {

/// Work is queued in these tests until the host waits for it.
class LazyStreams : public testing::Test {
 protected:
  LazyStreams() { options().lazy_streams = true; }

  void set_async(float value, cudaStream_t stream) {
    LaunchShape shape = LaunchShape(dim3(1), dim3(1)).stream(stream);
    check(cudaLaunchKernelEx(shape.config(), count_up, array_.data(), 1, value));
  }
  void transform_async(float scale, float shift, cudaStream_t stream) {
    LaunchShape shape = LaunchShape(dim3(1), dim3(1)).stream(stream);
    check(cudaLaunchKernelEx(shape.config(), scale_and_shift, array_.data(), 1, scale, shift));
  }
  /// What the array holds now, whatever is queued.
  float peek() const { return *array_.data(); }

  ScopedOptions restore_;
  DeviceArray<float> array_{std::vector<float>{0.0f}};
};

TEST_F(LazyStreams, RunWhenTheHostWaits) {
  const Stream stream;
  set_async(1.0f, stream);
  EXPECT_EQ(peek(), 0.0f);
  check(cudaStreamSynchronize(stream));
  EXPECT_EQ(peek(), 1.0f);
}

TEST_F(LazyStreams, DoNotRunForAnother) {
  const Stream first;
  const Stream second;
  set_async(1.0f, first);
  check(cudaStreamSynchronize(second));
  EXPECT_EQ(peek(), 0.0f);
  check(cudaDeviceSynchronize());
  EXPECT_EQ(peek(), 1.0f);
}

TEST_F(LazyStreams, AnswerQueriesInTheEnd) {
  const Stream stream;
  set_async(1.0f, stream);
  transform_async(2.0f, 5.0f, stream);
  EXPECT_EQ(cudaStreamQuery(stream), cudaErrorNotReady);
  EXPECT_EQ(cudaStreamQuery(stream), cudaErrorNotReady);
  EXPECT_EQ(cudaStreamQuery(stream), cudaSuccess);
  EXPECT_EQ(peek(), 7.0f);
}

TEST_F(LazyStreams, WaitForEventsOfOthers) {
  const Stream producer;
  const Stream consumer;
  const Event produced;
  set_async(3.0f, producer);
  check(cudaEventRecord(produced, producer));
  set_async(9.0f, producer);  // behind the event: the consumer does not wait for it
  check(cudaStreamWaitEvent(consumer, produced, 0));
  transform_async(2.0f, 1.0f, consumer);
  check(cudaStreamSynchronize(consumer));
  EXPECT_EQ(peek(), 7.0f);
  check(cudaStreamSynchronize(producer));
  EXPECT_EQ(peek(), 9.0f);
}

TEST_F(LazyStreams, MissingEventShowsInTheBits) {
  const Stream producer;
  const Stream consumer;
  EXPECT_GE(distinct_results([&] {
              options().lazy_streams = true;
              set_async(3.0f, producer);
              transform_async(2.0f, 1.0f, consumer);
              check(cudaDeviceSynchronize());
              return array_.read();
            }),
            2u);
}

TEST_F(LazyStreams, LegacyStreamWaitsForBlockingOnesOnly) {
  const Stream blocking(cudaStreamDefault);
  const Stream independent;
  set_async(1.0f, blocking);
  set_async(2.0f, independent);
  transform_async(10.0f, 0.0f, nullptr);
  check(cudaStreamSynchronize(nullptr));
  EXPECT_EQ(peek(), 10.0f);
  check(cudaStreamSynchronize(independent));
  EXPECT_EQ(peek(), 2.0f);
}

TEST_F(LazyStreams, BlockingOnesWaitForTheLegacyStream) {
  const Stream blocking(cudaStreamDefault);
  set_async(1.0f, nullptr);
  transform_async(10.0f, 0.0f, blocking);
  set_async(5.0f, nullptr);  // comes later
  check(cudaStreamSynchronize(blocking));
  EXPECT_EQ(peek(), 10.0f);
}

TEST_F(LazyStreams, FinishBeforeMemoryIsFreed) {
  const Stream stream;
  {
    const DeviceArray<float> temporary(std::vector<float>{4.0f});
    check(cudaMemcpyAsync(array_.data(), temporary.data(), sizeof(float), cudaMemcpyDeviceToDevice,
                          stream));
  }
  EXPECT_EQ(peek(), 4.0f);
}

TEST_F(LazyStreams, ThrowAKernelsErrorWhereTheHostWaits) {
  const Stream stream;
  LaunchShape shape = LaunchShape(dim3(1), dim3(32)).stream(stream);
  check(cudaLaunchKernelEx(shape.config(), bug_traps));
  set_async(1.0f, stream);
  EXPECT_THROW(cudaStreamSynchronize(stream), emulator::Error);
  check(cudaStreamSynchronize(stream));
  EXPECT_EQ(peek(), 0.0f) << "work behind a failed kernel must not run";
}

TEST_F(LazyStreams, NeverThrowFromARelease) {
  LaunchShape shape = LaunchShape(dim3(1), dim3(32));
  check(cudaLaunchKernelEx(shape.config(), bug_traps));
  void* memory = nullptr;
  check(cudaMalloc(&memory, 4));
  EXPECT_EQ(cudaFree(memory), cudaErrorLaunchFailure);
  EXPECT_THROW(cudaDeviceSynchronize(), emulator::Error);
  EXPECT_EQ(cudaGetLastError(), cudaErrorLaunchFailure);
  check(cudaDeviceSynchronize());
}

TEST_F(LazyStreams, CallTheHost) {
  const Stream stream;
  int called = 0;
  check(cudaLaunchHostFunc(
      stream, [](void* count) { ++*static_cast<int*>(count); }, &called));
  EXPECT_EQ(called, 0);
  check(cudaStreamSynchronize(stream));
  EXPECT_EQ(called, 1);
}

TEST(Streams, RunAtOnceByDefault) {
  const ScopedOptions restore;
  options().lazy_streams = false;
  const Stream stream;
  const DeviceArray<float> array(1);
  LaunchShape shape = LaunchShape(dim3(1), dim3(1)).stream(stream);
  check(cudaLaunchKernelEx(shape.config(), count_up, array.data(), 1, 2.0f));
  EXPECT_EQ(*array.data(), 2.0f);
  LaunchShape broken = LaunchShape(dim3(1), dim3(1)).stream(stream);
  EXPECT_THROW(cudaLaunchKernelEx(broken.config(), bug_traps), emulator::Error);
}

TEST(Streams, RefuseHandlesThatAreNone) {
  cudaStream_t destroyed = nullptr;
  check(cudaStreamCreate(&destroyed));
  check(cudaStreamDestroy(destroyed));
  EXPECT_EQ(cudaStreamSynchronize(destroyed), cudaErrorInvalidResourceHandle);
  EXPECT_EQ(cudaStreamDestroy(destroyed), cudaErrorInvalidResourceHandle);
  EXPECT_EQ(cudaStreamDestroy(nullptr), cudaErrorInvalidResourceHandle);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidResourceHandle);
}

TEST(Events, MeasureTime) {
  const Stream stream;
  const Event start;
  const Event end;
  const Event untimed(cudaEventDisableTiming);
  float milliseconds = -1.0f;
  EXPECT_EQ(cudaEventElapsedTime(&milliseconds, start, end), cudaErrorInvalidResourceHandle);
  for (cudaEvent_t event : {cudaEvent_t(start), cudaEvent_t(end), cudaEvent_t(untimed)}) {
    check(cudaEventRecord(event, stream));
  }
  check(cudaEventSynchronize(untimed));
  check(cudaEventElapsedTime(&milliseconds, start, end));
  EXPECT_GE(milliseconds, 0.0f);
  EXPECT_EQ(cudaEventElapsedTime(&milliseconds, start, untimed), cudaErrorInvalidResourceHandle);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidResourceHandle);
}

TEST(Events, AreReadyWhenTheirStreamHasComeToThem) {
  const ScopedOptions restore;
  options().lazy_streams = true;
  const Stream stream;
  const Event event;
  EXPECT_EQ(cudaEventQuery(event), cudaSuccess) << "an event never recorded is complete";
  check(cudaEventRecord(event, stream));
  EXPECT_EQ(cudaEventQuery(event), cudaErrorNotReady);
  EXPECT_EQ(cudaEventQuery(event), cudaSuccess);
}

}  // namespace
}  // namespace polyak::emulator_tests
