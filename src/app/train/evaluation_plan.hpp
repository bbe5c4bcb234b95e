// What is evaluated during a training, how often, and what may come of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "io/starts_file.hpp"
#include "polyak/config.hpp"
#include "trainer/evaluation_history.hpp"

namespace CLI {
class App;
}

namespace polyak {

/// What is declared for a subcommand on construction, and filled when the line is parsed.
struct EvaluationOptions {
  explicit EvaluationOptions(CLI::App& command);

  /// These, and what is not given as a plan's note has it.
  EvaluationOptions with_noted(std::string_view note) const;

  std::optional<std::int64_t> every, episodes, patience;
  std::optional<double> stop_at_return, stop_at_regret;
  std::string starts;
};

struct EvaluationPlan {
  Starts at_the_end;       // start states; none: no evaluation at all
  Starts on_the_way;       // all of them, or the first ones; not empty if at_the_end is not
  std::int64_t every = 0;  // environment steps per agent; 0: only at the end
  StoppingRules rules;
  std::string note = {};  // what it was made from, for a checkpoint
};

/// UsageError for a file of start states that is wrong, and for options without effect.
EvaluationPlan evaluation_plan(const EvaluationOptions& options, const Config& config);

}  // namespace polyak
