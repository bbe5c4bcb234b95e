#include "model/simulated_training.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

#include "backend/cuda/fused/fused_plan.hpp"
#include "config/derived.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak::model {
namespace {

constexpr int environments = 8;
constexpr std::int64_t vector_steps_before = 750, updates_before = 187;
constexpr std::size_t static_shared_bytes = 1024;  // at most: what the kernel declares itself
constexpr std::size_t local_memory_bytes = 4096;

// Where sm_90's constant bank 0 has what a kernel is launched with (CUDA 12 and 13).
constexpr std::size_t block_size_at = 0x0, cluster_size_at = 0xc, local_window_at = 0x20,
                      stack_at = 0x28, is_cluster_at = 0x140, parameters_pointer_at = 0x198,
                      parameters_at = 0x210;
constexpr std::uint32_t local_window = 0x10000000;

Config config_of(const TrainingShape& shape) {
  Config config;
  config.environments = environments;
  config.update_to_data = static_cast<double>(shape.updates) / environments;
  config.actor_hidden = config.critic_hidden = shape.hidden;
  config.batch_size = shape.batch;
  config.precision = shape.precision;
  config.engine = Engine::fused;
  validate(config);
  return config;
}

template <class T>
void put(std::vector<std::uint8_t>& bytes, std::size_t at, const T& value) {
  std::memcpy(&bytes[at], &value, sizeof(value));
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
    put(bytes, at, parameters);
  });
  return bytes;
}

}  // namespace

SimulatedTraining::SimulatedTraining(const TrainingShape& shape)
    : shape_(shape),
      config_(config_of(shape)),
      plan_(cuda::make_fused_plan(config_, shape.blocks, {226 * 1024, 16})),
      state_(initial_state(config_)),
      environment_parameters_(environment_parameter_values(config_)),
      scratch_(static_cast<std::size_t>(plan_.scratch_floats)),
      episode_totals_(environments),
      update_totals_(1),
      max_closed_rows_(1),
      exploration_{exploration_plan(config_, 0)},
      returns_{return_settings(config_, 0)},
      seed_{agent_seed(config_, 0)},
      learning_rates_{config_.learning_rate_actor[0], config_.learning_rate_critic[0],
                      config_.tau[0]} {
  state_.vector_steps = vector_steps_before;
  state_.updates = updates_before;
  fill_replay();
  fill_moments(state_.actor);
  fill_moments(state_.critic);
  before_ = state_;
  parameters_ = kernel_parameters(arguments());
}

/// Random transitions before the one that is open; some end an episode for good.
void SimulatedTraining::fill_replay() {
  constexpr std::int64_t episode = 50;
  const RowLayout layout = row_layout(config_);
  const std::int64_t rows = derive(config_).rows_per_environment;
  const auto floats = static_cast<std::size_t>(layout.floats());
  std::mt19937 generator(7);
  std::uniform_real_distribution<float> uniform(-1.0f, 1.0f);
  for (std::int64_t e = 0; e < environments; ++e) {
    float* const ring = &state_.replay_rows[static_cast<std::size_t>(e * rows) * floats];
    const auto row = [&](std::int64_t number) { return ring + number * layout.floats(); };
    std::copy_n(row(0), floats, row(vector_steps_before));
    for (std::int64_t i = 0; i < vector_steps_before; ++i) {
      std::generate_n(row(i), floats, [&] { return uniform(generator); });
      const RowKind kind = i % episode == episode - 2   ? RowKind::terminated
                           : i % episode == episode - 1 ? RowKind::last_observation
                                                        : RowKind::continuing;
      row(i)[layout.kind_offset()] = static_cast<float>(static_cast<int>(kind));
    }
    state_.rows_written[static_cast<std::size_t>(e)] = vector_steps_before + 1;
  }
  max_closed_rows_[0] = vector_steps_before;
}

/// As after many updates; with moments near zero Adam would enlarge rounding errors of gradients.
void SimulatedTraining::fill_moments(NetworkState& network) {
  std::mt19937 generator(11);
  std::uniform_real_distribution<float> uniform(0.0f, 1.0f);
  for (std::size_t i = 0; i < network.parameters.size(); ++i) {
    if (network.parameters[i] == 0.0f) continue;  // between the tensors
    network.first_moment[i] = 1e-2f * (uniform(generator) - 0.5f);
    network.second_moment[i] = 1e-4f * (0.5f + uniform(generator));
    network.target[i] += 1e-2f * (uniform(generator) - 0.5f);
  }
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
                  environments, derived.rows_per_environment, row_layout(config_)},
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
      .vector_steps_before = vector_steps_before,
      .updates_before = updates_before};
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
  std::vector<std::uint8_t> constants(parameters_at + parameters_.size() + 16);
  put(constants, block_size_at, static_cast<std::uint32_t>(plan_.threads));
  put(constants, cluster_size_at, static_cast<std::uint32_t>(shape_.blocks));
  put(constants, local_window_at, local_window);
  put(constants, stack_at, static_cast<std::uint32_t>(local_memory_bytes));
  put(constants, is_cluster_at, static_cast<std::uint32_t>(shape_.blocks > 1 ? 1 : 0));
  put(constants, parameters_pointer_at, reinterpret_cast<std::uint64_t>(parameters_.data()));
  std::copy(parameters_.begin(), parameters_.end(), constants.begin() + parameters_at);
  return {shape_.blocks, plan_.threads,
          static_cast<std::size_t>(plan_.shared_bytes) + static_shared_bytes, constants};
}

void SimulatedTraining::announce_to(Memory& memory) const {
  const auto announce = [&](const auto& array) {
    memory.announce(array.data(), array.size() * sizeof(array[0]));
  };
  for (const NetworkState* network : {&state_.actor, &state_.critic}) {
    announce(network->parameters);
    announce(network->target);
    announce(network->first_moment);
    announce(network->second_moment);
  }
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
