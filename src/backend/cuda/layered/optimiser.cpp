#include "backend/cuda/layered/optimiser.hpp"

#include <algorithm>
#include <utility>

#include "backend/cuda/device/check.hpp"
#include "config/derived.hpp"
#include "kernels/adam.hpp"
#include "kernels/gradient_norm.hpp"

namespace polyak::cuda {
namespace {

void upload_matrices(const NetworkLayout& layout,
                     const DeviceBuffer<kernels::GradientMatrix>& buffer, const Stream& stream) {
  std::vector<kernels::GradientMatrix> matrices;
  for (const ParameterMatrix& matrix : parameter_matrices(layout)) {
    matrices.push_back({matrix.offset, matrix.rows, matrix.columns, matrix.first_tile});
  }
  upload(buffer, matrices, stream);
  stream.synchronize();
}

}  // namespace

OptimiserBuffers::OptimiserBuffers(const Config& config, MemoryBudget& budget) {
  constexpr std::string_view purpose = "settings and reports";
  std::int64_t networks = 0, sums = 0;
  const auto make_room = [&](const NetworkLayout& layout) {
    const std::int64_t count = std::int64_t{config.agents} * layout.networks;
    const std::vector<ParameterMatrix> matrices = parameter_matrices(layout);
    networks = std::max(networks, count);
    sums = std::max(sums, count * tile_count(matrices));
    return budget.buffer<kernels::GradientMatrix>(static_cast<std::int64_t>(matrices.size()),
                                                  purpose);
  };
  actor_matrices = make_room(actor_layout(config));
  critic_matrices = make_room(critic_layout(config));
  if (any_above_zero(config.gradient_clip)) {
    gradient_scale = budget.buffer<float>(networks, "networks, targets and optimiser");
  }
  tile_sums = budget.buffer<double>(sums, purpose);
  arrivals = budget.buffer<unsigned>(config.agents, purpose);
}

Optimiser::Optimiser(const Config& config, const Stream& stream, const TrainingBuffers& training,
                     const std::int64_t* updates, OptimiserBuffers buffers)
    : config_(config),
      stream_(stream.get()),
      settings_(training.settings),
      totals_(training.update_totals.data()),
      updates_(updates),
      buffers_(std::move(buffers)),
      clips_(any_above_zero(config.gradient_clip)),
      decays_weights_(any_above_zero(config.actor_weight_decay) ||
                      any_above_zero(config.critic_weight_decay)),
      decay_updates_(learning_rate_decay_updates(config)) {
  zero(buffers_.arrivals, stream);
  upload_matrices(training.actor.layout, buffers_.actor_matrices, stream);
  upload_matrices(training.critic.layout, buffers_.critic_matrices, stream);
}

void Optimiser::measure_gradient(const NetworkBuffers& network, bool is_actors,
                                 cudaStream_t stream) const {
  const auto& matrices = is_actors ? buffers_.actor_matrices : buffers_.critic_matrices;
  check(kernels::launch_gradient_norm(
            {.agents = config_.agents,
             .networks = network.layout.networks,
             .parameters = network.layout.network_floats,
             .gradient = network.gradient.data(),
             .largest_norm = clips_ ? settings_.values_of(&Config::gradient_clip) : nullptr,
             .scale = buffers_.gradient_scale.data(),
             .matrices = matrices.data(),
             .matrix_count = static_cast<int>(matrices.size()),
             .tiles = tile_count(parameter_matrices(network.layout)),
             .tile_sums = buffers_.tile_sums.data(),
             .arrivals = buffers_.arrivals.data(),
             .totals = totals_,
             .of_actor = is_actors},
            stream),
        "launch_gradient_norm");
}

void Optimiser::learn(const NetworkBuffers& network, const LearningRule& rule,
                      SideStream& reporting) const {
  if (!clips_) reporting.branch_off(stream_);
  measure_gradient(network, rule.is_actors, clips_ ? stream_ : reporting.get());
  check(kernels::launch_adam({.agents = config_.agents,
                              .parameters_per_agent = network.layout.stride,
                              .gradient = network.gradient.data(),
                              .parameters = network.parameters.data(),
                              .first_moment = network.first_moment.data(),
                              .second_moment = network.second_moment.data(),
                              .learning_rate = rule.learning_rate,
                              .beta1 = config_.adam_beta1,
                              .beta2 = config_.adam_beta2,
                              .epsilon = config_.adam_epsilon,
                              .updates = updates_,
                              .target = rule.moves_targets ? network.target.data() : nullptr,
                              .tau = settings_.values_of(&Config::tau),
                              .updates_per_step = rule.updates_per_step,
                              .decay_updates = decay_updates_,
                              .weight_decay = decays_weights_ ? rule.weight_decay : nullptr,
                              .decoupled_weight_decay = config_.decoupled_weight_decay,
                              .networks = network.layout.networks,
                              .gradient_scale = clips_ ? buffers_.gradient_scale.data() : nullptr},
                             stream_),
        "launch_adam");
  if (rule.moves_targets) move_target_statistics(network);
}

void Optimiser::move_targets(const NetworkBuffers& network) const {
  move(network.layout.stride, network.parameters, network.target);
  move_target_statistics(network);
}

/// The running statistics of targets follow as their parameters do (Stable-Baselines3, issue 996).
void Optimiser::move_target_statistics(const NetworkBuffers& network) const {
  move(network.layout.statistics_stride, network.statistics, network.target_statistics);
}

void Optimiser::move(std::int64_t floats_per_agent, const DeviceBuffer<float>& values,
                     const DeviceBuffer<float>& targets) const {
  check(kernels::launch_polyak_average({.agents = config_.agents,
                                        .parameters_per_agent = floats_per_agent,
                                        .parameters = values.data(),
                                        .target = targets.data(),
                                        .tau = settings_.values_of(&Config::tau)},
                                       stream_),
        "launch_polyak_average");
}

}  // namespace polyak::cuda
