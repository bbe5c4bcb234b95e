// The oracle itself: its gradients against finite differences, its bookkeeping against examples
// worked out by hand.
#include "oracle/ddpg.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "oracle/environment.hpp"
#include "oracle/gradient_check.hpp"
#include "support/print_enums.hpp"
#include "support/reference_data.hpp"

namespace polyak::oracle {
namespace {

TEST(OracleRounding, IsToTheNextNumberOfTheFormat) {
  const auto tf32 = [](double value) { return rounded(Precision::tf32, value); };
  const auto bf16 = [](double value) { return rounded(Precision::bf16, value); };
  for (const double sign : {1.0, -1.0}) {
    EXPECT_EQ(tf32(sign * (1.0 + 0x1p-10)), sign * (1.0 + 0x1p-10)) << "10 bits of fraction";
    EXPECT_EQ(tf32(sign * (1.0 + 0x1p-11)), sign * (1.0 + 0x1p-10)) << "ties away from zero";
    EXPECT_EQ(tf32(sign * (1.0 + 0x1p-12)), sign);
    EXPECT_EQ(bf16(sign * (1.0 + 0x1p-7)), sign * (1.0 + 0x1p-7)) << "7 bits of fraction";
    EXPECT_EQ(bf16(sign * (1.0 + 0x1p-8)), sign) << "ties to even";
    EXPECT_EQ(bf16(sign * (1.0 + 3 * 0x1p-8)), sign * (1.0 + 0x1p-6));
    EXPECT_EQ(bf16(sign * 3.999 * 0x1p-20), sign * 4.0 * 0x1p-20);
  }
  EXPECT_EQ(bf16(0.0), 0.0);
  EXPECT_EQ(rounded(Precision::fp32, 0.1), 0.1);
  EXPECT_EQ(rounded(Precision::tf32x3, 0.1), 0.1);
}

void expect_critic_gradient(Network& critic, const Batch& batch,
                            const std::vector<double>& targets) {
  Network gradient = zeros_like(critic);
  critic_loss(critic, batch, targets, gradient);
  expect_gradient(critic, gradient, [&] {
    Network ignored = zeros_like(critic);
    return critic_loss(critic, batch, targets, ignored);
  });
}

void expect_actor_gradient(Network& actor, const Network& critic, const Batch& batch) {
  Network gradient = zeros_like(actor);
  actor_loss(actor, critic, batch, gradient);
  expect_gradient(actor, gradient, [&] {
    Network ignored = zeros_like(actor);
    return actor_loss(actor, critic, batch, ignored);
  });
}

class OracleGradient : public testing::TestWithParam<Activation> {};
INSTANTIATE_TEST_SUITE_P(All, OracleGradient,
                         testing::Values(Activation::relu, Activation::tanh, Activation::elu));

TEST_P(OracleGradient, OfTheCriticMatchesFiniteDifferences) {
  Generator generate;
  for (const std::vector<int>& widths :
       {std::vector<int>{5, 1, 1}, {5, 7, 1}, {5, 9, 8, 7, 6, 1}}) {
    Network critic = generate.network(widths, GetParam(), Activation::identity);
    const Batch batch = generate.batch(7, 3, 2);
    const std::vector<double> targets = generate.vector(7);
    expect_critic_gradient(critic, batch, targets);
  }
}

TEST_P(OracleGradient, OfTheActorMatchesFiniteDifferences) {
  Generator generate;
  for (const std::vector<int>& widths :
       {std::vector<int>{3, 1, 2}, {3, 7, 2}, {3, 9, 8, 7, 6, 2}}) {
    Network actor = generate.network(widths, GetParam(), Activation::tanh);
    const Network critic = generate.network({5, 8, 7, 1}, GetParam(), Activation::identity);
    const Batch batch = generate.batch(7, 3, 2);
    expect_actor_gradient(actor, critic, batch);
  }
}

// The action enters the critic at its second or third layer.
TEST_P(OracleGradient, ThroughACriticWithALateActionMatchesFiniteDifferences) {
  for (const std::size_t layer : {1u, 2u}) {
    Generator generate;
    Network actor = generate.network({3, 7, 2}, GetParam(), Activation::tanh);
    Network critic = generate.network({3, 8, 7, 1}, GetParam(), Activation::identity);
    critic[layer].inputs += 2;
    critic[layer].joined_inputs = 2;
    critic[layer].weight = generate.vector(critic[layer].inputs * critic[layer].outputs);
    const Batch batch = generate.batch(7, 3, 2);
    const std::vector<double> targets = generate.vector(7);
    expect_critic_gradient(critic, batch, targets);
    expect_actor_gradient(actor, critic, batch);
  }
}

TEST_P(OracleGradient, ThroughLayerNormalisationMatchesFiniteDifferences) {
  Generator generate;
  Network actor = generate.network({3, 7, 5, 2}, GetParam(), Activation::tanh);
  Network critic = generate.network({5, 8, 1, 1}, GetParam(), Activation::identity);
  for (Network* network : {&actor, &critic}) {
    for (std::size_t l = 0; l + 1 < network->size(); ++l) {
      (*network)[l].norm_weight = generate.vector((*network)[l].outputs);
      (*network)[l].norm_bias = generate.vector((*network)[l].outputs);
    }
  }
  const Batch batch = generate.batch(7, 3, 2);
  const std::vector<double> targets = generate.vector(7);
  expect_critic_gradient(critic, batch, targets);
  expect_actor_gradient(actor, critic, batch);
}

// One linear layer each: actor(o) = tanh(2 o + 1), Q(o, a) = 3 o - 4 a + 0.5.
const Network linear_actor = {{1, 1, Activation::tanh, {2.0}, {1.0}}};
const Network linear_critic = {{2, 1, Activation::identity, {3.0, -4.0}, {0.5}}};

TEST(OracleTargets, BootstrapUnlessTerminated) {
  const Batch batch = {{{0.1}, {0.2}, 5.0, {0.3}, false}, {{0.1}, {0.2}, 5.0, {0.3}, true}};
  const std::vector<double> targets =
      bootstrap_targets(linear_actor, {linear_critic}, batch, 0.9, {{0.0}, {0.0}});
  EXPECT_DOUBLE_EQ(targets[0], 5.0 + 0.9 * (0.9 - 4.0 * std::tanh(1.6) + 0.5));
  EXPECT_DOUBLE_EQ(targets[1], 5.0);
}

TEST(OracleTargets, TakeTheSmallerValueOfTheNoisyAction) {
  const Batch batch = {{{0.1}, {0.2}, 5.0, {0.3}, false}, {{0.1}, {0.2}, 5.0, {0.3}, false}};
  // Q2(o, a) = o + a; tanh(1.6) = 0.92 leaves no room for more than 0.08.
  const Network other_critic = {{2, 1, Activation::identity, {1.0, 1.0}, {0.0}}};
  const std::vector<double> targets = bootstrap_targets(
      linear_actor, {linear_critic, other_critic}, batch, 0.9, {{0.5}, {-0.5 - std::tanh(1.6)}});
  EXPECT_DOUBLE_EQ(targets[0], 5.0 + 0.9 * (0.9 - 4.0 + 0.5)) << "the first critic's is smaller";
  EXPECT_DOUBLE_EQ(targets[1], 5.0 + 0.9 * (0.3 - 0.5)) << "the second critic's is smaller";
}

TEST(OracleLosses, AreMeansOverTheBatch) {
  const Batch batch = {{{0.1}, {0.2}, 0.0, {0.0}, false}, {{-1.0}, {0.5}, 0.0, {0.0}, false}};
  Network gradient = zeros_like(linear_critic);
  // Q = 0.3 - 0.8 + 0.5 = 0 and -3 - 2 + 0.5 = -4.5.
  EXPECT_DOUBLE_EQ(critic_loss(linear_critic, batch, {1.0, -4.0}, gradient), (1.0 + 0.25) / 2.0);
  EXPECT_DOUBLE_EQ(gradient[0].bias[0], 2.0 * (-1.0 - 0.5) / 2.0);
  gradient = zeros_like(linear_actor);
  const double q0 = 0.3 - 4.0 * std::tanh(1.2) + 0.5, q1 = -3.0 - 4.0 * std::tanh(-1.0) + 0.5;
  EXPECT_DOUBLE_EQ(actor_loss(linear_actor, linear_critic, batch, gradient), -(q0 + q1) / 2.0);
}

TEST(OracleAdam, FirstTwoUpdatesByHand) {
  Learner learner{linear_actor, linear_actor, zeros_like(linear_actor), zeros_like(linear_actor)};
  Network gradient = zeros_like(linear_actor);
  gradient[0].weight[0] = 0.5;
  const AdamSettings settings{0.1, 0.9, 0.99, 1e-15};
  adam(learner, gradient, settings, 1);
  EXPECT_NEAR(learner.network[0].weight[0], 2.0 - 0.1, 1e-12);
  gradient[0].weight[0] = -1.0;
  adam(learner, gradient, settings, 2);
  // m = 0.9 * 0.05 - 0.1, v = 0.99 * 0.0025 + 0.01.
  EXPECT_NEAR(learner.network[0].weight[0],
              1.9 + 0.1 * (0.055 / 0.19) / std::sqrt(0.012475 / 0.0199), 1e-12);
}

TEST(OracleAdam, WeightDecayByHand) {
  const Network zero = zeros_like(linear_actor);
  Learner coupled{linear_actor, linear_actor, zero, zero}, decoupled = coupled;
  // The weight 2 has the penalty's gradient 0.6 alone: the first step is one learning rate.
  adam(coupled, zero, {0.1, 0.9, 0.99, 1e-15, 0.3, false}, 1);
  EXPECT_NEAR(coupled.network[0].weight[0], 2.0 - 0.1, 1e-12);
  EXPECT_NEAR(coupled.first_moment[0].weight[0], 0.1 * 0.6, 1e-12);
  adam(decoupled, zero, {0.1, 0.9, 0.99, 1e-15, 0.3, true}, 1);
  EXPECT_NEAR(decoupled.network[0].weight[0], 2.0 * (1.0 - 0.03), 1e-12);
  EXPECT_EQ(decoupled.first_moment[0].weight[0], 0.0);
}

TEST(OracleClipping, ScalesDownToTheNormAndNeverUp) {
  Network gradient = {{1, 1, Activation::tanh, {3.0}, {-4.0}}};
  clip_gradient(gradient, 0.0);
  clip_gradient(gradient, 6.0);
  EXPECT_EQ(gradient[0].weight[0], 3.0);
  clip_gradient(gradient, 2.5);
  EXPECT_DOUBLE_EQ(gradient[0].weight[0], 1.5);
  EXPECT_DOUBLE_EQ(gradient[0].bias[0], -2.0);
}

TEST(OraclePolyak, MovesTheTargetByTau) {
  Learner learner{linear_actor, zeros_like(linear_actor), {}, {}};
  polyak_average(learner, 0.25);
  EXPECT_DOUBLE_EQ(learner.target[0].weight[0], 0.5);
  polyak_average(learner, 0.25);
  EXPECT_DOUBLE_EQ(learner.target[0].weight[0], 0.875);
  EXPECT_DOUBLE_EQ(learner.network[0].weight[0], 2.0);
}

// In double precision the recordings are met step by step almost to the last digit; Gymnasium
// rounds the car's state to float32.
TEST(OracleEnvironments, StepAsGymnasium) {
  for (const auto& [name, tolerances] :
       {std::pair{"Pendulum-v1", std::array{1e-12, 1e-12}},
        std::pair{"MountainCarContinuous-v0", std::array{7e-8, 4e-9}}}) {
    const auto environment = make_environment(name, {name[0] == 'P' ? 10.0f : 0.0f});
    for (const test::RecordedTrajectory& recorded : test::recordings_of(name).trajectories) {
      for (std::size_t t = 0; t < recorded.steps(); ++t) {
        const Outcome outcome = environment->step(recorded.states[t], recorded.actions[t], {});
        for (std::size_t i = 0; i < 2; ++i) {
          ASSERT_NEAR(outcome.next[i], recorded.states[t + 1][i], tolerances[i]);
        }
        ASSERT_NEAR(outcome.reward, recorded.rewards[t], 1e-11);
        ASSERT_EQ(outcome.terminated, recorded.terminated && t + 1 == recorded.steps());
      }
    }
  }
}

}  // namespace
}  // namespace polyak::oracle
