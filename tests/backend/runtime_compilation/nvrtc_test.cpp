// NVRTC compiles the fused engine's kernel for whatever shape, and registers suffice.
#include "backend/cuda/runtime_compilation/nvrtc.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <random>
#include <regex>

#include "backend/runtime_compilation/shapes.hpp"

namespace polyak::cuda {
namespace {

using test::kernel_shape;

int number_from(const char* variable, int otherwise) {
  const char* const value = std::getenv(variable);
  return value == nullptr ? otherwise : std::atoi(value);
}

/// One to three hidden layers, any batch, either environment, as many blocks as may have a kernel.
KernelShape random_shape(std::mt19937& random) {
  constexpr std::array activations = {Activation::relu, Activation::tanh, Activation::elu};
  constexpr int largest_width = 100, largest_batch = 256, max_hidden_layers = 3, max_doublings = 4;
  const auto up_to = [&random](int most) {
    return static_cast<int>(random() % static_cast<unsigned>(most));
  };
  while (true) {
    std::vector<int> hidden(static_cast<std::size_t>(1 + up_to(max_hidden_layers)));
    for (int& width : hidden) width = 1 + up_to(largest_width);
    const Activation activation = activations[static_cast<std::size_t>(up_to(3))];
    const KernelShape shape =
        kernel_shape(hidden, activation, 1 + up_to(largest_batch), 1 << up_to(1 + max_doublings));
    if (may_be_compiled(shape)) return shape;
  }
}

/// The most bytes that a function stores because registers do not suffice; -1 if nothing is said.
int max_spilled_bytes(const std::string& messages) {
  const std::regex pattern(R"((\d+) bytes spill stores)");
  int most = -1;
  for (std::sregex_iterator match(messages.begin(), messages.end(), pattern), end; match != end;
       ++match) {
    most = std::max(most, std::stoi((*match)[1]));
  }
  return most;
}

// POLYAK_RANDOM_SHAPES: how many. A toolkit may have no NVRTC.
TEST(Nvrtc, CompilesRandomShapesWithHardlyASpill) {
  // Large blocks have 128 registers a thread: a few values that live through a whole update give
  // way.
  constexpr int max_bytes = 128;
  std::string why_not;
  const Nvrtc* const nvrtc = Nvrtc::find(&why_not);
  if (nvrtc == nullptr) GTEST_SKIP() << why_not;
  const int shapes = number_from("POLYAK_RANDOM_SHAPES", 1);
  std::mt19937 random(1);
  for (int i = 0; i < shapes; ++i) {
    const std::string source = kernel_source(random_shape(random));
    const std::string shape = source.substr(source.rfind("struct Compiled"));
    const Compilation compilation = nvrtc->compile(source, "sm_90", {"--ptxas-options=-v"});
    EXPECT_FALSE(compilation.cubin.empty()) << shape << compilation.messages;
    const int spilled = max_spilled_bytes(compilation.messages);
    EXPECT_TRUE(0 <= spilled && spilled <= max_bytes) << shape << compilation.messages;
  }
}

TEST(Nvrtc, SaysWhatIsWrong) {
  std::string why_not;
  const Nvrtc* const nvrtc = Nvrtc::find(&why_not);
  if (nvrtc == nullptr) GTEST_SKIP() << why_not;
  const Compilation compilation = nvrtc->compile("no kernel", "sm_90");
  EXPECT_EQ(compilation.cubin, "");
  EXPECT_THAT(compilation.messages, testing::HasSubstr("error"));
  EXPECT_THAT(nvrtc->version(), testing::MatchesRegex("NVRTC [0-9]+\\.[0-9]+"));
}

}  // namespace
}  // namespace polyak::cuda
