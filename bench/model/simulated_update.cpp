#include "model/simulated_update.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "backend/cpu/cpu_backend.hpp"
#include "config/derived.hpp"
#include "kernels/clustered/block_memory.hpp"
#include "model/simulated_state.hpp"
#include "polyak/core/error.hpp"
#include "polyak/core/n_step.hpp"
#include "polyak/core/philox.hpp"
#include "polyak/core/replay.hpp"
#include "polyak/core/summation.hpp"

namespace polyak::model {
namespace {

constexpr int width = 256, blocks = 16;

Config config_of(int batch) {
  Config config;
  config.environments = simulated_environments;
  config.update_to_data = 1.0 / simulated_environments;
  config.actor_hidden = config.critic_hidden = {width, width};
  config.batch_size = batch;
  config.threads = 1;
  validate(config);
  return config;
}

/// The state after a vector step and the update.
TrainingState state_after(const Config& config, const TrainingState& before) {
  const auto cpu = make_cpu_backend(config);
  cpu->import_state(before);
  cpu->advance(1);
  return cpu->export_state();
}

int group_rows(int batch) { return RowOrder{batch}.group_places(); }

template <int rows>
std::size_t block_bytes() {
  return sizeof(kernels::clustered::BlockMemory<kernels::clustered::Sizes<width, rows, blocks>>);
}

}  // namespace

SimulatedUpdate::SimulatedUpdate(int batch)
    : config_(config_of(batch)),
      state_(simulated_state(config_)),
      expected_(state_after(config_, state_)),
      updates_(state_.updates),
      learning_rates_{config_.learning_rate_actor[0], config_.learning_rate_critic[0],
                      config_.tau[0]},
      arrivals_(1) {
  if (group_rows(batch) > 32)
    throw UsageError("--batch: the clustered kernel takes up to 256 rows");
  draw_batch(expected_);
  const NetworkLayout actor = actor_layout(config_), critic = critic_layout(config_);
  const kernels::ClusteredUpdate arguments = {
      .agents = 1,
      .batch = batch,
      .width = width,
      .cluster_blocks = blocks,
      .observation_size = actor.inputs(),
      .action_size = actor.outputs(),
      .transition = {transition_.data(), critic.inputs(), 0},
      .next = {next_.data(), critic.inputs(), 0},
      .reward = reward_.data(),
      .bootstrap_discount = bootstrap_discount_.data(),
      .actor = network(state_.actor, actor, actor_gradient_, actor_sums_, &learning_rates_[0]),
      .critic = network(state_.critic, critic, critic_gradient_, critic_sums_, &learning_rates_[1]),
      .tau = &learning_rates_[2],
      .beta1 = config_.adam_beta1,
      .beta2 = config_.adam_beta2,
      .epsilon = config_.adam_epsilon,
      .updates = &updates_,
      .value = value_.data(),
      .target = target_.data(),
      .policy_value = policy_value_.data(),
      .arrivals = arrivals_.data()};
  parameters_.resize(sizeof(arguments));
  std::memcpy(parameters_.data(), &arguments, sizeof(arguments));
}

/// The batch that the update learns from, as the layered engine's sampler leaves it.
void SimulatedUpdate::draw_batch(const TrainingState& state) {
  const RowLayout layout = row_layout(config_);
  // Nobody writes to what is viewed.
  const ReplayView replay{const_cast<float*>(state.replay_rows.data()),
                          const_cast<std::int64_t*>(state.rows_written.data()),
                          config_.environments, derive(config_).rows_per_environment, layout};
  std::int64_t max_closed_rows = 0;
  for (std::int64_t e = 0; e < config_.environments; ++e) {
    max_closed_rows = std::max(max_closed_rows, closed_rows(replay, e));
  }
  const PhiloxRandom random{agent_seed(config_, 0)};
  const int inputs = layout.observation_size + layout.action_size;
  const auto rows = static_cast<std::size_t>(config_.batch_size);
  for (std::vector<float>* values :
       {&reward_, &bootstrap_discount_, &value_, &target_, &policy_value_}) {
    values->resize(rows);
  }
  transition_.resize(rows * static_cast<std::size_t>(inputs));
  next_.resize(transition_.size());
  for (std::size_t row = 0; row < rows; ++row) {
    const ReplayIndex index = sample_transition(replay, max_closed_rows, [&](std::uint32_t draw) {
      return random(static_cast<std::uint32_t>(row), static_cast<std::uint64_t>(updates_),
                    Purpose::replay_sample, draw);
    });
    const SampledReturn sampled = sampled_return(replay, index, return_settings(config_, 0));
    const std::size_t at = row * static_cast<std::size_t>(inputs);
    std::copy_n(replay.row(index.environment, index.number), inputs, &transition_[at]);
    std::copy_n(replay.row(index.environment, sampled.last), layout.observation_size, &next_[at]);
    reward_[row] = sampled.reward;
    bootstrap_discount_[row] = sampled.bootstrap_discount;
  }
}

kernels::ClusteredNetwork SimulatedUpdate::network(NetworkState& state, const NetworkLayout& layout,
                                                   std::vector<float>& gradient,
                                                   std::vector<float>& sums,
                                                   const float* learning_rate) const {
  gradient.resize(static_cast<std::size_t>(layout.stride));
  sums.resize(gradient.size() * static_cast<std::size_t>(RowOrder{config_.batch_size}.groups()));
  kernels::ClusteredNetwork result{state.parameters.data(),
                                   state.target.data(),
                                   state.first_moment.data(),
                                   state.second_moment.data(),
                                   gradient.data(),
                                   sums.data(),
                                   layout.stride,
                                   {},
                                   {},
                                   {layout.layers[0].activation, layout.layers[1].activation},
                                   learning_rate};
  for (std::size_t i = 0; i < layout.layers.size(); ++i) {
    result.weight[i] = layout.layers[i].weight_offset;
    result.bias[i] = layout.layers[i].bias_offset;
  }
  return result;
}

std::vector<std::string> SimulatedUpdate::kernel() const {
  return {"clustered_update", "Li" + std::to_string(width) + "ELi" +
                                  std::to_string(group_rows(config_.batch_size)) + "ELi" +
                                  std::to_string(blocks) + "E"};
}

Launch SimulatedUpdate::launch() const {
  constexpr std::size_t unused = 1024;  // after the arrays: what the kernel has declared itself
  const std::size_t bytes =
      group_rows(config_.batch_size) == 32 ? block_bytes<32>() : block_bytes<16>();
  return {blocks, kernels::clustered::threads, bytes + unused,
          constant_bank(parameters_, kernels::clustered::threads, blocks),
          RowOrder{config_.batch_size}.groups()};
}

void SimulatedUpdate::announce_to(Memory& memory) const {
  const auto announce = [&](const auto& array) {
    memory.announce(array.data(), array.size() * sizeof(array[0]));
  };
  announce_network(state_.actor, memory);
  announce_network(state_.critic, memory);
  for (const std::vector<float>* array :
       {&transition_, &next_, &reward_, &bootstrap_discount_, &value_, &target_, &policy_value_,
        &actor_gradient_, &critic_gradient_, &actor_sums_, &critic_sums_, &learning_rates_}) {
    announce(*array);
  }
  announce(arrivals_);
  announce(parameters_);
  memory.announce(&updates_, sizeof(updates_));
}

std::int64_t SimulatedUpdate::different_floats() const {
  std::int64_t count = 0;
  const auto compare = [&](const std::vector<float>& one, const std::vector<float>& other) {
    for (std::size_t i = 0; i < one.size(); ++i) {
      if (std::bit_cast<std::uint32_t>(one[i]) != std::bit_cast<std::uint32_t>(other[i])) ++count;
    }
  };
  for (const auto part : {&TrainingState::actor, &TrainingState::critic}) {
    const NetworkState &actual = state_.*part, &expected = expected_.*part;
    compare(actual.parameters, expected.parameters);
    compare(actual.target, expected.target);
    compare(actual.first_moment, expected.first_moment);
    compare(actual.second_moment, expected.second_moment);
  }
  return count;
}

}  // namespace polyak::model
