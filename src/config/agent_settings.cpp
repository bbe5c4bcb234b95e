// What one agent's exploration, returns and sequences follow from.
#include <algorithm>

#include "config/derived.hpp"
#include "polyak/config.hpp"

namespace polyak {

ExplorationPlan exploration_plan(const Config& config, int agent) {
  ExplorationPlan plan{};
  plan.first = {config.exploration, config.noise_scale[agent], config.noise_theta[agent],
                config.noise_dt[agent]};
  plan.environment_units = config.noise_units == NoiseUnits::environment;
  plan.keeps_noise = !config.noise_reset;
  if (config.noise_ladder.size() == 2 && config.environments > 1) {
    plan.first.scale = config.noise_ladder[0];
    plan.scale_per_environment = (config.noise_ladder[1] - config.noise_ladder[0]) /
                                 static_cast<float>(config.environments - 1);
  }
  if (config.noise_scale_final[agent] >= 0.0f) {
    const std::int64_t given = config.noise_decay_steps[agent];
    const std::int64_t steps = given > 0 ? given : config.total_steps;
    plan.final_scale = config.noise_scale_final[agent];
    plan.decay_steps = (steps + config.environments - 1) / config.environments;
  }
  return plan;
}

ReturnSettings return_settings(const Config& config, int agent) {
  return {config.discount[agent], config.reward_scale[agent], config.n_step[agent],
          config.time_limit_terminal};
}

SequenceSettings sequence_settings(const Config& config) {
  const bool whole_episodes = config.sequence_length == 0;
  const std::vector<int>& steps = config.n_step.values;
  const int longest = *std::max_element(steps.begin(), steps.end());
  return {whole_episodes ? derive(config).time_limit : config.sequence_length, config.burn_in,
          whole_episodes, config.sequence_lookahead > 0 ? config.sequence_lookahead : longest};
}

}  // namespace polyak
