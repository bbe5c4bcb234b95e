#include "trainer/evaluation_history.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace polyak {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr float no_regret = std::numeric_limits<float>::quiet_NaN();

/// An evaluation with these means, one per agent; regrets count from a best return of 0.
std::vector<EvaluationRow> evaluation(std::int64_t steps, const std::vector<float>& means,
                                      bool has_regret = false) {
  std::vector<EvaluationRow> rows;
  for (const float mean : means) {
    rows.push_back({static_cast<int>(rows.size()), steps, steps / 4, 1.0f, 16, mean, 1.0f, mean,
                    mean, has_regret ? -mean : no_regret});
  }
  return rows;
}

TEST(EvaluationHistory, TheBestIsTheEarliestOfTheHighestMeans) {
  EvaluationHistory history;
  EXPECT_THAT(history.newest(), IsEmpty());
  EXPECT_THAT(history.add(evaluation(100, {-500.0f, -300.0f})), ElementsAre(0, 1));
  EXPECT_THAT(history.add(evaluation(200, {-400.0f, -300.0f})), ElementsAre(0));
  EXPECT_THAT(history.add(evaluation(300, {-450.0f, -299.0f})), ElementsAre(1));
  EXPECT_EQ(history.count(), 3);
  EXPECT_EQ(history.best()[0].row.environment_steps, 200);
  EXPECT_EQ(history.best()[0].evaluations_since, 1);
  EXPECT_EQ(history.best()[1].row.environment_steps, 300);
  EXPECT_EQ(history.best()[1].row.mean_return, -299.0f);
  EXPECT_EQ(history.best()[1].evaluations_since, 0);
  EXPECT_EQ(history.newest()[0].mean_return, -450.0f);
}

TEST(StoppingRules, AGoalOnceReachedCountsAndEveryAgentMustReachIt) {
  const StoppingRules rules{-200.0, {}, 0};
  EvaluationHistory history;
  EXPECT_FALSE(history.reason_to_stop(rules));
  history.add(evaluation(100, {-200.0f, -300.0f}));
  EXPECT_FALSE(history.reason_to_stop(rules));
  history.add(evaluation(200, {-900.0f, -201.0f}));
  EXPECT_FALSE(history.reason_to_stop(rules));
  history.add(evaluation(300, {-900.0f, -199.0f}));
  EXPECT_EQ(history.reason_to_stop(rules), StopReason::goal_reached);
}

TEST(StoppingRules, ARegretIsReachedFromAbove) {
  const StoppingRules rules{{}, 20.0, 0};
  EvaluationHistory history;
  history.add(evaluation(100, {-20.5f}, true));
  EXPECT_FALSE(history.reason_to_stop(rules));
  history.add(evaluation(200, {-20.0f}, true));
  EXPECT_EQ(history.reason_to_stop(rules), StopReason::goal_reached);
  EvaluationHistory without_best_returns;
  without_best_returns.add(evaluation(100, {0.0f}));
  EXPECT_FALSE(without_best_returns.reason_to_stop(rules));
}

TEST(StoppingRules, PatienceEndsAfterSoManyEvaluationsWithoutABetterOne) {
  const StoppingRules rules{{}, {}, 2};
  EvaluationHistory history;
  history.add(evaluation(100, {-300.0f, -100.0f}));
  history.add(evaluation(200, {-300.0f, -100.0f}));
  EXPECT_FALSE(history.reason_to_stop(rules));
  history.add(evaluation(300, {-299.0f, -100.0f}));
  EXPECT_FALSE(history.reason_to_stop(rules)) << "agent 0 has improved";
  history.add(evaluation(400, {-299.0f, -90.0f}));
  EXPECT_FALSE(history.reason_to_stop(rules)) << "agent 1 has, when it had waited long enough";
  history.add(evaluation(500, {-300.0f, -91.0f}));
  history.add(evaluation(600, {-300.0f, -91.0f}));
  EXPECT_EQ(history.reason_to_stop(rules), StopReason::no_improvement);
}

TEST(StoppingRules, AnAgentMeetsAnyOfThem) {
  const StoppingRules rules{-200.0, {}, 1};
  EvaluationHistory history;
  history.add(evaluation(100, {-150.0f, -300.0f}));
  history.add(evaluation(200, {-140.0f, -300.0f}));
  EXPECT_EQ(history.reason_to_stop(rules), StopReason::no_improvement);
  history.add(evaluation(300, {-140.0f, -190.0f}));
  EXPECT_EQ(history.reason_to_stop(rules), StopReason::goal_reached);
  EXPECT_FALSE(history.reason_to_stop({}));
  EXPECT_FALSE(StoppingRules{}.has_any());
}

}  // namespace
}  // namespace polyak
