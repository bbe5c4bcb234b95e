// The algorithms by name, as the fields that they set.
#include "config/presets.hpp"

namespace polyak {
namespace {

constexpr std::string_view lillicrap = "Lillicrap et al. 2015";
const PresetValue ddpg_values[] = {
    {&Config::algorithm, Algorithm::ddpg, lillicrap},
    {&Config::twin_critics, false, lillicrap},
    {&Config::target_noise, 0.0f, lillicrap},
    {&Config::target_noise_clip, 0.5f, "there is no noise"},
    {&Config::actor_delay, 1, lillicrap},
    {&Config::target_delay, 1, lillicrap},
};

constexpr std::string_view fujimoto = "Fujimoto et al. 2018 (arXiv 1802.09477), section 6.1";
const PresetValue td3_values[] = {
    {&Config::algorithm, Algorithm::td3, fujimoto},
    {&Config::twin_critics, true, fujimoto},
    {&Config::target_noise, 0.2f, fujimoto},
    {&Config::target_noise_clip, 0.5f, fujimoto},
    {&Config::actor_delay, 2, fujimoto},
    {&Config::target_delay, 2, fujimoto},
};

}  // namespace

std::span<const PresetValue> algorithm_values(Algorithm algorithm) {
  return algorithm == Algorithm::td3 ? std::span(td3_values) : std::span(ddpg_values);
}

}  // namespace polyak
