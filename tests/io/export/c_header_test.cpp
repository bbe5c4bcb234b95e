// The exported C header, compiled as it would be for a microcontroller and called beside
// Policy::act.
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "agent/fused_vectors.hpp"
#include "io/export/policy_export.hpp"
#include "io/policy_samples.hpp"
#include "io/temporary_directory.hpp"
#include "support/print_enums.hpp"

namespace polyak {
namespace {

using test::policy_of_kind;
using test::SampleValues;

const std::string freestanding =
    "-std=c99 -Wall -Wextra -Wpedantic -Werror -Os -ffreestanding -ffp-contract=off";

/// The header behind functions that a library can have, of one form for all policies.
std::string source_around(const Policy& policy, const std::string& header) {
  const std::string memory = policy.cell ? "(policy_memory *)memory, " : "";
  return header +
         "\nvoid begin(void *memory);\n"
         "void act(void *memory, const float *observation, float *action);\n"
         "void begin(void *memory) { " +
         (policy.cell ? "policy_begin((policy_memory *)memory);" : "(void)memory;") +
         " }\n"
         "void act(void *memory, const float *observation, float *action) {\n"
         "  (void)memory;\n  policy_act(" +
         memory + "observation, action);\n}\n";
}

/// A library of it, linked against nothing: that fails if the header calls anything.
class CompiledHeader {
 public:
  explicit CompiledHeader(const Policy& policy, const std::string& flags = freestanding)
      : recurrent_(policy.cell.has_value()),
        lstm_(recurrent_ && policy.cell->kind == PolicyKind::lstm),
        units_(recurrent_ ? static_cast<std::size_t>(policy.cell->units) : 0),
        actions_(static_cast<std::size_t>(policy.action_size())),
        memory_((lstm_ ? 2 : 1) * units_ + actions_ + 1, 12345.0f) {
    const auto library = directory_ / "policy.so";
    test::write_text(directory_ / "policy.c",
                     source_around(policy, c_header(policy, c_prefix("policy.h"))));
    const std::string command = std::string(POLYAK_C_COMPILER) + " -x c " + flags +
                                " -nostdlib -shared -fPIC -Wl,-z,defs -o " + library.string() +
                                " " + (directory_ / "policy.c").string();
    if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
    library_ = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library_ == nullptr) throw std::runtime_error(::dlerror());
    reinterpret_cast<void (*)(void*)>(::dlsym(library_, "begin"))(memory_.data());
    act_ = reinterpret_cast<Act*>(::dlsym(library_, "act"));
  }
  ~CompiledHeader() {
    if (library_ != nullptr) ::dlclose(library_);
  }
  CompiledHeader(const CompiledHeader&) = delete;
  CompiledHeader& operator=(const CompiledHeader&) = delete;

  std::vector<float> act(const std::vector<float>& observation, float previous_reward) {
    std::vector<float> action(actions_);
    memory_.back() = previous_reward;
    act_(memory_.data(), observation.data(), action.data());
    return action;
  }

 private:
  using Act = void(void*, const float*, float*);

  bool recurrent_, lstm_;
  std::size_t units_, actions_;
  std::vector<float> memory_;  // policy_memory is floats alone
  test::TemporaryDirectory directory_;
  void* library_ = nullptr;
  Act* act_ = nullptr;
};

/// The largest difference from Policy::act over an episode.
float largest_difference(const Policy& policy, CompiledHeader& header, int steps = 200) {
  SampleValues values;
  PolicyMemory memory;
  float largest = 0.0f;
  for (int step = 0; step < steps; ++step) {
    std::vector<float> observation = values(policy.observation_size());
    for (float& value : observation) value *= 3.0f;
    const std::vector<float> expected = policy.act(observation, memory);
    const std::vector<float> actual = header.act(observation, memory.previous_reward);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      largest = std::max(largest, std::abs(actual[i] - expected[i]));
    }
    memory.previous_reward = 4.0f * values(1)[0];
  }
  return largest;
}

struct Kind {
  PolicyKind cell;
  Activation activation;
  bool layer_norm;
};

