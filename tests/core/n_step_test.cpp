// Returns over several steps against what really happened, written down beside the ring and summed
// up in double precision from the definition.
#include "polyak/core/n_step.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace polyak {
namespace {

constexpr RowLayout n_step_layout{1, 1};
constexpr std::int64_t n_step_environments = 3;

/// One step as it happened. Observations are serial numbers, so that each is known by its value.
struct Step {
  double reward;
  RowKind kind;
  float observation_after;
  std::int64_t row;
};

/// A replay and everything that was ever stored in it.
class History {
 public:
  explicit History(std::int64_t rows_per_environment)
      : rows_(static_cast<std::size_t>(n_step_environments * rows_per_environment *
                                       n_step_layout.floats())),
        written_(n_step_environments, 0),
        steps_(n_step_environments),
        rows_per_environment_(rows_per_environment) {
    for (std::int64_t environment = 0; environment < n_step_environments; ++environment)
      begin(environment);
  }

  ReplayView view() {
    return {rows_.data(), written_.data(), n_step_environments, rows_per_environment_,
            n_step_layout};
  }

  /// Episodes of environment s last up to 3 s + 1 steps and end in either way.
  void step(std::int64_t environment) {
    const double reward = uniform(-1.0, 1.0);
    const bool ends = uniform(0.0, 1.0) < 1.0 / static_cast<double>(3 * environment + 1);
    const RowKind kind = !ends                     ? RowKind::continuing
                         : uniform(0.0, 1.0) < 0.5 ? RowKind::terminated
                                                   : RowKind::truncated;
    const float observation = ++serial_, action = 0.0f;
    const std::int64_t row = written_[static_cast<std::size_t>(environment)] - 1;
    append_transition(view(), environment, &action, static_cast<float>(reward), kind, &observation);
    steps_[static_cast<std::size_t>(environment)].push_back({reward, kind, observation, row});
    if (ends) begin(environment);
  }

  /// The steps of an environment that the ring still holds, with what came after them.
  std::vector<std::vector<Step>> futures(std::int64_t environment) const {
    const std::vector<Step>& steps = steps_[static_cast<std::size_t>(environment)];
    const std::int64_t oldest =
        written_[static_cast<std::size_t>(environment)] - rows_per_environment_;
    std::vector<std::vector<Step>> result;
    for (auto step = steps.begin(); step != steps.end(); ++step) {
      if (step->row >= oldest) result.emplace_back(step, steps.end());
    }
    return result;
  }

 private:
  void begin(std::int64_t environment) {
    const float observation = ++serial_;
    begin_episode(view(), environment, &observation);
  }
  double uniform(double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(generator_);
  }

  std::vector<float> rows_;
  std::vector<std::int64_t> written_;
  std::vector<std::vector<Step>> steps_;
  std::int64_t rows_per_environment_;
  float serial_ = 0.0f;
  std::mt19937 generator_{7};
};

struct Expected {
  double reward = 0.0, bootstrap_discount = 1.0;
  float observation = 0.0f;
};

/// From the definition: the rewards of the next n steps as far as the episode goes and is known.
Expected brute_force(const std::vector<Step>& future, const ReturnSettings& settings) {
  const double gamma = static_cast<double>(settings.discount);
  Expected result;
  for (std::size_t k = 0; k < future.size() && k < static_cast<std::size_t>(settings.steps); ++k) {
    const Step& step = future[k];
    result.reward += std::pow(gamma, static_cast<double>(k)) *
                     static_cast<double>(settings.reward_scale) * step.reward;
    result.bootstrap_discount = std::pow(gamma, static_cast<double>(k + 1));
    result.observation = step.observation_after;
    if (step.kind == RowKind::continuing) continue;
    const bool terminal = step.kind == RowKind::terminated || settings.time_limit_terminal;
    if (terminal) result.bootstrap_discount = 0.0;
    break;
  }
  return result;
}

class NStepReturn : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Steps, NStepReturn, testing::Values(1, 2, 3, 8, 50),
                         testing::PrintToStringParamName());

// Rings of 4 rows overwrite what a long return would need; rings of 400 never wrap.
TEST_P(NStepReturn, IsThatOfTheStepsThatWereTaken) {
  for (const std::int64_t rows : {4, 7, 33, 400}) {
    for (const bool time_limit_terminal : {false, true}) {
      const ReturnSettings settings{0.9f, 0.5f, GetParam(), time_limit_terminal};
      History history(rows);
      int shorter = 0, terminal = 0, checked = 0;
      for (int round = 0; round < 150; ++round) {
        for (std::int64_t environment = 0; environment < n_step_environments; ++environment) {
          history.step(environment);
          for (const std::vector<Step>& future : history.futures(environment)) {
            const ReplayView view = history.view();
            const SampledReturn result =
                sampled_return(view, {environment, future.front().row}, settings);
            const Expected expected = brute_force(future, settings);
            ASSERT_NEAR(result.reward, expected.reward, 1e-6);
            ASSERT_NEAR(result.bootstrap_discount, expected.bootstrap_discount, 1e-6);
            ASSERT_EQ(*view.row(environment, result.last), expected.observation);
            shorter += result.last - future.front().row < GetParam();
            terminal += result.bootstrap_discount == 0.0f;
            ++checked;
          }
        }
      }
      EXPECT_GT(terminal, 0);
      EXPECT_LT(terminal, checked);
      EXPECT_EQ(shorter > 0, GetParam() > 1);
    }
  }
}

// One step is exactly the reward and the discount, whatever their bits.
TEST(NStepReturnOfOneStep, HasTheBitsOfItsParts) {
  History history(400);
  for (int round = 0; round < 30; ++round) history.step(2);
  const ReplayView view = history.view();
  for (const std::vector<Step>& future : history.futures(2)) {
    const std::int64_t row = future.front().row;
    const SampledReturn result = sampled_return(view, {2, row}, {0.98f, 1.0f, 1, false});
    EXPECT_EQ(result.reward, view.row(2, row)[n_step_layout.reward_offset()]);
    const bool terminated = future.front().kind == RowKind::terminated;
    EXPECT_EQ(result.bootstrap_discount, terminated ? 0.0f : 0.98f);
    EXPECT_EQ(result.last, row + 1);
  }
}

}  // namespace
}  // namespace polyak
