// Exploration, replay and returns: what does not fit together is refused.
#include <algorithm>

#include "config/checks.hpp"
#include "config/derived.hpp"

namespace polyak {
namespace {

void check_ladder(const Config& config) {
  const std::vector<float>& ladder = config.noise_ladder;
  if (ladder.empty()) return;
  if (ladder.size() != 2) {
    refuse("noise-ladder", std::to_string(ladder.size()) +
                               " values; it takes two, the sigma of an agent's first and of its "
                               "last environment");
  }
  if (config.environments < 2) {
    refuse("noise-ladder",
           "one environment per agent has no first and last; use --environments 2 "
           "or more, or --noise-scale");
  }
  const float unchanged = Config{}.noise_scale[0];
  if (std::any_of(config.noise_scale.values.begin(), config.noise_scale.values.end(),
                  [unchanged](float scale) { return scale != unchanged; })) {
    refuse("noise-scale",
           "has no effect beside --noise-ladder, which sets the sigma of every "
           "environment; leave one of them out");
  }
}

/// A step multiplies the noise by 1 - theta dt: at -1 and below it swings ever further.
void check_ornstein_uhlenbeck(const Config& config) {
  if (config.exploration != Exploration::ornstein_uhlenbeck) return;
  for (int agent = 0; agent < config.agents; ++agent) {
    const float theta = config.noise_theta[agent], dt = config.noise_dt[agent];
    if (theta * dt < 2.0f) continue;
    refuse("noise-theta", "times --noise-dt it is " + number_text(theta * dt) +
                              "; from 2 on the noise grows without end, so use a smaller one");
  }
}

/// Whether any agent's sigma goes somewhere else.
bool any_noise_decays(const Config& config) {
  const std::vector<float>& values = config.noise_scale_final.values;
  return std::any_of(values.begin(), values.end(), [](float value) { return value >= 0.0f; });
}

/// Transitions that one agent's replay holds at its first update for certain: if episodes end after
/// every step, each takes a row for its last observation.
std::int64_t fewest_transitions(const Config& config, const DerivedConfig& derived) {
  const std::int64_t vector_steps =
      (derived.first_update_iteration + 1) * derived.vector_steps_per_iteration;
  return config.environments * std::min(vector_steps, (derived.rows_per_environment - 1) / 2);
}

}  // namespace

void check_exploration(const Config& config) {
  check_ladder(config);
  check_ornstein_uhlenbeck(config);
  const bool decays = any_noise_decays(config);
  const std::vector<std::int64_t>& decay_steps = config.noise_decay_steps.values;
  if (!decays && std::any_of(decay_steps.begin(), decay_steps.end(),
                             [](std::int64_t steps) { return steps > 0; })) {
    refuse("noise-decay-steps", "has no effect without --noise-scale-final, the sigma to go to");
  }
  if (!config.noise_reset && config.exploration == Exploration::gaussian) {
    refuse("noise-reset",
           "gaussian noise has no state that could outlive an episode; leave it "
           "out, or use --exploration ornstein-uhlenbeck");
  }
}

void check_sampling(const Config& config) {
  const DerivedConfig derived = derive(config);
  for (const int steps : config.n_step.values) {
    if (steps > derived.time_limit) {
      refuse("n-step", std::to_string(steps) + " steps are longer than the longest episode of " +
                           std::to_string(derived.time_limit) + "; use at most that");
    }
  }
  if (config.sampling == Sampling::with_replacement) return;
  const std::int64_t fewest = fewest_transitions(config, derived);
  if (config.batch_size > fewest) {
    refuse("sampling",
           "without-replacement needs a replay that holds a whole batch, but for "
           "certain there are only " +
               std::to_string(fewest) + " transitions for --batch-size " +
               std::to_string(config.batch_size) +
               "; use a later --learning-starts, or a --replay-capacity of twice the "
               "batch");
  }
}

}  // namespace polyak
