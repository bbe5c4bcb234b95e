#include "model/simulated_training.hpp"

#include <cstring>

#include "backend/cuda/fused/fused_plan.hpp"
#include "config/derived.hpp"
#include "model/simulated_state.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak::model {
namespace {

constexpr std::size_t static_shared_bytes = 1024;  // at most: what the kernel declares itself

Config config_of(const TrainingShape& shape) {
  Config config;
  config.environments = simulated_environments;
  config.update_to_data = static_cast<double>(shape.updates) / simulated_environments;
  config.actor_hidden = config.critic_hidden = shape.hidden;
  config.batch_size = shape.batch;
  config.precision = shape.precision;
  config.engine = Engine::fused;
  validate(config);
  return config;
}

kernels::fused::FlatNetworks flat(NetworkState& network, const NetworkLayout& layout) {
  return {network.parameters.data(), network.target.data(), network.first_moment.data(),
          network.second_moment.data(), layout.stride};
}

/// The arguments of the kernel, as the compiler lays them out: Training, then the environment's
/// parameters.
std::vector<std::uint8_t> kernel_parameters(const kernels::fused::Training& arguments) {
  std::vector<std::uint8_t> bytes(sizeof(arguments));
  std::memcpy(bytes.data(), &arguments, sizeof(arguments));
  visit_environment<FusedEnvironments>(arguments.environment.name, [&]<class E>() {
    const auto parameters = parameters_from<E>(arguments.environment.parameters);
    constexpr std::size_t alignment = alignof(typename E::Parameters);
    const std::size_t at = (bytes.size() + alignment - 1) / alignment * alignment;
    bytes.resize(at + sizeof(parameters));
    std::memcpy(&bytes[at], &parameters, sizeof(parameters));
  });
  return bytes;
}

}  // namespace

SimulatedTraining::SimulatedTraining(const TrainingShape& shape)
    : shape_(shape),
      config_(config_of(shape)),
      plan_(cuda::make_fused_plan(config_, shape.blocks, {226 * 1024, 16})),
      state_(simulated_state(config_)),
      environment_parameters_(environment_parameter_values(config_)),
      scratch_(static_cast<std::size_t>(plan_.scratch_floats)),
      episode_totals_(static_cast<std::size_t>(config_.environments)),
      update_totals_(1),
      max_closed_rows_(1),
      exploration_{exploration_plan(config_, 0)},
      returns_{return_settings(config_, 0)},
      seed_{agent_seed(config_, 0)},
      learning_rates_{config_.learning_rate_actor[0], config_.learning_rate_critic[0],
                      config_.tau[0]} {
  max_closed_rows_[0] = state_.vector_steps;
  before_ = state_;
  parameters_ = kernel_parameters(arguments());
}

kernels::fused::Training SimulatedTraining::arguments() {
  const DerivedConfig derived = derive(config_);
  return {
      .environment = {config_.environment, environment_parameters_, derived.time_limit},
      .precision = config_.precision,
      .agents = 1,
      .plan = plan_,
      .scratch = scratch_.data(),
      .actor = flat(state_.actor, actor_layout(config_)),
      .critic = flat(state_.critic, critic_layout(config_)),
      .environments = {state_.environment_states.data(), state_.exploration_noise.data(),
                       state_.episode_steps.data(), state_.episode_returns.data(),
                       episode_totals_.data()},
      .replays = {state_.replay_rows.data(), state_.rows_written.data(), max_closed_rows_.data(),
                  config_.environments, derived.rows_per_environment, row_layout(config_)},
      .exploration = {false, exploration_.data()},
      .seed = seed_.data(),
      .learning_rate_actor = &learning_rates_[0],
      .learning_rate_critic = &learning_rates_[1],
      .returns = returns_.data(),
      .tau = &learning_rates_[2],
      .beta1 = config_.adam_beta1,
      .beta2 = config_.adam_beta2,
      .epsilon = config_.adam_epsilon,
      .totals = update_totals_.data(),
      .iterations = 1,
      .vector_steps = derived.vector_steps_per_iteration,
      .updates = shape_.updates,
      .vector_steps_before = before_.vector_steps,
      .updates_before = before_.updates};
}

std::vector<std::string> SimulatedTraining::general_kernel() const {
  return {"train_agents", "8Pendulum",
          "PrecisionE" + std::to_string(static_cast<int>(shape_.precision)), "AnyShape"};
}

std::vector<std::string> SimulatedTraining::own_kernel() const {
  std::vector<std::string> parts = general_kernel();
  parts.back() = "Li" + std::to_string(shape_.hidden.front()) + "ELi" +
                 std::to_string(shape_.batch) + "ELi" + std::to_string(shape_.blocks) + "E";
  return parts;
}

Launch SimulatedTraining::launch() const {
  return {shape_.blocks, plan_.threads,
          static_cast<std::size_t>(plan_.shared_bytes) + static_shared_bytes,
          constant_bank(parameters_, plan_.threads, shape_.blocks)};
}

void SimulatedTraining::announce_to(Memory& memory) const {
  const auto announce = [&](const auto& array) {
    memory.announce(array.data(), array.size() * sizeof(array[0]));
  };
  announce_network(state_.actor, memory);
  announce_network(state_.critic, memory);
  announce(state_.environment_states);
  announce(state_.exploration_noise);
  announce(state_.episode_steps);
  announce(state_.episode_returns);
  announce(state_.rows_written);
  announce(state_.replay_rows);
  announce(scratch_);
  announce(episode_totals_);
  announce(update_totals_);
  announce(max_closed_rows_);
  announce(exploration_);
  announce(returns_);
  announce(seed_);
  announce(learning_rates_);
  announce(parameters_);
}

}  // namespace polyak::model
