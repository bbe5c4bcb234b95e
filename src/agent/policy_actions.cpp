#include "agent/policy_actions.hpp"

#include <algorithm>

#include "config/derived.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak {

std::int64_t policy_actions(const Config& config, std::int64_t from, std::int64_t to) {
  const DerivedConfig derived = derive(config);
  const std::int64_t warmup = derived.warmup_iterations * derived.vector_steps_per_iteration;
  const std::int64_t steps = std::max<std::int64_t>(0, to - std::max(from, warmup));
  return steps * config.environments * find_environment(config.environment).action_size;
}

}  // namespace polyak
