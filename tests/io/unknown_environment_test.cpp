// Policies of environments that this program does not know: from other programs, or from a version
// with more environments.
#include "io/policy_file_parts.hpp"
#include "io/policy_samples.hpp"

namespace polyak {
namespace {

using test::FileParts;
using test::refusal;
using test::saved_bytes;
using testing::HasSubstr;

Policy arm_policy() {
  return test::policy_of_kind(PolicyKind::gru, Activation::relu, /*layer_norm=*/true);
}

TEST(PolicyOfAnUnknownEnvironment, IsReadAndWrittenAsItIs) {
  const std::string bytes = saved_bytes(arm_policy());
  const Policy read = parse_policy(bytes, "p.safetensors");
  EXPECT_EQ(read.environment, "Arm-v3");
  EXPECT_EQ(read.parameter_names, (std::vector<std::string>{"length", "slope"}));
  EXPECT_EQ(read.environment_parameters, (std::vector<float>{1.5f, -2.0f}));
  EXPECT_EQ(read.observation_size(), 5);
  EXPECT_EQ(read.action_scale, arm_policy().action_scale);
  EXPECT_EQ(saved_bytes(read), bytes);
  PolicyMemory first, second;
  const std::vector<float> observation = {0.1f, 0.2f, 0.3f, 0.4f, 0.5f};
  EXPECT_EQ(read.act(observation, first), arm_policy().act(observation, second));
}

TEST(PolicyOfAnUnknownEnvironment, NeedsNoParameters) {
  Policy policy = arm_policy();
  policy.environment_parameters.clear();
  policy.parameter_names.clear();
  const Policy read = parse_policy(saved_bytes(policy), "p.safetensors");
  EXPECT_TRUE(read.parameter_names.empty());
  EXPECT_TRUE(read.environment_parameters.empty());
}

TEST(PolicyOfAnUnknownEnvironment, IsStillHeldAgainstItself) {
  const auto refused = [](const char* key, const char* value) {
    FileParts parts(saved_bytes(arm_policy()));
    parts.header["__metadata__"][key] = value;
    return refusal(parts.bytes());
  };
  EXPECT_EQ(refused("environment", "Leg-v1"), "");
  EXPECT_THAT(refused("environment", ""), HasSubstr("'environment' is empty"));
  EXPECT_THAT(refused("environment", "Pendulum-v1"), HasSubstr("length"));
  EXPECT_THAT(refused("environment_parameters", "length"), HasSubstr("not name=value"));
  EXPECT_THAT(refused("environment_parameters", "=1"), HasSubstr("not name=value"));
  EXPECT_THAT(refused("environment_parameters", "length=long"), HasSubstr("'long'"));
  EXPECT_THAT(refused("environment_parameters", "length=nan"), HasSubstr("'nan'"));
  EXPECT_THAT(refused("observation_size", "4"), HasSubstr("observation_size"));
  EXPECT_THAT(refused("action_scale", "1,2"), HasSubstr("2 values for 3 action"));
}

TEST(PolicyOfAnUnknownEnvironment, IsNotWrittenWithParametersWithoutNames) {
  Policy policy = arm_policy();
  policy.parameter_names.pop_back();
  EXPECT_THROW(saved_bytes(policy), UsageError);
}

}  // namespace
}  // namespace polyak
