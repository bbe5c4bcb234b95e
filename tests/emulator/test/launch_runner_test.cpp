// A library that is linked in can run launches by other means than the kernels' source.

#include "emulator/runtime/launch_runner.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "emulator/test/launch_helpers.hpp"

namespace polyak::emulator_tests {
namespace {

struct Three {
  char bytes[3];
};

void writes_sum(int* out, Three three, double number) {
  *out = three.bytes[0] + three.bytes[2] + static_cast<int>(number);
}

/// Notes what it is given and runs the source twice, in force while it is in scope.
class NotingRunner : public emulator::LaunchRunner {
 public:
  NotingRunner() { emulator::launch_runner() = this; }
  ~NotingRunner() override { emulator::launch_runner() = nullptr; }

  std::size_t run(const emulator::Launch& launch, const emulator::ParameterMemory& parameters,
                  const std::function<void()>& source) override {
    noted = parameters;
    ++launches;
    emulator::run_kernel(launch, source);
    return emulator::run_kernel(launch, source);
  }

  emulator::ParameterMemory noted;
  int launches = 0;
};

TEST(LaunchRunner, GetsEachLaunchWithItsParametersAsADeviceHasThem) {
  DeviceArray<int> out(1);
  NotingRunner runner;
  run(LaunchShape(1, 1), writes_sum, out.data(), Three{{1, 2, 3}}, 4.0);
  EXPECT_EQ(out.read(), std::vector<int>{8});
  EXPECT_EQ(runner.launches, 1);
  const auto& parameters = runner.noted.parameters();
  ASSERT_EQ(parameters.size(), 3u);
  EXPECT_EQ(parameters[1].offset, 8u);
  EXPECT_EQ(parameters[1].bytes, 3u);
  EXPECT_EQ(parameters[2].offset, 16u);
  EXPECT_EQ(runner.noted.bytes(), 24u);
  int* first = nullptr;
  std::memcpy(&first, runner.noted.data(), sizeof first);
  EXPECT_EQ(first, out.data());
}

TEST(LaunchRunner, AGraphAsksItAtEachRun) {
  DeviceArray<int> out(1);
  NotingRunner runner;
  Stream stream;
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t executable = nullptr;
  check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
  check(cudaLaunchKernelEx(LaunchShape(1, 1).stream(stream).config(), writes_sum, out.data(),
                           Three{{1, 2, 3}}, 4.0));
  check(cudaStreamEndCapture(stream, &graph));
  check(cudaGraphInstantiate(&executable, graph, 0));
  EXPECT_EQ(runner.launches, 0);
  check(cudaGraphLaunch(executable, stream));
  check(cudaGraphLaunch(executable, stream));
  check(cudaStreamSynchronize(stream));
  EXPECT_EQ(runner.launches, 2);
  check(cudaGraphExecDestroy(executable));
  check(cudaGraphDestroy(graph));
}

}  // namespace
}  // namespace polyak::emulator_tests
