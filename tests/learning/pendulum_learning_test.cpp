// Learning itself: one short training of the default configuration reaches what chance cannot.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "backend/cpu/cpu_backend.hpp"
#include "config/derived.hpp"
#include "polyak/core/random.hpp"
#include "polyak/environment/pendulum.hpp"
#include "support/reference_data.hpp"

namespace polyak {
namespace {

/// Mean over the starts of best known return minus achieved return.
double regret(const std::vector<float>& returns, const test::ReferenceStarts& starts) {
  double sum = 0.0;
  for (std::size_t i = 0; i < returns.size(); ++i) {
    sum += starts.best_returns[i] - static_cast<double>(returns[i]);
  }
  return sum / static_cast<double>(returns.size());
}

std::vector<float> random_torque_returns(const test::ReferenceStarts& starts) {
  std::vector<float> returns;
  for (std::uint32_t i = 0; i < starts.best_returns.size(); ++i) {
    Pendulum::State state{starts.states[2 * i], starts.states[2 * i + 1]};
    float sum = 0.0f;
    for (std::uint64_t step = 0; step < 200; ++step) {
      const float torque =
          uniform_between(-2.0f, 2.0f, PhiloxRandom{1}(i, step, Purpose::warmup_action).x);
      const auto result = Pendulum::step({10.0f}, state, &torque);
      sum += result.reward;
      state = result.next;
    }
    returns.push_back(sum);
  }
  return returns;
}

TEST(Learning, PendulumFromTheDefaultsReachesALowRegret) {
  const test::ReferenceStarts starts = test::pendulum_starts(50);
  const double of_random_torques = regret(random_torque_returns(starts), starts);
  ASSERT_GT(of_random_torques, 900.0);

  Config config;
  config.device = DeviceKind::cpu;
  config.threads = 1;
  const auto backend = make_cpu_backend(config);
  const double before = regret(backend->evaluate(starts.states), starts);
  backend->advance(derive(config).iterations);
  const double after = regret(backend->evaluate(starts.states), starts);
  RecordProperty("regret", std::to_string(after));
  EXPECT_GT(before, 500.0) << "an untrained actor must not be good, or the test shows nothing";
  // The mean over seeds is 11.7, the worst of 20 was 17.0 (bench/results), over ten times as many
  // starts; this seed had 13.7.
  EXPECT_LT(after, 25.0);
  // Nothing beats the best known return by more than rounding.
  EXPECT_GT(after, -1.0);
}

}  // namespace
}  // namespace polyak
