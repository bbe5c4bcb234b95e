// A launch runs from PTX as well as from its source, and both must leave the same bits.

#include <gtest/gtest.h>

#include <vector>

#include "emulator/ptx/runtime/memory_snapshot.hpp"
#include "emulator/ptx/test/run_ptx.hpp"

namespace polyak::emulator::ptx {

// Kernels with a source; threads.ptx has what nvcc is supposed to have made of them.
void scale_add(float* values, float factor) { values[1] = values[1] * factor + 1.0f; }
void add_scale(float* values, float factor) { values[1] = values[1] * factor + 1.0f; }
void takes_other(float* values, float factor) { values[1] = factor; }

namespace {

void there_is_no_ptx_of_this(float* values, float factor) { values[1] = factor; }

using emulator_tests::check;
using emulator_tests::DeviceArray;
using emulator_tests::expect_kernel_error;
using emulator_tests::LaunchShape;

TEST(PtxComparison, ALaunchRunsBothBodiesOnTheSameMemory) {
  DeviceArray<float> values(std::vector<float>{1.0f, 2.0f});
  const Kernel* const kernel = find_kernel_of_ptx("_ZN6polyak8emulator3ptx9scale_addEPff");
  ASSERT_NE(kernel, nullptr);
  const std::uint64_t before = kernel->launches;
  check(cudaLaunchKernelEx(LaunchShape(1, 1).config(), scale_add, values.data(), 3.0f));
  EXPECT_EQ(values.read(), (std::vector<float>{1.0f, 7.0f}));
  EXPECT_EQ(kernel->launches, before + 1);
}

TEST(PtxComparison, AFusedMultiplicationIsFound) {
  DeviceArray<float> values(std::vector<float>{1.0f, -(1.0f + 0x1p-12f)});
  const auto launch = [&](float factor) {
    check(cudaLaunchKernelEx(LaunchShape(1, 1).config(), add_scale, values.data(), factor));
  };
  launch(1.0f);  // whose product is exact
  values.write({1.0f, -(1.0f + 0x1p-12f)});
  // The product is -(1 + 2^-11 + 2^-24), of which rounding takes the last term.
  expect_kernel_error([&] { launch(1.0f + 0x1p-12f); },
                      {"add_scale, launch ", " of 8 bytes first differs at offset 4: ",
                       "PTX has ba000400 (-0.00048834", "the source ba000000 (-0.00048828"});
}

TEST(PtxComparison, OnlyTheSignOfWhatIsNoNumberMayDiffer) {
  DeviceArray<std::uint32_t> words(2);
  const auto difference = [&words](std::uint32_t before, std::uint32_t after) {
    words.write({0, before});
    const MemorySnapshot snapshot;
    words.write({0, after});
    return snapshot.first_difference("one", "the other").value_or("none");
  };
  EXPECT_EQ(difference(0x7fc00000, 0xffc00000), "none");
  EXPECT_EQ(difference(0xffc00000, 0x7fc00000), "none");
  EXPECT_EQ(difference(0x7ff80000, 0xfff80000), "none") << "a double's upper half";
  const std::vector<std::vector<std::uint32_t>> different = {
      {0xffffffff, 0x7fc00000}, {0xffffffff, 0x7fffffff}, {0x7fc00000, 0x7fc00001},
      {0x7fc00000, 0x7ff80000}, {0x00000000, 0x80000000}, {0x7f800000, 0xff800000}};
  for (const std::vector<std::uint32_t>& pair : different) {
    EXPECT_NE(difference(pair[0], pair[1]).find("offset 4"), std::string::npos)
        << std::hex << pair[0] << " and " << pair[1];
  }
}

TEST(PtxComparison, AKernelWithoutPtxIsRefused) {
  DeviceArray<float> values(2);
  expect_kernel_error(
      [&] {
        check(cudaLaunchKernelEx(LaunchShape(1, 1).config(), there_is_no_ptx_of_this, values.data(),
                                 1.0f));
      },
      {"there_is_no_ptx_of_this", "translated from PTX"});
}

TEST(PtxComparison, OtherParametersThanTheSourcesAreRefused) {
  DeviceArray<float> values(2);
  expect_kernel_error(
      [&] {
        check(cudaLaunchKernelEx(LaunchShape(1, 1).config(), takes_other, values.data(), 1.0f));
      },
      {"takes_other", "other parameters"});
}

}  // namespace
}  // namespace polyak::emulator::ptx
