// Who has the fields of a configuration, and the words in which the others refuse them. That each
// field reaches who claims it: tests/backend/cuda/field_test.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backend/backend.hpp"
#include "config/fields.hpp"
#include "polyak/config.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(BeyondEngine, EveryoneHasTheDefaults) {
  for (bool Engines::*const engine : {&Engines::cpu, &Engines::layered, &Engines::fused}) {
    EXPECT_EQ(beyond_engine(Config{}, engine), "");
  }
}

TEST(BeyondEngine, NamesTheFirstFieldThatIsNotAsInTheDefaults) {
  Config config;
  config.layer_norm = true;
  config.gradient_clip = 1.0f;
  EXPECT_EQ(beyond_engine(config, &Engines::fused), "layer-norm");
  EXPECT_EQ(beyond_engine(config, &Engines::layered), "");
  config.layer_norm = false;
  EXPECT_EQ(beyond_engine(config, &Engines::fused), "gradient-clip");
}

TEST(BeyondEngine, LooksAtEveryAgent) {
  Config config;
  config.agents = 2;
  config.gradient_clip = std::vector<float>{0.0f, 0.0f};
  EXPECT_EQ(beyond_engine(config, &Engines::fused), "");
  config.gradient_clip = std::vector<float>{0.0f, 0.1f};
  EXPECT_EQ(beyond_engine(config, &Engines::fused), "gradient-clip");
}

TEST(BeyondEngine, LetsPassWhatHasNoEffect) {
  Config config;
  config.target_noise_clip = 0.1f;
  config.decoupled_weight_decay = true;
  EXPECT_EQ(beyond_engine(config, &Engines::fused), "");
  config.actor_weight_decay = 0.1f;
  EXPECT_EQ(beyond_engine(config, &Engines::fused), "actor-weight-decay");
}

TEST(BeyondEngine, DependsOnTheEnvironment) {
  Config config;
  config.environment = "MountainCarContinuous-v0";
  EXPECT_EQ(beyond_engine(config, &Engines::fused), "");
  config.environment = "Pendulum-P";
  EXPECT_EQ(beyond_engine(config, &Engines::fused), "environment");
}

TEST(EngineSupport, TheFusedEngineRefusesByName) {
  Config config;
  config.layer_norm = true;
  EXPECT_NO_THROW(validate(config));
  config.engine = Engine::layered;
  EXPECT_NO_THROW(validate(config));
  config.engine = Engine::fused;
  EXPECT_THAT([&] { validate(config); },
              ThrowsMessage<UsageError>(AllOf(HasSubstr("--layer-norm: the fused engine"),
                                              HasSubstr("--engine layered"))));
}

TEST(EngineSupport, TheCpuRefusesByNameWhatOnlyTheGpuHas) {
  Config config;
  config.precision = Precision::bf16;
  EXPECT_NO_THROW(validate(config)) << "auto: there may be a GPU";
  config.device = DeviceKind::cpu;
  const auto refusal =
      ThrowsMessage<UsageError>(AllOf(HasSubstr("--precision: the CPU"), HasSubstr("or a GPU")));
  EXPECT_THAT([&] { validate(config); }, refusal);
  EXPECT_THAT([&] { make_backend(config); }, refusal) << "as when auto has found no GPU";
  const Config plain = without_gpu_fields(config);
  EXPECT_EQ(plain.precision, Precision::fp32);
  EXPECT_NO_THROW(validate(plain));
}

}  // namespace
}  // namespace polyak
