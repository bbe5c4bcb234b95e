// What is compiled, and what of it is kept, by a compiler that only says so.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backend/cuda/runtime_compilation/machine_code.hpp"
#include "backend/notices.hpp"
#include "backend/runtime_compilation/shapes.hpp"
#include "io/temporary_directory.hpp"

namespace polyak::cuda {
namespace {

using test::kernel_shape;
using test::TemporaryDirectory;
using ::testing::HasSubstr;

class CountingNvrtc final : public Nvrtc {
 public:
  Compilation compile(const std::string& source, const std::string& architecture,
                      const std::vector<std::string>&) const override {
    ++compilations;
    last_source = source;
    if (fails) return {{}, "it does not compile"};
    return {"code for " + architecture, {}};
  }
  std::string version() const override { return version_text; }

  mutable int compilations = 0;
  mutable std::string last_source;
  bool fails = false;
  std::string version_text = "NVRTC 1.2";
};

/// Tells what was said while it lives.
struct Notices {
  Notices() {
    listen_to_notices([this](const std::string& notice) { all.push_back(notice); });
  }
  Notices(const Notices&) = delete;
  Notices& operator=(const Notices&) = delete;
  ~Notices() { listen_to_notices({}); }
  std::vector<std::string> all;
};

const KernelShape small = kernel_shape({8}, Activation::relu, 32, 2);
const KernelShape large = kernel_shape({64, 64}, Activation::relu, 32, 2);

TEST(KernelCompiler, CompilesAShapeOnce) {
  const TemporaryDirectory directory;
  const CountingNvrtc nvrtc;
  const KernelCompiler compiler(nvrtc, "sm_90", KernelCache(directory.path()));
  const Notices notices;
  EXPECT_FALSE(compiler.has(small));
  EXPECT_EQ(compiler.compile(small).cubin, "code for sm_90");
  ASSERT_EQ(notices.all.size(), 1U);
  EXPECT_THAT(notices.all.front(), HasSubstr(directory.path().string()));
  EXPECT_TRUE(compiler.has(small));
  EXPECT_FALSE(compiler.has(large));
  EXPECT_EQ(KernelCompiler(nvrtc, "sm_90", KernelCache(directory.path())).compile(small).cubin,
            "code for sm_90");
  EXPECT_EQ(nvrtc.compilations, 1);
  EXPECT_EQ(notices.all.size(), 1U) << "nobody waits for what is at hand";
}

TEST(KernelCompiler, CompilesAgainWhatFollowsFromSomethingElse) {
  const TemporaryDirectory directory;
  CountingNvrtc nvrtc;
  const auto compile = [&](const std::string& architecture, const KernelShape& shape) {
    return KernelCompiler(nvrtc, architecture, KernelCache(directory.path())).compile(shape).cubin;
  };
  EXPECT_EQ(compile("sm_90", small), "code for sm_90");
  EXPECT_EQ(compile("sm_100", small), "code for sm_100");
  EXPECT_EQ(compile("sm_90", large), "code for sm_90");
  nvrtc.version_text = "NVRTC 1.3";
  compile("sm_90", small);
  EXPECT_EQ(nvrtc.compilations, 4);
}

TEST(KernelCompiler, KeepsNoFailure) {
  const TemporaryDirectory directory;
  CountingNvrtc nvrtc;
  nvrtc.fails = true;
  const KernelCompiler compiler(nvrtc, "sm_90", KernelCache(directory.path()));
  const Compilation failed = compiler.compile(small);
  EXPECT_EQ(failed.cubin, "");
  EXPECT_EQ(failed.messages, "it does not compile");
  EXPECT_FALSE(compiler.has(small));
  nvrtc.fails = false;
  EXPECT_EQ(compiler.compile(small).cubin, "code for sm_90");
}

TEST(KernelCompiler, SaysWhereNothingIsKept) {
  const CountingNvrtc nvrtc;
  const Notices notices;
  KernelCompiler(nvrtc, "sm_90", KernelCache({})).compile(small);
  ASSERT_EQ(notices.all.size(), 1U);
  EXPECT_THAT(notices.all.front(), HasSubstr("$HOME"));
}

TEST(KernelSource, NamesTheShapeAndIncludesNothing) {
  const std::string source = kernel_source(kernel_shape({24, 40}, Activation::elu, 100, 8));
  EXPECT_THAT(source, HasSubstr("{int(24), int(40), int(1)}"));
  EXPECT_THAT(source, HasSubstr("3, 1, 100, Precision(0)}, 8, 231424)"));
  EXPECT_THAT(source, HasSubstr("EnvironmentAt<0, FusedEnvironments>"));
  EXPECT_EQ(source.find("#include"), std::string::npos);
}

TEST(KernelSource, IsForShapesThatAKernelMayHaveAsConstants) {
  EXPECT_TRUE(may_be_compiled(kernel_shape({48}, Activation::relu, 100, 8)));
  EXPECT_FALSE(may_be_compiled(kernel_shape({48}, Activation::relu, 100, 1)))
      << "devices without clusters run that, too";
  EXPECT_FALSE(may_be_compiled(kernel_shape({256, 256}, Activation::relu, 256, 16)))
      << "not in shared memory";
  KernelShape other = kernel_shape({48}, Activation::relu, 100, 8);
  other.environment = "Pendulum-V";
  EXPECT_FALSE(may_be_compiled(other)) << "not an environment of the fused engine";
  other = kernel_shape({48}, Activation::relu, 100, 8);
  other.training.precision = Precision::tf32;
  EXPECT_FALSE(may_be_compiled(other));
  other = kernel_shape({48}, Activation::relu, 100, 8);
  other.training.critic.outputs[0] = 40;
  EXPECT_FALSE(may_be_compiled(other)) << "networks of two layouts";
}

}  // namespace
}  // namespace polyak::cuda
