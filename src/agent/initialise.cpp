// The first parameters of a network and the state of a training before its first iteration.
#include <algorithm>
#include <cmath>

#include "agent/agent.hpp"
#include "config/derived.hpp"
#include "polyak/core/random.hpp"
#include "polyak/environment/registry.hpp"
#include "polyak/environment/vector_step.hpp"

namespace polyak {
namespace {

void fill_ones(std::span<float> values, std::int64_t offset, int count) {
  const auto begin = values.begin() + offset;
  std::fill(begin, begin + count, 1.0f);
}

/// `roles` names the layout's networks.
NetworkState initial_networks(const Config& config, const NetworkLayout& layout,
                              std::span<const NetworkRole> roles) {
  const auto stride = static_cast<std::size_t>(layout.stride);
  const std::size_t floats = static_cast<std::size_t>(config.agents) * stride;
  NetworkState state;
  state.parameters.assign(floats, 0.0f);
  state.first_moment.assign(floats, 0.0f);
  state.second_moment.assign(floats, 0.0f);
  const auto network_floats = static_cast<std::size_t>(layout.network_floats);
  for (int agent = 0; agent < config.agents; ++agent) {
    auto begin = static_cast<std::size_t>(agent) * stride;
    for (const NetworkRole role : roles) {
      initialise_parameters(layout, agent_seed(config, agent), role, config.final_layer_range,
                            std::span(state.parameters).subspan(begin, network_floats));
      begin += network_floats;
    }
  }
  state.target = state.parameters;
  const auto statistics = static_cast<std::size_t>(layout.network_statistics);
  state.statistics.assign(static_cast<std::size_t>(config.agents) * roles.size() * statistics,
                          0.0f);
  for (std::size_t begin = 0; begin < state.statistics.size(); begin += statistics) {
    initialise_statistics(layout, std::span(state.statistics).subspan(begin, statistics));
  }
  state.target_statistics = state.statistics;
  return state;
}

/// Resets all environments and stores their first observations, in replays of so many rows.
template <Environment E>
void reset_environments(const Config& config, std::int64_t rows_per_environment,
                        TrainingState& state) {
  const RowLayout layout = row_layout(config);
  const auto environments = static_cast<std::size_t>(config.environments);
  const auto total_environments = static_cast<std::size_t>(config.agents) * environments;
  const auto rows = static_cast<std::size_t>(rows_per_environment * layout.floats());
  state.environment_states.assign(total_environments * E::state_size, 0.0f);
  state.exploration_noise.assign(total_environments * E::action_size, 0.0f);
  state.episode_steps.assign(total_environments, 0);
  state.episode_returns.assign(total_environments, 0.0);
  state.rows_written.assign(total_environments, 0);
  state.replay_rows.assign(total_environments * rows, 0.0f);
  state.recurrent_states.assign(
      total_environments * static_cast<std::size_t>(recurrent_state_floats(config)), 0.0f);
  if (config.normalise_observations) {
    state.observation_moments.assign(static_cast<std::size_t>(config.agents) * E::observation_size,
                                     Moments{0.0, 0.0});
  }

  EnvironmentSettings<E> settings{};
  settings.parameters = parameters_from<E>(environment_parameter_values(config));
  for (int agent = 0; agent < config.agents; ++agent) {
    const std::size_t first = static_cast<std::size_t>(agent) * environments;
    const EnvironmentsView<E> view{
        reinterpret_cast<typename E::State*>(&state.environment_states[first * E::state_size]),
        &state.exploration_noise[first * E::action_size], &state.episode_steps[first],
        &state.episode_returns[first], nullptr};
    const ReplayView replay{&state.replay_rows[first * rows], &state.rows_written[first],
                            config.environments, rows_per_environment, layout};
    for (std::int64_t environment = 0; environment < config.environments; ++environment) {
      reset_environment(settings, view, replay, environment, 0,
                        PhiloxRandom{agent_seed(config, agent)});
    }
  }
}

TrainingState initial_state_with_rows(const Config& config, std::int64_t rows_per_environment) {
  TrainingState state;
  constexpr NetworkRole actor[] = {NetworkRole::actor};
  constexpr NetworkRole critics[] = {NetworkRole::critic, NetworkRole::second_critic};
  const NetworkLayout critic = critic_layout(config);
  state.actor = initial_networks(config, actor_layout(config), actor);
  state.critic = initial_networks(
      config, critic, std::span(critics).first(static_cast<std::size_t>(critic.networks)));
  visit_environment(config.environment,
                    [&]<class E>() { reset_environments<E>(config, rows_per_environment, state); });
  return state;
}

}  // namespace

void initialise_parameters(const NetworkLayout& layout, std::uint64_t seed, NetworkRole role,
                           float final_layer_range, std::span<float> parameters) {
  const PhiloxRandom random{seed};
  std::fill(parameters.begin(), parameters.end(), 0.0f);
  std::uint32_t position = 0;  // counts parameters without the gaps of the alignment
  const auto fill = [&](std::int64_t offset, std::int64_t count, float range) {
    for (std::int64_t i = 0; i < count; ++i, ++position) {
      const RandomBits bits =
          random(position / 4, static_cast<std::uint64_t>(role), Purpose::parameter_initialisation);
      parameters[static_cast<std::size_t>(offset + i)] =
          uniform_between(-range, range, word_of(bits, static_cast<int>(position % 4)));
    }
  };
  const auto fill_product = [&](const LinearLayout& product, float range) {
    fill(product.weight_offset, static_cast<std::int64_t>(product.inputs) * product.outputs, range);
    fill(product.bias_offset, product.outputs, range);
  };
  if (layout.cell) {
    const float range = 1.0f / std::sqrt(static_cast<float>(layout.cell->units));
    fill_product(layout.cell->input, range);
    fill_product(layout.cell->recurrent, range);
  }
  for (const LinearLayout& layer : layout.layers) {
    const bool last = &layer == &layout.layers.back();
    const float range = last && final_layer_range > 0.0f
                            ? final_layer_range
                            : 1.0f / std::sqrt(static_cast<float>(layer.inputs));
    fill_product(layer, range);
    if (layer.layer_norm) fill_ones(parameters, layer.norm_weight_offset, layer.outputs);
    if (layer.batch_norm) fill_ones(parameters, layer.batch_norm->weight_offset, layer.outputs);
  }
  if (layout.input_norm) {
    fill_ones(parameters, layout.input_norm->weight_offset, layout.input_norm->features);
  }
}

void initialise_statistics(const NetworkLayout& layout, std::span<float> statistics) {
  std::fill(statistics.begin(), statistics.end(), 0.0f);
  const auto begin = [&](const std::optional<BatchNormLayout>& norm) {
    if (norm) fill_ones(statistics, norm->variance_offset, norm->features);
  };
  begin(layout.input_norm);
  for (const LinearLayout& layer : layout.layers) begin(layer.batch_norm);
}

TrainingState initial_state(const Config& config) {
  return initial_state_with_rows(config, derive(config).rows_per_environment);
}

TrainingState initial_state_with_first_rows(const Config& config) {
  return initial_state_with_rows(config, 1);
}

}  // namespace polyak
