// The oracle's batch normalisation itself: gradients against finite differences, through the
// batch's mean and variance, and running statistics by hand.
#include "oracle/batch_norm.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "oracle/gradient_check.hpp"
#include "support/print_enums.hpp"

namespace polyak::oracle {
namespace {

/// Makes the hidden layers before the joined inputs normalised, and the first `features` inputs.
void normalise(Network& network, int features, Generator& generate) {
  const auto add = [&](Layer& layer) {
    layer.norm_weight = generate.vector(layer.outputs);
    layer.norm_bias = generate.vector(layer.outputs);
    layer.running_mean = generate.vector(layer.outputs);
    layer.running_variance.assign(static_cast<std::size_t>(layer.outputs), 0.5);
  };
  for (std::size_t l = 0; l + 1 < network.size() && network[l].joined_inputs == 0; ++l) {
    if (network[l].inputs > features && l == 0) break;  // the action comes beside the observation
    add(network[l]);
  }
  if (network[0].inputs > features) network[0].joined_inputs = network[0].inputs - features;
  network.insert(network.begin(), {features, features, Activation::identity, {}, {}});
  add(network[0]);
}

Network make_critic(Generator& generate, Activation activation, std::size_t joined_layer) {
  Network critic = generate.network({3, 8, 7, 1}, activation, Activation::identity);
  Layer& joined = critic[joined_layer];
  joined.inputs += 2;
  if (joined_layer > 0) joined.joined_inputs = 2;
  joined.weight = generate.vector(joined.inputs * joined.outputs);
  normalise(critic, 3, generate);
  return critic;
}

class OracleBatchNorm : public testing::TestWithParam<std::tuple<Activation, std::size_t>> {};
INSTANTIATE_TEST_SUITE_P(All, OracleBatchNorm,
                         testing::Combine(testing::Values(Activation::relu, Activation::tanh,
                                                          Activation::elu),
                                          testing::Values(0, 1, 2)));

TEST_P(OracleBatchNorm, GradientsMatchFiniteDifferences) {
  const auto [activation, joined_layer] = GetParam();
  Generator generate;
  Network actor = generate.network({3, 7, 5, 2}, activation, Activation::tanh);
  normalise(actor, 3, generate);
  Network critic = make_critic(generate, activation, joined_layer);
  const Batch batch = generate.batch(7, 3, 2);
  const std::vector<double> targets = generate.vector(7);
  Network gradient = zeros_like(critic);
  batch_critic_loss(critic, batch, targets, gradient);
  expect_gradient(critic, gradient, [&] {
    Network ignored = zeros_like(critic);
    return batch_critic_loss(critic, batch, targets, ignored);
  });
  for (const NormBy statistics : {NormBy::batch, NormBy::running}) {
    gradient = zeros_like(actor);
    batch_actor_loss(actor, critic, batch, statistics, gradient);
    expect_gradient(actor, gradient, [&] {
      Network ignored = zeros_like(actor);
      return batch_actor_loss(actor, critic, batch, statistics, ignored);
    });
  }
}

// One feature, two rows: x = 2 * {1, 4} - 1 = {1, 7}, mean 4, variance 9, unbiased 18.
const Network two_rows = {
    {1, 1, Activation::identity, {2.0}, {-1.0}, 0, {0.5}, {3.0}, {0.0}, {1.0}}};

TEST(OracleBatchNormByHand, OfTwoRows) {
  const BatchPass pass = batch_forward(two_rows, {{1.0}, {4.0}}, NormBy::batch);
  EXPECT_NEAR(pass.output[0][0], 3.0 - 0.5 * 3.0 / std::sqrt(9.0 + 1e-5), 1e-15);
  EXPECT_NEAR(pass.output[1][0], 3.0 + 0.5 * 3.0 / std::sqrt(9.0 + 1e-5), 1e-15);
  Network network = two_rows;
  follow_batch(network, pass, 0.1);
  EXPECT_NEAR(network[0].running_mean[0], 0.4, 1e-15);
  EXPECT_NEAR(network[0].running_variance[0], 0.9 + 1.8, 1e-15);
  EXPECT_NEAR(forward(network, {1.0}).output[0], 3.0 + 0.5 * (1.0 - 0.4) / std::sqrt(2.7 + 1e-5),
              1e-15);
}

TEST(OracleBatchNormByHand, TargetsFollowByTau) {
  Network target = two_rows;
  Learner learner{two_rows, target, {}, {}};
  learner.network[0].running_mean[0] = 4.0;
  learner.network[0].running_variance[0] = 3.0;
  polyak_average(learner, 0.25);
  EXPECT_DOUBLE_EQ(learner.target[0].running_mean[0], 1.0);
  EXPECT_DOUBLE_EQ(learner.target[0].running_variance[0], 1.5);
}

}  // namespace
}  // namespace polyak::oracle
