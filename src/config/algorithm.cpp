// The algorithms by name, as the fields that they set.
#include "polyak/config_presets.hpp"

namespace polyak {
namespace {

constexpr std::string_view lillicrap = "Lillicrap et al. 2015";
const PresetValue ddpg_values[] = {
    {"algorithm", [](Config& c) { c.algorithm = Algorithm::ddpg; }, lillicrap},
    {"twin-critics", [](Config& c) { c.twin_critics = false; }, lillicrap},
    {"target-noise", [](Config& c) { c.target_noise = 0.0f; }, lillicrap},
    {"target-noise-clip", [](Config& c) { c.target_noise_clip = 0.5f; }, "there is no noise"},
    {"actor-delay", [](Config& c) { c.actor_delay = 1; }, lillicrap},
    {"target-delay", [](Config& c) { c.target_delay = 1; }, lillicrap},
};

constexpr std::string_view fujimoto = "Fujimoto et al. 2018 (arXiv 1802.09477), section 6.1";
const PresetValue td3_values[] = {
    {"algorithm", [](Config& c) { c.algorithm = Algorithm::td3; }, fujimoto},
    {"twin-critics", [](Config& c) { c.twin_critics = true; }, fujimoto},
    {"target-noise", [](Config& c) { c.target_noise = 0.2f; }, fujimoto},
    {"target-noise-clip", [](Config& c) { c.target_noise_clip = 0.5f; }, fujimoto},
    {"actor-delay", [](Config& c) { c.actor_delay = 2; }, fujimoto},
    {"target-delay", [](Config& c) { c.target_delay = 2; }, fujimoto},
};

}  // namespace

std::span<const PresetValue> algorithm_values(Algorithm algorithm) {
  return algorithm == Algorithm::td3 ? std::span(td3_values) : std::span(ddpg_values);
}

}  // namespace polyak
