// Every preset as a training small enough for the oracle and the emulator.
#include <algorithm>
#include <cctype>

#include "config/presets.hpp"
#include "support/configs.hpp"

namespace polyak::test {
namespace {

void narrow(std::vector<int>& widths) {
  for (int& width : widths) width = width / 16 + 1;
}

/// Takes sizes, counts and lengths of time from small_config(), and leaves what the preset does.
void shrink(Config& config) {
  const Config small = small_config();
  const double updates_per_vector_step = config.update_to_data * config.environments;
  const bool warms_up = config.warmup_steps > 0;
  config.environments = std::min(config.environments, small.environments);
  config.update_to_data = std::min(updates_per_vector_step, 4.0) / config.environments;
  config.steps_per_iteration = std::min(config.steps_per_iteration, 6);
  config.total_steps = small.total_steps;
  config.time_limit = small.time_limit;
  config.warmup_steps = warms_up ? small.warmup_steps : 0;
  config.learning_starts = small.learning_starts;
  config.replay_capacity = small.replay_capacity;
  config.batch_size = small.batch_size;
  if (config.policy != PolicyKind::feed_forward) {
    config.batch_size = 5;
    config.sequence_length = 4;
    config.recurrent_units = 9;
  }
  config.threads = small.threads;
  narrow(config.actor_hidden);
  narrow(config.critic_hidden);
  if (config.batch_norm) config.adam_epsilon = 1e-3f;  // as in batch_norm_cases()
}

TrainingCase preset_case(const PresetDescription& description) {
  std::string name(to_string(description.preset));
  name.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(name.front())));
  return {name, [preset = description.preset](Config& config) {
            const DeviceKind device = config.device;
            config = Config{};
            config.device = device;
            apply_preset(config, preset);
            shrink(config);
          }};
}

}  // namespace

const std::vector<TrainingCase>& preset_cases() {
  static const std::vector<TrainingCase> cases = [] {
    std::vector<TrainingCase> all;
    for (const PresetDescription& description : all_presets()) {
      all.push_back(preset_case(description));
    }
    return all;
  }();
  return cases;
}

}  // namespace polyak::test
