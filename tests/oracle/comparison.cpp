#include "oracle/comparison.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string>

namespace polyak::oracle {
namespace {

/// The largest difference between two sequences, and whether something in them is not finite.
double largest_difference(std::span<const double> expected, std::span<const double> actual) {
  EXPECT_EQ(expected.size(), actual.size());
  double largest = 0.0;
  for (std::size_t i = 0; i < std::min(expected.size(), actual.size()); ++i) {
    const double difference = std::abs(expected[i] - actual[i]);
    if (!std::isfinite(difference)) return INFINITY;
    largest = std::max(largest, difference);
  }
  return largest;
}

double largest(std::span<const double> values) {
  double result = 0.0;
  for (const double value : values) result = std::max(result, std::abs(value));
  return result;
}

/// Tensor by tensor. With `unit` the tolerance is in units of the tensor's largest value and a
/// little more, `unit`: some gradients are zero but for rounding.
void expect_networks_agree(const std::string& what, const Network& expected, const Network& actual,
                           double tolerance, double unit = 0.0) {
  ASSERT_EQ(expected.size(), actual.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto compare = [&](const char* tensor, const std::vector<double> Layer::*member) {
      const std::vector<double>& reference = expected[i].*member;
      const double scale = unit > 0.0 ? largest(reference) + unit : 1.0;
      EXPECT_LE(largest_difference(reference, actual[i].*member), tolerance * scale)
          << what << " " << i << " " << tensor;
    };
    compare("weight", &Layer::weight);
    compare("bias", &Layer::bias);
    compare("weight of the normalisation", &Layer::norm_weight);
    compare("bias of the normalisation", &Layer::norm_bias);
    compare("running mean", &Layer::running_mean);
    compare("running variance", &Layer::running_variance);
  }
}

void expect_learners_agree(const std::string& what, const Learner& expected, const Learner& actual,
                           const Tolerances& tolerances) {
  expect_networks_agree(what, expected.network, actual.network, tolerances.parameter);
  expect_networks_agree("target " + what, expected.target, actual.target, tolerances.parameter);
  expect_networks_agree("first moment of " + what, expected.first_moment, actual.first_moment,
                        tolerances.first_moment, 1e-6);
  expect_networks_agree("second moment of " + what, expected.second_moment, actual.second_moment,
                        tolerances.second_moment, 1e-12);
}

void expect_memories_agree(const std::vector<CellState>& expected,
                           const std::vector<CellState>& actual, double tolerance) {
  ASSERT_EQ(expected.size(), actual.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_LE(largest_difference(expected[i].hidden, actual[i].hidden), tolerance)
        << "hidden state of network " << i;
    EXPECT_LE(largest_difference(expected[i].cell, actual[i].cell), tolerance)
        << "cell of network " << i;
  }
}

void expect_instances_agree(const EnvironmentInstance& expected, const EnvironmentInstance& actual,
                            const Tolerances& tolerances) {
  EXPECT_LE(largest_difference(expected.state, actual.state), tolerances.observation) << "state";
  EXPECT_LE(largest_difference(expected.noise, actual.noise), tolerances.action) << "noise";
  EXPECT_NEAR(expected.episode_return, actual.episode_return, tolerances.reward);
  EXPECT_EQ(expected.steps, actual.steps) << "steps in the episode";
  expect_memories_agree(expected.memories, actual.memories, tolerances.observation);
  ASSERT_EQ(expected.rows_written, actual.rows_written);
  ASSERT_EQ(expected.rows.size(), actual.rows.size());
  for (const auto& [number, row] : expected.rows) {
    SCOPED_TRACE("row " + std::to_string(number));
    const Row& other = actual.rows.at(number);
    EXPECT_EQ(row.kind, other.kind);
    EXPECT_LE(largest_difference(row.observation, other.observation), tolerances.observation);
    EXPECT_LE(largest_difference(row.action, other.action), tolerances.action);
    EXPECT_NEAR(row.reward, other.reward, tolerances.reward);
    // The others have no action, and so none that came before it.
    if (row.kind == RowKind::open || row.kind == RowKind::last_observation) continue;
    expect_memories_agree(row.memories, other.memories, tolerances.observation);
  }
}

}  // namespace

void expect_agreement(const Training& training, const Config& config, const TrainingState& state,
                      const Tolerances& tolerances) {
  SCOPED_TRACE("agent " + std::to_string(training.agent()));
  const Training actual(config, state, training.agent());
  expect_learners_agree("actor", training.actor(), actual.actor(), tolerances);
  ASSERT_EQ(training.critics().size(), actual.critics().size());
  for (std::size_t i = 0; i < training.critics().size(); ++i) {
    expect_learners_agree("critic " + std::to_string(i), training.critics()[i], actual.critics()[i],
                          tolerances);
  }
  if (config.normalise_observations) {
    EXPECT_EQ(training.moments().count, actual.moments().count);
  }
  EXPECT_LE(largest_difference(training.moments().mean, actual.moments().mean),
            tolerances.observation);
  EXPECT_LE(largest_difference(training.moments().squares, actual.moments().squares),
            tolerances.observation * static_cast<double>(training.moments().count));
  ASSERT_EQ(training.instances().size(), actual.instances().size());
  for (std::size_t i = 0; i < training.instances().size(); ++i) {
    SCOPED_TRACE("environment " + std::to_string(i));
    expect_instances_agree(training.instances()[i], actual.instances()[i], tolerances);
  }
}

double first_moment_distance(const Training& training, const Config& config,
                             const TrainingState& state) {
  const auto moments_of = [](const Training& one) {
    std::vector<double> values;
    const auto keep = [&](double value) { values.push_back(value); };
    visit_parameters(one.actor().first_moment, keep);
    for (const Learner& critic : one.critics()) visit_parameters(critic.first_moment, keep);
    return values;
  };
  const std::vector<double> expected = moments_of(training);
  const std::vector<double> actual = moments_of(Training(config, state, training.agent()));
  double squares = 0.0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    squares += (actual[i] - expected[i]) * (actual[i] - expected[i]);
  }
  return std::sqrt(squares / static_cast<double>(expected.size()));
}

}  // namespace polyak::oracle