class CHeader : public testing::TestWithParam<Kind> {
 protected:
  Policy policy() const {
    return policy_of_kind(GetParam().cell, GetParam().activation, GetParam().layer_norm);
  }
};
INSTANTIATE_TEST_SUITE_P(Kinds, CHeader,
                         testing::Values(Kind{PolicyKind::feed_forward, Activation::tanh, false},
                                         Kind{PolicyKind::feed_forward, Activation::relu, true},
                                         Kind{PolicyKind::feed_forward, Activation::identity,
                                              false},
                                         Kind{PolicyKind::lstm, Activation::elu, false},
                                         Kind{PolicyKind::gru, Activation::tanh, true}),
                         [](const auto& kind) {
                           std::string name;
                           for (const char letter : std::string(to_string(kind.param.cell))) {
                             if (letter != '-') name += letter;
                           }
                           return name + std::to_string(kind.index);
                         });

TEST_P(CHeader, HasTheBitsOfPolicyAct) {
  CompiledHeader header(policy());
  EXPECT_EQ(largest_difference(policy(), header), 0.0f);
}

TEST(CHeaderFor, ProcessorsWithFusedOperationsHasTheSameBitsWhateverIsFusedBesides) {
#if POLYAK_HAS_FUSED_VECTORS
  if (!has_fused_vectors()) GTEST_SKIP() << "this processor has none";
  for (const PolicyKind cell : {PolicyKind::lstm, PolicyKind::gru}) {
    const Policy policy = policy_of_kind(cell, Activation::elu, /*layer_norm=*/true);
    CompiledHeader header(policy, "-std=gnu99 -O3 -mavx2 -mfma -ffp-contract=fast -ffreestanding");
    EXPECT_EQ(largest_difference(policy, header), 0.0f);
  }
#else
  GTEST_SKIP() << "this compiler has no flag for them";
#endif
}

TEST(CHeaderFor, TwoRoundingsComesNear) {
  const Policy policy = policy_of_kind(PolicyKind::feed_forward, Activation::tanh, false);
  CompiledHeader header(policy, "-DPOLICY_INEXACT " + freestanding);
  const float difference = largest_difference(policy, header);
  EXPECT_GT(difference, 0.0f) << "the definition has no effect";
  EXPECT_LT(difference, 1e-4f);  // the third action's scale is 30
}

/// Bytes of code and constants of the function's object file.
int object_size(const Policy& policy) {
  const test::TemporaryDirectory directory;
  test::write_text(directory / "policy.c", source_around(policy, c_header(policy, "policy")));
  const std::string object = (directory / "policy.o").string();
  const std::string command = std::string(POLYAK_C_COMPILER) + " -x c " + freestanding + " -c -o " +
                              object + " " + (directory / "policy.c").string() + " && size " +
                              object;
  FILE* const output = ::popen(command.c_str(), "r");
  int text = 0, data = 0;
  const bool found =
      std::fscanf(output, "%*[^\n] %d %d", &text, &data) == 2;  // behind a line of titles
  return ::pclose(output) == 0 && found ? text + data : -1;
}

TEST(CHeaderFor, TwoLayersOf64TakesLessThan24Kibibytes) {
  SampleValues values;
  Policy policy = test::sample_policy();
  policy.layers = {{3, 64, Activation::tanh, values(192), values(64)},
                   {64, 64, Activation::tanh, values(4096), values(64)},
                   {64, 1, Activation::tanh, values(64), values(1)}};
  const int size = object_size(policy);
  EXPECT_GT(size, 4 * 4481) << "without its weights";
  EXPECT_LT(size, 24 * 1024);
}

TEST(CHeaderFor, AnyNameIsAnIdentifier) {
  EXPECT_EQ(c_prefix("dir/swing_up.h"), "swing_up");
  EXPECT_EQ(c_prefix("swing-up.v2.h"), "swing_up");
  EXPECT_EQ(c_prefix("2nd.h"), "policy_2nd");
  EXPECT_EQ(c_prefix("_x"), "policy__x");
  EXPECT_EQ(c_prefix(".h"), "policy");
  EXPECT_EQ(c_prefix("\xc3\xa9t\xc3\xa9.h"), "policy___t__");
}

TEST(CHeaderFor, AnEnvironmentWithAnyNameIsStillAComment) {
  Policy policy = test::sample_policy();
  policy.environment = "*/ #error \\\n\"\"\"";
  EXPECT_NO_THROW(CompiledHeader{policy});
  EXPECT_EQ(plain_text(policy.environment), "?? ?error ?????");
  EXPECT_EQ(torch_module(policy).find("\"\"\"\n\"\"\""), std::string::npos);
}

}  // namespace
}  // namespace polyak
