// One element too far, which AddressSanitizer has to stop.

#include "emulator/engine/sanitizers.hpp"
#include "emulator/test/kernels/kernels.cuh"
#include "emulator/test/launch_helpers.hpp"

namespace polyak::emulator_tests {
namespace {

/// The tests need death, which only AddressSanitizer brings.
class OutOfBounds : public testing::Test {
 protected:
  void SetUp() override {
    if (!emulator::kAddressSanitizer) GTEST_SKIP() << "needs POLYAK_SANITIZER=address";
    GTEST_FLAG_SET(death_test_style, "threadsafe");
  }

  DeviceArray<float> out_{32};
};

TEST_F(OutOfBounds, InStaticSharedMemory) {
  run({dim3(1), dim3(32)}, write_static_shared, out_.data(), 0u);
  EXPECT_DEATH(run({dim3(1), dim3(32)}, write_static_shared, out_.data(), 1u),
               "AddressSanitizer: use-after-poison");
}

TEST_F(OutOfBounds, InDynamicSharedMemory) {
  const LaunchShape shape = LaunchShape(dim3(1), dim3(32)).shared(32 * sizeof(float));
  run(shape, write_dynamic_shared, out_.data(), 0u);
  EXPECT_DEATH(run(shape, write_dynamic_shared, out_.data(), 1u),
               "AddressSanitizer: use-after-poison");
}

TEST_F(OutOfBounds, InGlobalMemory) {
  run({dim3(1), dim3(32)}, write_global, out_.data(), 0u);
  EXPECT_DEATH(run({dim3(1), dim3(32)}, write_global, out_.data(), 1u),
               "AddressSanitizer: heap-buffer-overflow");
}

TEST_F(OutOfBounds, InFreedMemory) {
  float* freed = nullptr;
  {
    const DeviceArray<float> array(32);
    freed = array.data();
  }
  EXPECT_DEATH(run({dim3(1), dim3(32)}, write_global, freed, 0u),
               "AddressSanitizer: heap-use-after-free");
}

}  // namespace
}  // namespace polyak::emulator_tests
