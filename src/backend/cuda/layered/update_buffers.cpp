#include "backend/cuda/layered/update_buffers.hpp"

namespace polyak::cuda {

UpdateBuffers::UpdateBuffers(const Config& config, MemoryBudget& budget)
    : batch(config, budget),
      action_gradient(config.agents, batch_steps(config).rows(), actor_layout(config).outputs(),
                      batch_purpose, budget),
      actor_hidden(actor_layout(config), config.agents, batch_steps(config), Direction::both,
                   batch_purpose, budget),
      target_actor_hidden(actor_layout(config), config.agents, batch_steps(config),
                          Direction::forward_only, batch_purpose, budget),
      optimiser(config, budget),
      clustered(config, budget) {
  const NetworkLayout critic = critic_layout(config);
  const StepShape shape = batch_steps(config);
  for (int i = 0; i < critic.networks; ++i) {
    critic_hidden.emplace_back(critic, config.agents, shape, Direction::both, batch_purpose,
                               budget);
    target_critic_hidden.emplace_back(critic, config.agents, shape, Direction::forward_only,
                                      batch_purpose, budget);
  }
  const MemorySize rows = MemorySize(config.agents) * shape.rows();
  for (DeviceBuffer<float>* array : {&target, &policy_value, &policy_value_gradient}) {
    *array = budget.buffer<float>(rows, batch_purpose);
  }
  for (DeviceBuffer<float>* array : {&next_value, &value, &value_gradient}) {
    *array = budget.buffer<float>(rows * critic.networks, batch_purpose);
  }
}

}  // namespace polyak::cuda
