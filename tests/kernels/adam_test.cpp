#include "kernels/adam.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>
#include <limits>

#include "kernels/fused/adam_updates.hpp"
#include "kernels/kernel_test.hpp"
#include "polyak/core/adam.hpp"

namespace polyak::test {
namespace {

constexpr float beta1 = 0.9f, beta2 = 0.999f, epsilon = 1e-8f;

/// The state of the optimiser in any precision: each array [agents, size].
template <class Real>
struct AdamState {
  std::vector<Real> parameters, first_moment, second_moment, target;
};

std::vector<double> widen(const std::vector<float>& values) {
  return {values.begin(), values.end()};
}

class AdamTest : public testing::TestWithParam<int> {
 protected:
  static constexpr int agents = 3;

  AdamTest()
      : size_(static_cast<std::size_t>(GetParam())),
        gradient_(random_values(agents * size_, 1)),
        start_{random_values(agents * size_, 2), random_values(agents * size_, 3),
               random_values(agents * size_, 4), random_values(agents * size_, 5)} {
    for (float& value : start_.second_moment) value *= value;
  }

  /// The kernel's result for agents [first, first + count), with or without a target.
  AdamState<float> run(std::size_t first, std::size_t count, std::int64_t updates,
                       bool with_target) const {
    const auto part = [&](const std::vector<float>& values, std::size_t per_agent) {
      const auto begin = values.begin() + static_cast<std::ptrdiff_t>(first * per_agent);
      return std::vector<float>(begin, begin + static_cast<std::ptrdiff_t>(count * per_agent));
    };
    const DeviceBuffer<float> gradient(part(gradient_, size_));
    const DeviceBuffer<float> parameters(part(start_.parameters, size_));
    const DeviceBuffer<float> first_moment(part(start_.first_moment, size_));
    const DeviceBuffer<float> second_moment(part(start_.second_moment, size_));
    const DeviceBuffer<float> target(part(start_.target, size_));
    const DeviceBuffer<float> learning_rate(part(learning_rates_, 1)), tau(part(taus_, 1));
    const DeviceBuffer<std::int64_t> counter(std::vector<std::int64_t>{updates});
    finish(kernels::launch_adam(
        {static_cast<int>(count), static_cast<std::int64_t>(size_), gradient.data(),
         parameters.data(), first_moment.data(), second_moment.data(), learning_rate.data(), beta1,
         beta2, epsilon, counter.data(), with_target ? target.data() : nullptr, tau.data()},
        nullptr));
    return {parameters.download(), first_moment.download(), second_moment.download(),
            target.download()};
  }

  /// Algorithm 1 of Kingma & Ba, word by word, in double.
  AdamState<double> reference(std::int64_t updates) const {
    AdamState<double> state = {widen(start_.parameters), widen(start_.first_moment),
                               widen(start_.second_moment), widen(start_.target)};
    const double t = static_cast<double>(updates + 1);
    for (std::size_t i = 0; i < gradient_.size(); ++i) {
      const double g = gradient_[i];
      double &m = state.first_moment[i], &v = state.second_moment[i];
      m = static_cast<double>(beta1) * m + (1.0 - static_cast<double>(beta1)) * g;
      v = static_cast<double>(beta2) * v + (1.0 - static_cast<double>(beta2)) * g * g;
      const double corrected_m = m / (1.0 - std::pow(static_cast<double>(beta1), t));
      const double corrected_v = v / (1.0 - std::pow(static_cast<double>(beta2), t));
      state.parameters[i] -= static_cast<double>(learning_rates_[i / size_]) * corrected_m /
                             (std::sqrt(corrected_v) + static_cast<double>(epsilon));
      state.target[i] +=
          static_cast<double>(taus_[i / size_]) * (state.parameters[i] - state.target[i]);
    }
    return state;
  }

  static void expect_near(const std::vector<float>& values, const std::vector<double>& expected,
                          const char* what) {
    ASSERT_EQ(values.size(), expected.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      // Updates of these values are at most 0.1 large: an absolute bound of a few roundings.
      ASSERT_NEAR(values[i], expected[i], 4e-7) << what << ' ' << i;
    }
  }

