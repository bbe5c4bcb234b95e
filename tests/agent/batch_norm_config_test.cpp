// What a configuration says about batch normalisation, and what it refuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "agent/batch_norm.hpp"
#include "polyak/config.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

struct RefusedBatchNorm {
  std::string name;
  std::function<void(Config&)> make;  // of a configuration with batch normalisation
  std::vector<std::string> message;
};
void PrintTo(const RefusedBatchNorm& refused, std::ostream* stream) { *stream << refused.name; }

const RefusedBatchNorm refusals[] = {
    {"ABatchOfOne", [](Config& c) { c.batch_size = 1; }, {"--batch-norm:", "--batch-size of 2"}},
    {"BesideLayerNormalisation",
     [](Config& c) { c.layer_norm = true; },
     {"--batch-norm:", "--layer-norm"}},
    {"OfARecurrentPolicy",
     [](Config& c) { c.policy = PolicyKind::gru; },
     {"--batch-norm:", "recurrent", "--policy feed-forward"}},
    {"MomentumWithoutIt",
     [](Config& c) {
       c.batch_norm = false;
       c.batch_norm_momentum = 0.2f;
     },
     {"--batch-norm-momentum:", "without --batch-norm"}},
    {"PolicyEvaluationWithoutIt",
     [](Config& c) {
       c.batch_norm = false;
       c.batch_norm_policy_evaluation = true;
     },
     {"--batch-norm-policy-evaluation:", "without --batch-norm"}},
    {"NoMomentum",
     [](Config& c) { c.batch_norm_momentum = 0.0f; },
     {"--batch-norm-momentum: 0 is out of range"}},
    {"MoreThanTheWholeBatch",
     [](Config& c) { c.batch_norm_momentum = 1.01f; },
     {"--batch-norm-momentum: 1.0", "out of range"}},
    {"TheFusedEngine",
     [](Config& c) { c.engine = Engine::fused; },
     {"--batch-norm:", "--engine layered"}},
};

class RefusesBatchNorm : public testing::TestWithParam<RefusedBatchNorm> {};
INSTANTIATE_TEST_SUITE_P(All, RefusesBatchNorm, testing::ValuesIn(refusals),
                         [](const auto& instance) { return instance.param.name; });

TEST_P(RefusesBatchNorm, ByName) {
  Config config;
  config.batch_norm = true;
  GetParam().make(config);
  for (const std::string& part : GetParam().message) {
    EXPECT_THAT([&] { validate(config); }, ThrowsMessage<UsageError>(HasSubstr(part)));
  }
}

TEST(AcceptsBatchNorm, AtTheEdges) {
  Config config;
  EXPECT_FALSE(config.batch_norm) << "the default";
  config.batch_norm = true;
  config.batch_size = 2;
  config.batch_norm_momentum = 1.0f;
  EXPECT_NO_THROW(validate(config));
  config.batch_norm_policy_evaluation = true;
  EXPECT_NO_THROW(validate(config));
}

TEST(PolicyValueMode, LeavesTheRunningStatisticsAlone) {
  Config config;
  config.batch_norm = true;
  EXPECT_EQ(policy_value_mode(config), BatchNormMode::batch);
  config.batch_norm_policy_evaluation = true;
  EXPECT_EQ(policy_value_mode(config), BatchNormMode::evaluation);
}

}  // namespace
}  // namespace polyak
