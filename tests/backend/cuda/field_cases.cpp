#include "backend/cuda/field_cases.hpp"

#include <string>

#include "config/fields.hpp"
#include "io/text_value.hpp"

namespace polyak::test {
namespace {

/// Sixteen iterations, twelve of which learn, with ends of episodes and of the replay.
Config tiny_config() {
  Config config;
  config.agents = 2;
  config.environments = 3;
  config.total_steps = 48;
  config.time_limit = 5;
  config.warmup_steps = 6;
  config.learning_starts = 15;
  config.update_to_data = 1.0 / 3.0;
  config.batch_size = 9;
  config.replay_capacity = 30;
  config.actor_hidden = {5};
  config.critic_hidden = {6, 4};
  config.tau = 0.1f;
  config.device = DeviceKind::cpu;
  config.threads = 1;
  return config;
}

void set_field(Config& config, std::string_view name, std::string_view text) {
  visit_fields(config, [&](const FieldInfo& field, auto& value) {
    const std::string texts[] = {std::string(text)};
    if (field.name == name) parse_field(name, texts, value);
  });
}

const FieldTexts ornstein_uhlenbeck = {{"exploration", "ornstein-uhlenbeck"}};
// Adam would make steps of gradients that are little more than rounding errors.
const FieldTexts smooth_adam = {{"adam-epsilon", "1e-3"}};
// Targets matter as soon as the critic has learnt from them.
const FieldTexts quick_targets = {{"learning-rate-critic", "0.01"}, {"tau", "1"}};
const FieldTexts batch_norm = {{"batch-norm", "true"}, {"adam-epsilon", "1e-3"}};
const FieldTexts recurrent = {
    {"policy", "gru"}, {"recurrent-units", "5"}, {"sequence-length", "4"}, {"batch-size", "3"}};
const FieldTexts long_episodes = {
    {"agents", "1"}, {"time-limit", "32"}, {"batch-size", "2"}, {"total-steps", "21"}};

}  // namespace

Config FieldCase::before() const {
  Config config = tiny_config();
  for (const auto& [name, text] : needs) set_field(config, name, text);
  return config;
}

Config FieldCase::after() const {
  Config config = before();
  set_field(config, field, value);
  return config;
}

std::ostream& operator<<(std::ostream& out, const FieldCase& field_case) {
  return out << field_case.field << ' ' << field_case.value;
}

const std::vector<FieldCase>& field_cases() {
  static const std::vector<FieldCase> cases = {
      {"environment", "MountainCarContinuous-v0"},
      {"environment", "Pendulum-P"},
      {"environment-parameter", "gravity=5"},
      {"time-limit", "7"},
      {"agents", "3"},
      {"seed", "1,9"},
      {"environments", "4"},
      {"total-steps", "57"},
      {"steps-per-iteration", "2"},
      {"update-to-data", "1"},
      {"warmup-steps", "12"},
      {"learning-starts", "21"},
      {"exploration", "ornstein-uhlenbeck"},
      {"noise-scale", "0.1,0.7"},
      {"noise-theta", "0.15,0.9", ornstein_uhlenbeck},
      {"noise-dt", "1,0.25", ornstein_uhlenbeck},
      {"noise-units", "environment"},
      {"noise-reset", "false", ornstein_uhlenbeck},
      {"noise-scale-final", "-1,0.9"},
      {"noise-decay-steps", "0,21", {{"noise-scale-final", "0.9"}}},
      {"noise-ladder", "0.05,0.9"},
      {"actor-hidden", "7"},
      {"critic-hidden", "8,3"},
      {"activation", "elu"},
      {"final-layer-range", "0.01"},
      {"critic-action-layer", "1"},
      {"layer-norm", "true", smooth_adam},
      {"batch-norm", "true", smooth_adam},
      {"batch-norm-momentum", "0.5", batch_norm},
      {"batch-norm-policy-evaluation", "true", batch_norm},
      {"policy", "lstm", long_episodes},
      {"recurrent-units", "7", recurrent},
      {"twin-critics", "true"},
      {"target-noise", "0,3", quick_targets},
      {"target-noise-clip",
       "0.5,2",
       {{"target-noise", "3"}, {"learning-rate-critic", "0.01"}, {"tau", "1"}}},
      {"actor-delay", "2"},
      {"target-delay", "2"},
      {"actor-first", "true"},
      {"sampling", "without-replacement"},
      {"n-step", "1,3"},
      {"reward-scale", "1,0.1"},
      {"time-limit-terminal", "true"},
      {"normalise-observations", "true"},
      {"sequence-length", "3", recurrent},
      {"burn-in", "2", recurrent},
      {"sequence-start", "stored", recurrent},
      {.field = "sequence-lookahead", .value = "3", .needs = recurrent, .only_rounding = true},
      {"batch-size", "11"},
      {"replay-capacity", "21"},
      {"learning-rate-actor", "0.002,0.01"},
      {"learning-rate-critic", "0.003,0.01"},
      {"discount", "0.98,0.5"},
      {"tau", "0.1,0.9"},
      {"adam-beta1", "0.5"},
      {"adam-beta2", "0.9"},
      {"adam-epsilon", "0.1"},
      {"learning-rate-decay", "linear"},
      {"actor-weight-decay", "0,0.5"},
      {"critic-weight-decay", "0,0.5"},
      {"decoupled-weight-decay",
       "true",
       {{"actor-weight-decay", "0.5"}, {"critic-weight-decay", "0.5"}}},
      {"gradient-clip", "0,0.01", smooth_adam},
      {"matrix-product", "cublas"},
      {"precision", "bf16"},
  };
  return cases;
}

}  // namespace polyak::test
