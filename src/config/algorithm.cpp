// The algorithms by name, as the fields that they set.
#include "polyak/config.hpp"

namespace polyak {

void apply_algorithm(Config& config, Algorithm algorithm) {
  const bool td3 = algorithm == Algorithm::td3;
  config.algorithm = algorithm;
  // Fujimoto et al. 2018 (arXiv 1802.09477), section 6.1.
  config.twin_critics = td3;
  config.actor_delay = config.target_delay = td3 ? 2 : 1;
  config.target_noise = td3 ? 0.2f : 0.0f;
  config.target_noise_clip = 0.5f;
}

}  // namespace polyak
