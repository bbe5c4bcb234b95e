#include "backend/cuda/layered/layered_engine.hpp"
#include "config/derived.hpp"
#include "kernels/losses.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak::cuda {
namespace {

constexpr std::string_view batch_purpose = "batches and activations";
constexpr std::string_view acting_purpose = "acting";

BatchMatrix batch_matrix(const Config& config, int columns, MemoryBudget& budget) {
  return {config.agents, batch_steps(config).rows(), columns, batch_purpose, budget};
}

BatchMatrix acting_matrix(const Config& config, int columns, MemoryBudget& budget) {
  return {config.agents, config.environments, columns, acting_purpose, budget};
}

HiddenLayers batch_layers(const Config& config, const NetworkLayout& layout, Direction direction,
                          MemoryBudget& budget) {
  return {layout, config.agents, batch_steps(config), direction, batch_purpose, budget};
}

int observation_size(const Config& config) {
  return find_environment(config.environment).observation_size;
}

}  // namespace

LayeredBuffers::LayeredBuffers(const Config& config, MemoryBudget& budget)
    : transition(batch_matrix(config, critic_layout(config).inputs(), budget)),
      next(batch_matrix(config, critic_layout(config).inputs(), budget)),
      policy(batch_matrix(config, critic_layout(config).inputs(), budget)),
      action_gradient(batch_matrix(config, actor_layout(config).outputs(), budget)),
      actor_hidden(batch_layers(config, actor_layout(config), Direction::both, budget)),
      target_actor_hidden(
          batch_layers(config, actor_layout(config), Direction::forward_only, budget)),
      observation(acting_matrix(config, observation_size(config), budget)),
      normalised(config.normalise_observations
                     ? acting_matrix(config, observation_size(config), budget)
                     : BatchMatrix()),
      recurrent_input(is_recurrent(config)
                          ? acting_matrix(config, actor_layout(config).inputs(), budget)
                          : BatchMatrix()),
      policy_action(acting_matrix(config, actor_layout(config).outputs(), budget)),
      action(acting_matrix(config, actor_layout(config).outputs(), budget)),
      acting_hidden(actor_layout(config), config.agents, {config.environments, 1, 1},
                    Direction::forward_only, acting_purpose, budget),
      linear(config, budget),
      optimiser(config, budget) {
  const NetworkLayout critic = critic_layout(config);
  for (int i = 0; i < critic.networks; ++i) {
    critic_hidden.push_back(batch_layers(config, critic, Direction::both, budget));
    target_critic_hidden.push_back(batch_layers(config, critic, Direction::forward_only, budget));
    if (!stores_states(config)) continue;
    acting_critic_cells.emplace_back(critic, config.agents, StepShape{config.environments, 1, 1},
                                     Direction::forward_only, acting_purpose, budget);
  }
  const MemorySize rows = MemorySize(config.agents) * batch_steps(config).rows();
  for (DeviceBuffer<float>* array :
       {&reward, &bootstrap_discount, &target, &policy_value, &policy_value_gradient}) {
    *array = budget.buffer<float>(rows, batch_purpose);
  }
  for (DeviceBuffer<float>* array : {&next_value, &value, &value_gradient}) {
    *array = budget.buffer<float>(rows * critic.networks, batch_purpose);
  }
  if (config.sampling == Sampling::without_replacement) {
    owners = budget.buffer<std::int32_t>(
        MemorySize(config.agents) * config.environments * derive(config).rows_per_stream,
        "owners of transitions, for sampling without replacement");
  }
  if (is_recurrent(config)) {
    sequences =
        budget.buffer<Sequence>(std::int64_t{config.agents} * config.batch_size, batch_purpose);
    learned_steps = budget.buffer<std::int32_t>(config.agents, batch_purpose);
    weight = budget.buffer<float>(rows, batch_purpose);
    bootstrap_row = budget.buffer<std::int32_t>(rows, batch_purpose);
  }
  updates = budget.buffer<std::int64_t>(1, batch_purpose);
  loss_parts = budget.buffer<kernels::LossSums>(
      std::int64_t{config.agents} * kernels::loss_blocks(batch_steps(config).rows()),
      batch_purpose);
  loss_arrivals = budget.buffer<unsigned>(config.agents, batch_purpose);
  stream_arrivals = budget.buffer<unsigned>(1, acting_purpose);
}

}  // namespace polyak::cuda
