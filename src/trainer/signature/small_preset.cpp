#include "trainer/signature/small_preset.hpp"

#include <algorithm>

namespace polyak {
namespace {

void narrow(std::vector<int>& widths) {
  for (int& width : widths) width = width / 16 + 1;
}

}  // namespace

Config small_preset(Preset preset, const Config& sizes) {
  Config config;
  apply_preset(config, preset);
  const double updates_per_vector_step = config.update_to_data * config.environments;
  config.agents = sizes.agents;
  config.environments = std::min(config.environments, sizes.environments);
  config.update_to_data = std::min(updates_per_vector_step, 4.0) / config.environments;
  config.steps_per_iteration = std::min(config.steps_per_iteration, 6);
  config.total_steps = sizes.total_steps;
  config.time_limit = sizes.time_limit;
  config.warmup_steps = config.warmup_steps > 0 ? sizes.warmup_steps : 0;
  config.learning_starts = sizes.learning_starts;
  config.replay_capacity = sizes.replay_capacity;
  config.batch_size = sizes.batch_size;
  if (config.policy != PolicyKind::feed_forward) {
    config.batch_size = 5;
    config.sequence_length = 4;
    config.recurrent_units = 9;
  }
  narrow(config.actor_hidden);
  narrow(config.critic_hidden);
  // Through normalisations of few rows some gradients are little more than rounding errors, which
  // Adam would make steps of.
  if (config.batch_norm) config.adam_epsilon = 1e-3f;
  return config;
}

}  // namespace polyak
