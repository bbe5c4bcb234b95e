// Which options the fused engine (one kernel for whole iterations) does not have.
#include <algorithm>
#include <utility>

#include "polyak/config.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak {
namespace {

/// Whether a field differs from its value in plain DDPG for any agent.
template <class T>
bool differs(const PerAgent<T>& field, T plain) {
  return std::any_of(field.values.begin(), field.values.end(),
                     [plain](T value) { return value != plain; });
}

}  // namespace

std::string_view beyond_fused_engine(const Config& c) {
  const std::pair<std::string_view, bool> options[] = {
      {"environment", !is_fused_environment(c.environment)},
      {"noise-units", c.noise_units != NoiseUnits::normalised},
      {"noise-reset", !c.noise_reset},
      {"noise-scale-final", differs(c.noise_scale_final, -1.0f)},
      {"noise-ladder", !c.noise_ladder.empty()},
      {"critic-action-layer", c.critic_action_layer > 0},
      {"layer-norm", c.layer_norm},
      {"batch-norm", c.batch_norm},
      {"policy", is_recurrent(c)},
      {"twin-critics", c.twin_critics},
      {"target-noise", any_above_zero(c.target_noise)},
      {"actor-delay", c.actor_delay > 1},
      {"target-delay", c.target_delay > 1},
      {"actor-first", c.actor_first},
      {"sampling", c.sampling != Sampling::with_replacement},
      {"n-step", differs(c.n_step, 1)},
      {"reward-scale", differs(c.reward_scale, 1.0f)},
      {"time-limit-terminal", c.time_limit_terminal},
      {"normalise-observations", c.normalise_observations},
      {"learning-rate-decay", c.learning_rate_decay != LearningRateDecay::constant},
      {"actor-weight-decay", any_above_zero(c.actor_weight_decay)},
      {"critic-weight-decay", any_above_zero(c.critic_weight_decay)},
      {"gradient-clip", any_above_zero(c.gradient_clip)},
  };
  for (const auto& [name, is_used] : options) {
    if (is_used) return name;
  }
  return {};
}

}  // namespace polyak
