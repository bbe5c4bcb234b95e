#include <thread>
#include <vector>

#include "emulator/runtime/launch_template.hpp"
#include "emulator/test/kernels/kernels.cuh"
#include "emulator/test/launch_helpers.hpp"

namespace polyak::emulator_tests {
namespace {

TEST(HostThreads, HaveADeviceAndAnErrorOfTheirOwn) {
  const ScopedOptions restore;
  options().devices = 2;
  check(cudaSetDevice(0));
  std::thread([] {
    check(cudaSetDevice(1));
    EXPECT_EQ(cudaSetDevice(2), cudaErrorInvalidDevice);
  }).join();
  int device = -1;
  check(cudaGetDevice(&device));
  EXPECT_EQ(device, 0);
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);
}

// Streams and graphs are each thread's own, memory is everybody's.
TEST(HostThreads, MayAllWorkAtTheSameTime) {
  static constexpr int size = 40, launches = 50;
  const auto work = [] {
    const Stream stream;
    const DeviceArray<float> values(std::vector<float>(size, 0.0f));
    LaunchShape shape(2, 32);
    check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeRelaxed));
    check(cudaLaunchKernelEx(shape.stream(stream).config(), scale_and_shift, values.data(), size,
                             1.0f, 1.0f));
    cudaGraph_t graph = nullptr;
    check(cudaStreamEndCapture(stream, &graph));
    cudaGraphExec_t executable = nullptr;
    check(cudaGraphInstantiate(&executable, graph, 0));
    for (int i = 0; i < launches; ++i) check(cudaGraphLaunch(executable, stream));
    check(cudaStreamSynchronize(stream));
    EXPECT_EQ(values.read(), std::vector<float>(size, static_cast<float>(launches)));
    check(cudaGraphExecDestroy(executable));
    check(cudaGraphDestroy(graph));
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace polyak::emulator_tests
