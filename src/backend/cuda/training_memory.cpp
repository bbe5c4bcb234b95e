#include "backend/cuda/training_memory.hpp"

#include <string>
#include <vector>

#include "backend/checks/host_memory.hpp"
#include "backend/checks/memory_check.hpp"
#include "backend/cuda/cuda_backend.hpp"
#include "backend/cuda/device_info.hpp"
#include "backend/cuda/engine.hpp"
#include "backend/cuda/training_buffers.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak::cuda {
namespace {

/// What the host holds while the first state is on its way to the device, and no less than what it
/// holds while a state is on its way to a checkpoint.
std::vector<MemoryNeed> first_state_needs(const Config& config) {
  const NetworkLayout actor = actor_layout(config), critic = critic_layout(config);
  const EnvironmentInfo environment = find_environment(config.environment);
  const MemorySize environments = MemorySize(config.agents) * config.environments;
  constexpr int networks = 4, statistics = 2, rows = 2;  // rows: once more where they are pinned
  const std::int64_t environment_floats = environment.state_size + environment.action_size +
                                          recurrent_state_floats(config) +
                                          rows * row_layout(config).floats();
  constexpr std::int64_t counter_bytes =
      sizeof(std::int32_t) + sizeof(double) + sizeof(std::int64_t);
  return {{"the first networks, before the device has them",
           (MemorySize(config.agents) * sizeof(float) *
            (networks * (actor.stride + critic.stride) +
             statistics * (actor.statistics_stride + critic.statistics_stride)))
               .count()},
          {"copies of the actors",
           (MemorySize(config.agents) * sizeof(float) * (actor.stride + actor.statistics_stride))
               .count()},
          {"the first states of the environments",
           (environments * (environment_floats * std::int64_t{sizeof(float)} + counter_bytes))
               .count()}};
}

}  // namespace

MemoryBudget measure_training(const Config& config) {
  if (count_devices().count > 0) select_device(config.device.gpu);
  MemoryBudget budget(MemoryBudget::Mode::measure);
  const TrainingBuffers training(config, budget);
  measure_engine(config, budget);
  return budget;
}

void require_memory(const Config& config) {
  const std::string advice =
      "use a smaller replay-capacity, fewer agents or environments, or a smaller batch-size";
  const MemoryBudget budget = measure_training(config);
  polyak::require_memory(budget.needs(), available_memory(),
                         {"this training", advice, " on " + device_name()});
  polyak::require_memory(first_state_needs(config), host_memory().available,
                         {"this training's start", "use fewer agents or environments"});
}

}  // namespace polyak::cuda

namespace polyak {

void require_cuda_training_memory(const Config& config) { cuda::require_memory(config); }

std::vector<MemoryNeed> cuda_memory_needs(const Config& config) {
  return cuda::measure_training(config).needs();
}

}  // namespace polyak
