// The simulated training beside the tests' oracle, which computes in double precision.
#include <algorithm>
#include <cmath>

#include "model/simulated_training.hpp"
#include "oracle/training.hpp"

namespace polyak::model {
namespace {

using Tensor = std::vector<double>;

/// The largest difference; infinite if a number is not finite.
double largest_difference(const Tensor& expected, const Tensor& actual) {
  double largest = 0.0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double difference = std::abs(expected[i] - actual[i]);
    if (!std::isfinite(difference)) return INFINITY;
    largest = std::max(largest, difference);
  }
  return largest;
}

double largest_value(const Tensor& values) {
  double largest = 0.0;
  for (const double value : values) largest = std::max(largest, std::abs(value));
  return largest;
}

double difference(const oracle::Network& expected, const oracle::Network& actual, bool relative) {
  double largest = 0.0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    for (const auto member : {&oracle::Layer::weight, &oracle::Layer::bias}) {
      const Tensor& reference = expected[i].*member;
      const double unit = relative ? largest_value(reference) : 1.0;
      largest = std::max(largest, largest_difference(reference, actual[i].*member) / unit);
    }
  }
  return largest;
}

}  // namespace

SimulatedTraining::Differences SimulatedTraining::differences_to_oracle() const {
  oracle::Training expected(config_, before_, 0);
  expected.iterate();
  const oracle::Training actual(config_, state_, 0);
  Differences largest{};
  const auto raise = [](double& value, double other) { value = std::max(value, other); };
  const auto compare = [&](const oracle::Learner& a, const oracle::Learner& b) {
    raise(largest.parameters, difference(a.network, b.network, false));
    raise(largest.targets, difference(a.target, b.target, false));
    raise(largest.first_moments, difference(a.first_moment, b.first_moment, true));
    raise(largest.second_moments, difference(a.second_moment, b.second_moment, true));
  };
  compare(expected.actor(), actual.actor());
  compare(expected.critics().front(), actual.critics().front());
  const kernels::UpdateTotals& totals = update_totals_.front();
  const auto relative = [](double reference, double value) {
    const double distance = std::abs(value - reference) / std::max(std::abs(reference), 1e-6);
    return std::isfinite(distance) ? distance : INFINITY;
  };
  largest.losses = std::max(relative(expected.totals().critic_loss_sum, totals.critic_loss_sum),
                            relative(expected.totals().actor_loss_sum, totals.actor_loss_sum));
  return largest;
}

}  // namespace polyak::model
