#include "polyak/core/adam.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "polyak/core/random.hpp"

namespace polyak {
namespace {

/// Adam as in Kingma & Ba, algorithm 1, in double precision.
struct DoubleAdam {
  double learning_rate, beta1, beta2, epsilon;
  double parameter = 0.0, first_moment = 0.0, second_moment = 0.0;
  int t = 0;

  void update(double gradient) {
    ++t;
    first_moment = beta1 * first_moment + (1.0 - beta1) * gradient;
    second_moment = beta2 * second_moment + (1.0 - beta2) * gradient * gradient;
    const double corrected1 = first_moment / (1.0 - std::pow(beta1, t));
    const double corrected2 = second_moment / (1.0 - std::pow(beta2, t));
    parameter -= learning_rate * corrected1 / (std::sqrt(corrected2) + epsilon);
  }
};

struct AdamCase {
  float learning_rate, beta1, beta2, epsilon, gradient_scale;
};
void PrintTo(const AdamCase& one, std::ostream* out) {
  *out << "rate " << one.learning_rate << ", betas " << one.beta1 << " and " << one.beta2
       << ", epsilon " << one.epsilon << ", gradients of " << one.gradient_scale;
}

class Adam : public testing::TestWithParam<AdamCase> {};
INSTANTIATE_TEST_SUITE_P(Cases, Adam,
                         testing::Values(AdamCase{1e-3f, 0.9f, 0.999f, 1e-8f, 1.0f},
                                         AdamCase{1e-3f, 0.9f, 0.999f, 1e-8f, 1e-6f},
                                         AdamCase{3e-4f, 0.5f, 0.9f, 1e-3f, 1e-3f},
                                         AdamCase{1e-2f, 0.0f, 0.0f, 1e-8f, 1.0f},
                                         AdamCase{1e-3f, 0.9f, 0.9999f, 1e-5f, 1e3f}));

TEST_P(Adam, FollowsTheDoublePrecisionReference) {
  const AdamCase& c = GetParam();
  DoubleAdam reference{static_cast<double>(c.learning_rate), static_cast<double>(c.beta1),
                       static_cast<double>(c.beta2), static_cast<double>(c.epsilon)};
  float parameter = 0.0f, first_moment = 0.0f, second_moment = 0.0f;
  for (std::uint32_t t = 1; t <= 1000; ++t) {
    const float gradient =
        c.gradient_scale * normal_from_bits(PhiloxRandom{5}(t, 0, Purpose::warmup_action), 0);
    adam_update(make_adam_step(c.learning_rate, c.beta1, c.beta2, c.epsilon, t), gradient,
                parameter, first_moment, second_moment);
    reference.update(static_cast<double>(gradient));
    // Steps are about one learning rate long; each may be off by some float32 roundings. Without
    // memory (beta1 = 0) 1 - beta is exact and nothing accumulates but the parameter itself.
    const double tolerance =
        1e-6 * static_cast<double>(c.learning_rate) * t + 1e-6 * std::abs(reference.parameter);
    ASSERT_NEAR(static_cast<double>(parameter), reference.parameter, tolerance) << "update " << t;
    const double scale = static_cast<double>(c.gradient_scale);
    ASSERT_NEAR(static_cast<double>(first_moment), reference.first_moment, 3e-6 * scale);
    ASSERT_NEAR(static_cast<double>(second_moment), reference.second_moment, 6e-6 * scale * scale);
  }
}

// The corrections make the first step as long as the learning rate, whatever the gradient.
TEST(AdamStep, FirstStepIsOneLearningRate) {
  for (const float gradient : {1e-3f, -1.0f, 1e4f}) {
    float parameter = 0.0f, first_moment = 0.0f, second_moment = 0.0f;
    adam_update(make_adam_step(1e-3f, 0.9f, 0.999f, 1e-8f, 1), gradient, parameter, first_moment,
                second_moment);
    EXPECT_NEAR(parameter, std::copysign(1e-3f, -gradient), 2e-8f);
  }
}

TEST(AdamStep, CorrectionsOfTheFirstAndOfLateUpdates) {
  const AdamStep first = make_adam_step(1e-3f, 0.9f, 0.999f, 1e-8f, 1);
  EXPECT_NEAR(first.learning_rate_corrected, 1e-2f, 1e-8f);
  // 1 - beta2 is taken from the float 0.999f, not from 0.999.
  EXPECT_NEAR(static_cast<double>(first.second_moment_correction),
              1.0 / std::sqrt(1.0 - static_cast<double>(0.999f)), 1e-5);
  const AdamStep late = make_adam_step(1e-3f, 0.9f, 0.999f, 1e-8f, 100'000'000);
  EXPECT_EQ(late.learning_rate_corrected, 1e-3f);
  EXPECT_EQ(late.second_moment_correction, 1.0f);
}

TEST(DecayedLearningRate, FallsToZeroAndStaysThere) {
  EXPECT_EQ(decayed_learning_rate(0.3f, 1000, 0), 0.3f) << "constant";
  EXPECT_EQ(decayed_learning_rate(0.5f, 0, 10), 0.5f) << "the first update";
  EXPECT_FLOAT_EQ(decayed_learning_rate(0.5f, 9, 10), 0.05f) << "the last update";
  EXPECT_EQ(decayed_learning_rate(0.5f, 10, 10), 0.0f);
  EXPECT_EQ(decayed_learning_rate(0.5f, 11, 10), 0.0f);
}

TEST(Regularisation, PenaltyGoesIntoTheGradientAndShrinkageIntoTheParameter) {
  float gradient = 3.0f, parameter = 2.0f;
  regularise(make_regularisation(0.5f, 0.25f, false, 0.1f), gradient, parameter);
  EXPECT_EQ(gradient, 0.5f * 3.0f + 0.25f * 2.0f);
  EXPECT_EQ(parameter, 2.0f);
  gradient = 3.0f;
  regularise(make_regularisation(1.0f, 0.25f, true, 0.5f), gradient, parameter);
  EXPECT_EQ(gradient, 3.0f);
  EXPECT_EQ(parameter, 2.0f * (1.0f - 0.125f));
  EXPECT_FALSE(make_regularisation(1.0f, 0.0f, true, 0.5f).is_needed());
}

TEST(ClippingScale, IsPyTorchs) {
  EXPECT_EQ(clipping_scale(25.0, 0.0f), 1.0f) << "no limit";
  EXPECT_EQ(clipping_scale(25.0, 6.0f), 1.0f);
  EXPECT_FLOAT_EQ(clipping_scale(25.0, 2.5f), static_cast<float>(2.5 / (5.0 + 1e-6)));
}

TEST(AdamStep, ZeroGradientMovesNothing) {
  float parameter = 0.25f, first_moment = 0.0f, second_moment = 0.0f;
  adam_update(make_adam_step(1e-3f, 0.9f, 0.999f, 1e-8f, 1), 0.0f, parameter, first_moment,
              second_moment);
  EXPECT_EQ(parameter, 0.25f);
  EXPECT_EQ(first_moment, 0.0f);
  EXPECT_EQ(second_moment, 0.0f);
}

}  // namespace
}  // namespace polyak
