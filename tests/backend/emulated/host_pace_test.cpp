// How far the host runs ahead of the device. Lazy streams work only when the host waits, so that
// what has run tells what the host has waited for.
#include <gtest/gtest.h>

#include "backend/cuda/cuda_backend.hpp"
#include "emulator/engine/launch.hpp"
#include "support/configs.hpp"
#include "support/emulation.hpp"

namespace polyak {
namespace {

TEST(HostPace, OneCallOfAdvanceMayRunWhileTheNextIsQueued) {
  const test::RestoredEmulatorOptions restore_options;
  Config config = test::small_config();
  config.device = DeviceKind::cuda;
  for (const Engine engine : {Engine::layered, Engine::fused}) {
    config.engine = engine;
    const auto backend = make_cuda_backend(config);
    test::emulator_options()->lazy_streams = true;
    const auto switches_during_advance = [&] {
      const std::uint64_t before = emulator::switch_count();
      backend->advance(1);
      return emulator::switch_count() - before;
    };
    EXPECT_EQ(switches_during_advance(), 0u);
    EXPECT_EQ(switches_during_advance(), 0u) << "the first may still run";
    const std::uint64_t of_one_call = switches_during_advance();
    EXPECT_GT(of_one_call, 0u) << "the first must have ended before the third is queued";
    EXPECT_EQ(switches_during_advance(), of_one_call) << "the second, and no more";
    test::emulator_options()->lazy_streams = false;
  }
}

}  // namespace
}  // namespace polyak
