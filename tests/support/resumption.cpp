#include "support/resumption.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "config/derived.hpp"
#include "io/metrics_table.hpp"
#include "io/policy_format.hpp"
#include "io/temporary_directory.hpp"
#include "polyak/trainer.hpp"
#include "support/configs.hpp"
#include "trainer/trainer_access.hpp"

namespace polyak::test {
namespace {

/// The rows of metrics.csv, without times.
class Rows {
 public:
  explicit Rows(const Config& config) : table_(config) {}
  void add(Report report) {
    report.seconds = 0.0;
    rows_.push_back(table_.rows(report));
  }
  const std::vector<std::string>& rows() const { return rows_; }

 private:
  MetricsTable table_;
  std::vector<std::string> rows_;  // of one report each
};

std::vector<std::string> policies_of(const Trainer& trainer) {
  std::vector<std::string> policies;
  for (int agent = 0; agent < trainer.config().agents; ++agent) {
    policies.push_back(policy_format::serialise(trainer.policy(agent)));
  }
  return policies;
}

}  // namespace

void expect_same_when_resumed(const SignatureCase& training, const Execution& first,
                              const Execution& second) {
  const testing::ScopedTrace trace(__FILE__, __LINE__, training.name);
  const TemporaryDirectory directory;
  const Config config = on_execution(training.config, first);
  const DerivedConfig derived = derive(config);
  constexpr std::int64_t report_iterations = 4;
  const std::int64_t saved_iterations = derived.iterations * 2 / 3 | 1;
  const std::int64_t saved_at = saved_iterations * derived.steps_per_iteration;
  Rows expected(config), actual(config);
  TrainerOptions options;
  options.report_steps = report_iterations * derived.steps_per_iteration;
  options.on_report = [&](const Report& report) { expected.add(report); };
  options.checkpoint_steps = saved_at;

  Trainer whole(config);
  if (training.prepare) {
    TrainingState state = TrainerAccess::backend(whole).export_state();
    training.prepare(state);
    TrainerAccess::backend(whole).import_state(state);
  }
  options.on_checkpoint = [&] {
    if (whole.environment_steps() == saved_at) whole.save(directory / "checkpoint");
  };
  ASSERT_EQ(whole.run(options), StopReason::finished);

  const Config other = on_execution(training.config, second);
  Trainer resumed = Trainer::resume(directory / "checkpoint", [&](Config& changed) {
    changed.device = other.device;
    changed.engine = other.engine;
    changed.threads = other.threads;
    changed.matrix_product = other.matrix_product;
  });
  EXPECT_EQ(resumed.environment_steps(), saved_at);
  options.on_report = [&](const Report& report) { actual.add(report); };
  options.on_checkpoint = {};
  ASSERT_EQ(resumed.run(options), StopReason::finished);
  EXPECT_EQ(resumed.updates(), whole.updates());
  expect_same_bits(TrainerAccess::backend(whole).export_state(),
                   TrainerAccess::backend(resumed).export_state());
  EXPECT_EQ(policies_of(resumed), policies_of(whole));
  const auto rest = expected.rows().begin() + saved_iterations / report_iterations;
  EXPECT_EQ(actual.rows(), std::vector<std::string>(rest, expected.rows().end()));
}

}  // namespace polyak::test
