// Trainings that go on on another device than they began on.
#include "support/resumption.hpp"

#include <gtest/gtest.h>

namespace polyak {
namespace {

class ResumptionInTheEmulator : public testing::TestWithParam<Engine> {};
INSTANTIATE_TEST_SUITE_P(Engines, ResumptionInTheEmulator,
                         testing::Values(Engine::layered, Engine::fused), [](const auto& instance) {
                           return std::string(to_string(instance.param));
                         });

// Every preset, environment and option that the engine has; the way back, which is as much work as
// all of a training in the emulator, with some of them. A sanitizer looks at every eighth.
TEST_P(ResumptionInTheEmulator, OnTheCpuAndBack) {
  const Execution cpu{DeviceKind::cpu}, gpu{DeviceKind::cuda, GetParam()};
  constexpr int stride = POLYAK_SANITIZED ? 8 : 1;
  int trainings = 0;
  for (const SignatureCase& training : signature_cases()) {
    if (!missing_option(on_execution(training.config, gpu)).empty()) continue;
    if (trainings++ % stride != 0) continue;
    test::expect_same_when_resumed(training, cpu, gpu);
    if (trainings % 6 == 1) test::expect_same_when_resumed(training, gpu, cpu);
  }
  EXPECT_GT(trainings, 5);
}

}  // namespace
}  // namespace polyak
