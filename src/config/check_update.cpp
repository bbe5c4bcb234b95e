// Target noise and weight decay: what has no say is refused.
#include "config/checks.hpp"

namespace polyak {

void check_update(const Config& config) {
  if (config.target_noise_clip != Config{}.target_noise_clip &&
      !any_above_zero(config.target_noise)) {
    refuse("target-noise-clip", "has no say without --target-noise");
  }
  if (config.decoupled_weight_decay && !any_above_zero(config.actor_weight_decay) &&
      !any_above_zero(config.critic_weight_decay)) {
    refuse("decoupled-weight-decay",
           "has no say without --actor-weight-decay or --critic-weight-decay");
  }
}

}  // namespace polyak
