#include "trainer/population_evaluation.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "trainer/trainer_config.hpp"

namespace polyak {
namespace {

Starts starts_of(std::size_t count) {
  return {
      2,
      draw_starts("Pendulum-v1", std::vector<float>{10.0f}, 0, static_cast<std::int64_t>(count)),
      {}};
}

TEST(PopulationEvaluator, SlicesMakeNoDifference) {
  Trainer trainer(test::trainer_config());
  trainer.run({});
  const Starts starts = starts_of(90);
  PopulationEvaluator evaluator(trainer);
  const std::atomic<bool> stop{false};
  const std::vector<float> whole = trainer.evaluate(starts.states);
  EXPECT_EQ(evaluator.returns(starts, &stop), whole) << "slices of 1, 4, 16, ...";
  EXPECT_EQ(evaluator.returns(starts, nullptr), whole) << "in slices as long as fits";
  EXPECT_EQ(evaluator.returns({}, nullptr), std::vector<float>{});
}

TEST(PopulationEvaluator, EndsWhenAsked) {
  Trainer trainer(test::trainer_config());
  const std::atomic<bool> stop{true};
  EXPECT_FALSE(PopulationEvaluator(trainer).returns(starts_of(3), &stop));
}

TEST(PopulationEvaluation, RowsHaveWhatIsKnown) {
  Trainer trainer(test::trainer_config());
  trainer.run({});
  Starts starts{2, {0.0f, 0.0f, 3.0f, 0.0f}, {-1.0, -100.0}};
  const std::vector<float> returns = {-2.0f, -106.0f, -1.0f, -200.0f};
  const std::vector<EvaluationRow> rows =
      evaluation_rows(trainer, evaluate_agents(returns, starts));
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[1].agent, 1);
  EXPECT_EQ(rows[1].environment_steps, 600);
  EXPECT_EQ(rows[1].updates, 269);
  EXPECT_GT(rows[1].seconds, 0.0f);
  EXPECT_EQ(rows[0].episodes, 2);
  EXPECT_EQ(rows[0].mean_return, -54.0f);
  EXPECT_EQ(rows[0].standard_error, 52.0f);
  EXPECT_EQ(rows[0].median_return, -54.0f);
  EXPECT_EQ(rows[0].worst_return, -106.0f);
  EXPECT_EQ(rows[0].mean_regret, 3.5f);
  EXPECT_EQ(rows[1].mean_regret, 50.0f);
  starts.best_returns.clear();
  EXPECT_TRUE(
      std::isnan(evaluation_rows(trainer, evaluate_agents(returns, starts))[0].mean_regret));
}

}  // namespace
}  // namespace polyak
