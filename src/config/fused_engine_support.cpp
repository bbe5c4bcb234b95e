// Which options the fused engine (one kernel for whole iterations) does not have.
#include <utility>

#include "polyak/config.hpp"

namespace polyak {
std::string_view beyond_fused_engine(const Config& c) {
  const std::pair<std::string_view, bool> options[] = {
      {"critic-action-layer", c.critic_action_layer > 0},
      {"layer-norm", c.layer_norm},
      {"twin-critics", c.twin_critics},
      {"target-noise", any_above_zero(c.target_noise)},
      {"actor-delay", c.actor_delay > 1},
      {"target-delay", c.target_delay > 1},
      {"actor-first", c.actor_first},
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
