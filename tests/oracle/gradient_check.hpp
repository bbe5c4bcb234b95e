// Gradients of the oracle against finite differences.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>
#include <vector>

#include "oracle/ddpg.hpp"
#include "support/central_difference.hpp"

namespace polyak::oracle {

/// Random networks and batches, the same in every run.
class Generator {
 public:
  double operator()() { return distribution_(engine_); }
  std::vector<double> vector(int size) {
    std::vector<double> values(static_cast<std::size_t>(size));
    for (double& value : values) value = (*this)();
    return values;
  }
  Network network(std::vector<int> widths, Activation hidden, Activation output) {
    Network network;
    for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
      network.push_back({widths[i], widths[i + 1], i + 2 < widths.size() ? hidden : output,
                         vector(widths[i] * widths[i + 1]), vector(widths[i + 1])});
    }
    return network;
  }
  Batch batch(int size, int observation_size, int action_size) {
    Batch batch;
    for (int i = 0; i < size; ++i) {
      batch.push_back({vector(observation_size), vector(action_size), (*this)(),
                       vector(observation_size), i % 3 == 0});
    }
    return batch;
  }

 private:
  std::mt19937 engine_{1};
  std::uniform_real_distribution<double> distribution_{-1.0, 1.0};
};

/// Central differences for every parameter of `network`.
inline void expect_gradient(Network& network, const Network& gradient,
                            const std::function<double()>& loss) {
  const double tolerance = 1e-8 + 1e-7 * std::abs(loss());
  std::vector<double> analytic;
  visit_parameters(gradient, [&](const double& value) { analytic.push_back(value); });
  std::size_t index = 0;
  visit_parameters(network, [&](double& parameter) {
    ASSERT_NEAR(analytic[index], test::central_difference(parameter, 1e-6, loss), tolerance)
        << "parameter " << index;
    ++index;
  });
}

}  // namespace polyak::oracle
