#include "trainer/signature/trace.hpp"

#include <iterator>

#include "polyak/core/error.hpp"
#include "trainer/signature/configuration_digest.hpp"

namespace polyak {
namespace {

/// Those of `arrays` that are not as in `before`, which becomes `arrays`.
std::vector<NamedArray> take_changes(std::vector<NamedArray>& before,
                                     std::vector<NamedArray> arrays) {
  std::vector<NamedArray> changed;
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    if (before.empty() || arrays[i] != before[i]) changed.push_back(arrays[i]);
  }
  before = std::move(arrays);
  return changed;
}

}  // namespace

Trace record_trace(const SignatureCase& training, const Execution& execution) {
  const Config config = on_execution(training.config, execution);
  if (const std::string_view missing = missing_option(config); !missing.empty()) {
    throw UsageError("the training " + training.name + " is not for this engine, which does not " +
                     "have --" + std::string(missing));
  }
  Trace trace{training.name, configuration_digest(training), {}, {}, {}};
  std::vector<NamedArray> before;
  TrainingOutcome outcome = train_signature_case(training, config, [&](const TrainingState& state) {
    trace.steps.push_back(take_changes(before, state_arrays(state)));
  });
  trace.device = std::move(outcome.device);
  const auto evaluation = outcome.arrays.begin() + static_cast<std::ptrdiff_t>(before.size());
  trace.evaluation.assign(std::make_move_iterator(evaluation),
                          std::make_move_iterator(outcome.arrays.end()));
  return trace;
}

}  // namespace polyak
