#include "trainer/signature/signature.hpp"

#include <algorithm>
#include <utility>

#include "backend/backend.hpp"
#include "config/derived.hpp"
#include "config/fields.hpp"
#include "io/sha256.hpp"
#include "polyak/core/error.hpp"
#include "trainer/signature/evaluation_arrays.hpp"
#include "trainer/trainer_access.hpp"

namespace polyak {

Config on_execution(Config config, const Execution& execution) {
  config.device = resolve_device(execution.device);
  config.engine = execution.engine;
  config.threads = execution.threads;
  if (config.device == DeviceKind::cpu && config.engine != Engine::automatic) {
    require_fields_on(config.device.kind, config);
  }
  // The fused engine has no others than its own, and refuses to be asked.
  const bool may_be_fused =
      config.engine != Engine::layered && beyond_engine(config, &Engines::fused).empty();
  if (config.device == DeviceKind::cuda && config.engine != Engine::fused && !may_be_fused) {
    config.matrix_product = MatrixProduct::own;
  }
  return config;
}

std::string_view missing_option(const Config& config) {
  if (config.device == DeviceKind::cpu) return beyond_engine(config, &Engines::cpu);
  return beyond_engine(config,
                       config.engine == Engine::fused ? &Engines::fused : &Engines::layered);
}

TrainingOutcome train_signature_case(
    const SignatureCase& training, const Config& config,
    const std::function<void(const TrainingState&)>& after_iteration) {
  Trainer trainer(config);
  Backend& backend = TrainerAccess::backend(trainer);
  if (training.prepare) {
    TrainingState state = backend.export_state();
    training.prepare(state);
    backend.import_state(state);
  }
  TrainerOptions options;
  if (after_iteration) {
    after_iteration(backend.export_state());
    options.report_steps = derive(config).steps_per_iteration;
    options.on_report = [&](const Report&) { after_iteration(backend.export_state()); };
  }
  if (trainer.run(options) != StopReason::finished) {
    throw RunError("the training " + training.name + " has a value that is not finite on " +
                   backend.description());
  }
  const TrainingState state = backend.export_state();
  TrainingOutcome outcome{backend.description(), state_arrays(state)};
  for (NamedArray& array : evaluation_arrays(trainer, state)) {
    outcome.arrays.push_back(std::move(array));
  }
  return outcome;
}

CaseSignature sign(const SignatureCase& training, const Execution& execution) {
  const Config config = on_execution(training.config, execution);
  if (const std::string_view missing = missing_option(config); !missing.empty()) {
    return {training.name, {}, std::string(missing), {}};
  }
  const TrainingOutcome outcome = train_signature_case(training, config);
  return {training.name, digest_of(outcome.arrays), {}, outcome.device};
}

}  // namespace polyak