  std::size_t size_;
  std::vector<float> gradient_;
  AdamState<float> start_;
  std::vector<float> learning_rates_ = {1e-3f, 1e-2f, 0.0f};
  std::vector<float> taus_ = {0.005f, 1.0f, 0.0f};
};

TEST_P(AdamTest, MatchesAlgorithm1) {
  for (const std::int64_t updates : {0, 1, 999, 100000}) {
    const AdamState<double> expected = reference(updates);
    const AdamState<float> result = run(0, agents, updates, true);
    expect_near(result.parameters, expected.parameters, "parameter");
    expect_near(result.first_moment, expected.first_moment, "first moment");
    expect_near(result.second_moment, expected.second_moment, "second moment");
    expect_near(result.target, expected.target, "target");
  }
}

TEST_P(AdamTest, LeavesTheTargetAloneWithoutOne) {
  const AdamState<float> with = run(0, agents, 3, true);
  const AdamState<float> without = run(0, agents, 3, false);
  EXPECT_TRUE(same_bits(with.parameters, without.parameters));
  EXPECT_TRUE(same_bits(without.target, start_.target));
}

TEST_P(AdamTest, AgentsDoNotDependOnEachOther) {
  const AdamState<float> together = run(0, agents, 3, true);
  AdamState<float> alone;
  for (std::size_t agent = 0; agent < agents; ++agent) {
    const AdamState<float> one = run(agent, 1, 3, true);
    alone.parameters.insert(alone.parameters.end(), one.parameters.begin(), one.parameters.end());
    alone.target.insert(alone.target.end(), one.target.begin(), one.target.end());
  }
  EXPECT_TRUE(same_bits(together.parameters, alone.parameters));
  EXPECT_TRUE(same_bits(together.target, alone.target));
}

TEST_P(AdamTest, PolyakAverageMatchesItsFormula) {
  const DeviceBuffer<float> parameters(start_.parameters), target(start_.target), tau(taus_);
  finish(kernels::launch_polyak_average(
      {agents, static_cast<std::int64_t>(size_), parameters.data(), target.data(), tau.data()},
      nullptr));
  std::vector<double> expected = widen(start_.target);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    expected[i] += static_cast<double>(taus_[i / size_]) *
                   (static_cast<double>(start_.parameters[i]) - expected[i]);
  }
  expect_near(target.download(), expected, "target");
}

INSTANTIATE_TEST_SUITE_P(Sizes, AdamTest, testing::Values(0, 4, 32, 64, 1020, 1024, 1028, 4160));

// An agent's two networks have scales of their own; the second agent has no weight decay.
TEST_P(AdamTest, RegularisesAsItsFunctionsSay) {
  if (size_ % 8 != 0) return;
  const std::vector<float> decays = {0.1f, 0.0f, 0.3f},
                           scales = {0.5f, 1.0f, 1.0f, 0.25f, 2.0f, 1.0f};
  const DeviceBuffer<float> decay(decays), scale(scales), rate(learning_rates_);
  for (const bool decoupled : {false, true}) {
    const DeviceBuffer<float> gradient(gradient_), parameters(start_.parameters),
        first_moment(start_.first_moment), second_moment(start_.second_moment);
    const DeviceBuffer<std::int64_t> counter(std::vector<std::int64_t>{11});
    finish(kernels::launch_adam({.agents = agents,
                                 .parameters_per_agent = static_cast<std::int64_t>(size_),
                                 .gradient = gradient.data(),
                                 .parameters = parameters.data(),
                                 .first_moment = first_moment.data(),
                                 .second_moment = second_moment.data(),
                                 .learning_rate = rate.data(),
                                 .beta1 = beta1,
                                 .beta2 = beta2,
                                 .epsilon = epsilon,
                                 .updates = counter.data(),
                                 .target = nullptr,
                                 .tau = nullptr,
                                 .updates_per_step = 4,
                                 .decay_updates = 22,
                                 .weight_decay = decay.data(),
                                 .decoupled_weight_decay = decoupled,
                                 .networks = 2,
                                 .gradient_scale = scale.data()},
                                nullptr));
    AdamState<float> expected = start_;
    std::vector<float> gradients = gradient_;
    for (std::size_t i = 0; i < gradients.size(); ++i) {
      const std::size_t agent = i / size_, network = 2 * agent + i % size_ / (size_ / 2);
      const float rate_now = 0.5f * learning_rates_[agent];
      const Regularisation rule =
          make_regularisation(scales[network], decays[agent], decoupled, rate_now);
      regularise(rule, gradients[i], expected.parameters[i]);
      adam_update(make_adam_step(rate_now, beta1, beta2, epsilon, 3), gradients[i],
                  expected.parameters[i], expected.first_moment[i], expected.second_moment[i]);
    }
    expect_near(parameters.download(), widen(expected.parameters), "parameter");
    expect_near(first_moment.download(), widen(expected.first_moment), "first moment");
    expect_near(second_moment.download(), widen(expected.second_moment), "second moment");
  }
}

TEST(AdamKernel, ThreadOrderDoesNotMatter) {
  const DeviceBuffer<std::int64_t> counter(std::vector<std::int64_t>{2});
  const DeviceBuffer<float> rate(std::vector<float>{1e-3f, 1e-2f});
  same_bits_in_every_order([&] {
    const DeviceBuffer<float> gradient(random_values(2056, 1)), parameters(random_values(2056, 2));
    const DeviceBuffer<float> first(std::vector<float>(2056, 0.5f)),
        second(std::vector<float>(2056, 0.5f));
    finish(kernels::launch_adam(
        {2, 1028, gradient.data(), parameters.data(), first.data(), second.data(), rate.data(),
         beta1, beta2, epsilon, counter.data(), nullptr, nullptr},
        nullptr));
    return parameters.download();
  });
}

TEST(AdamKernel, PaddingStaysZero) {
  const DeviceBuffer<std::int64_t> counter(std::vector<std::int64_t>{0});
  const DeviceBuffer<float> rate(std::vector<float>{1.0f}), tau(std::vector<float>{0.5f});
  const std::vector<float> zeros(32, 0.0f);
  const DeviceBuffer<float> gradient(zeros), parameters(zeros), first(zeros), second(zeros),
      target(zeros);
  finish(kernels::launch_adam(
      {1, 32, gradient.data(), parameters.data(), first.data(), second.data(), rate.data(), beta1,
       beta2, epsilon, counter.data(), target.data(), tau.data()},
      nullptr));
  for (const DeviceBuffer<float>* buffer : {&parameters, &first, &second, &target}) {
    EXPECT_EQ(buffer->download(), zeros);
  }
}

TEST(AdamKernel, RefusesSizesThatAreNoMultipleOfFour) {
  kernels::Adam arguments{};
  arguments.agents = 1;
  arguments.parameters_per_agent = 33;
  EXPECT_EQ(kernels::launch_adam(arguments, nullptr), cudaErrorInvalidValue);
  arguments.parameters_per_agent = 36;  // two networks of 18
  arguments.networks = 2;
  EXPECT_EQ(kernels::launch_adam(arguments, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(kernels::launch_polyak_average({1, 33, nullptr, nullptr, nullptr}, nullptr),
            cudaErrorInvalidValue);
}

/// Or both are no numbers, whose bits are nobody's business.
bool have_same_bits(const float (&a)[3], const float (&b)[3]) {
  return std::equal(std::begin(a), std::end(a), std::begin(b), [](float one, float other) {
    return std::memcmp(&one, &other, sizeof one) == 0 || (std::isnan(one) && std::isnan(other));
  });
}

// Also where one of them is a zero, is near the ends of the range, or is no number.
TEST(FusedAdam, HasTheBitsOfEveryParameterAlone) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const float gradients[] = {1.0f,   -3e-3f, 0.0f,   -0.0f, 1e-7f, 1e-16f,    -1e-19f,
                             1e-30f, 1e-42f, -1e12f, 1e19f, 3e38f, -infinity, std::nanf("")};
  constexpr int count = static_cast<int>(std::size(gradients));
  for (const float epsilon : {1e-8f, 1e-3f, 1e-30f, 0.0f}) {
    for (const float learning_rate : {1e-3f, 0.0f}) {
      for (int first_one = 0; first_one < count; ++first_one) {
        // A vector of three with one of each kind in it, over updates in which its moments fade.
        float several[3] = {0.5f, -0.0f, -2.0f}, firsts[3] = {}, seconds[3] = {};
        float alone[3] = {0.5f, -0.0f, -2.0f}, alone_firsts[3] = {}, alone_seconds[3] = {};
        for (std::uint64_t t = 1; t <= 600; ++t) {
          const AdamStep step = make_adam_step(learning_rate, 0.9f, 0.99f, epsilon, t);
          const float fading = t == 1 ? gradients[first_one] : 0.0f;
          const float now[3] = {t < 400 ? 0.25f : 0.0f, fading, -1e-4f};
          kernels::fused::adam_updates(step, now, several, firsts, seconds);
          for (int i = 0; i < 3; ++i) {
            adam_update(step, now[i], alone[i], alone_firsts[i], alone_seconds[i]);
          }
          ASSERT_TRUE(have_same_bits(several, alone) && have_same_bits(firsts, alone_firsts) &&
                      have_same_bits(seconds, alone_seconds))
              << gradients[first_one] << ", epsilon " << epsilon << ", update " << t;
        }
      }
    }
  }
}

}  // namespace
}  // namespace polyak::test
