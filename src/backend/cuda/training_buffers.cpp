#include "backend/cuda/training_buffers.hpp"

#include "polyak/environment/registry.hpp"

namespace polyak::cuda {
namespace {

MemorySize stream_count(const Config& config) {
  return MemorySize(config.agents) * config.environments;
}

/// The values of a field for all agents.
template <class T>
std::vector<T> values_of(const PerAgent<T>& field, int agents) {
  std::vector<T> values;
  for (int agent = 0; agent < agents; ++agent) values.push_back(field[agent]);
  return values;
}

}  // namespace

NetworkBuffers::NetworkBuffers(const NetworkLayout& network_layout, int agents,
                               MemoryBudget& budget)
    : layout(network_layout) {
  const MemorySize floats = MemorySize(agents) * layout.stride;
  for (DeviceBuffer<float>* array :
       {&parameters, &target, &first_moment, &second_moment, &gradient}) {
    *array = budget.buffer<float>(floats, "networks, targets and optimiser");
  }
  if (layout.statistics_stride == 0) return;
  for (DeviceBuffer<float>* array : {&statistics, &target_statistics}) {
    *array = budget.buffer<float>(MemorySize(agents) * layout.statistics_stride,
                                  "networks, targets and optimiser");
  }
}

StreamBuffers::StreamBuffers(const Config& config, MemoryBudget& budget) {
  constexpr std::string_view purpose = "environment streams";
  const EnvironmentInfo environment = find_environment(config.environment);
  const MemorySize streams = stream_count(config);
  states = budget.buffer<float>(streams * environment.state_size, purpose);
  exploration_noise = budget.buffer<float>(streams * environment.action_size, purpose);
  episode_steps = budget.buffer<std::int32_t>(streams, purpose);
  episode_returns = budget.buffer<double>(streams, purpose);
  recurrent_states = budget.buffer<float>(streams * stream_state_floats(config), purpose);
  totals = budget.buffer<EpisodeTotals>(streams, purpose);
}

ReplayBuffers::ReplayBuffers(const Config& config, MemoryBudget& budget)
    : streams(config.environments),
      rows_per_stream(derive(config).rows_per_stream),
      layout(row_layout(config)) {
  constexpr std::string_view purpose = "replay";
  rows = budget.buffer<float>(stream_count(config) * rows_per_stream * layout.floats(), purpose);
  rows_written = budget.buffer<std::int64_t>(stream_count(config), purpose);
  most_closed_rows = budget.buffer<std::int64_t>(config.agents, purpose);
}

NormalisationBuffers::NormalisationBuffers(const Config& config, MemoryBudget& budget)
    : observation_size(find_environment(config.environment).observation_size) {
  if (!config.normalise_observations) return;
  constexpr std::string_view purpose = "settings and reports";
  const std::int64_t features = std::int64_t{config.agents} * observation_size;
  moments = budget.buffer<Moments>(features, purpose);
  mean = budget.buffer<float>(features, purpose);
  scale = budget.buffer<float>(features, purpose);
}

AgentSettings::AgentSettings(const Config& config, MemoryBudget& budget) {
  constexpr std::string_view purpose = "settings and reports";
  seed = budget.buffer<std::uint64_t>(config.agents, purpose);
  for (DeviceBuffer<float>* array :
       {&learning_rate_actor, &learning_rate_critic, &discount, &tau, &actor_weight_decay,
        &critic_weight_decay, &gradient_clip, &target_noise, &target_noise_clip}) {
    *array = budget.buffer<float>(config.agents, purpose);
  }
  exploration = budget.buffer<ExplorationPlan>(config.agents, purpose);
  returns = budget.buffer<ReturnSettings>(config.agents, purpose);
}

void AgentSettings::upload_from(const Config& config, const Stream& stream) const {
  const auto set = [&](const DeviceBuffer<float>& buffer, const PerAgent<float>& field) {
    const std::vector<float> values = values_of(field, config.agents);
    upload(buffer, values, stream);
    stream.synchronize();
  };
  set(learning_rate_actor, config.learning_rate_actor);
  set(learning_rate_critic, config.learning_rate_critic);
  set(discount, config.discount);
  set(tau, config.tau);
  set(actor_weight_decay, config.actor_weight_decay);
  set(critic_weight_decay, config.critic_weight_decay);
  set(gradient_clip, config.gradient_clip);
  set(target_noise, config.target_noise);
  set(target_noise_clip, config.target_noise_clip);
  std::vector<std::uint64_t> seeds;
  std::vector<ExplorationPlan> plans;
  std::vector<ReturnSettings> return_rules;
  for (int agent = 0; agent < config.agents; ++agent) {
    seeds.push_back(agent_seed(config, agent));
    plans.push_back(exploration_plan(config, agent));
    return_rules.push_back(return_settings(config, agent));
  }
  upload(seed, seeds, stream);
  upload(exploration, plans, stream);
  upload(returns, return_rules, stream);
  stream.synchronize();
}

TrainingBuffers::TrainingBuffers(const Config& config, MemoryBudget& budget)
    : actor(actor_layout(config), config.agents, budget),
      critic(critic_layout(config), config.agents, budget),
      streams(config, budget),
      replay(config, budget),
      normalisation(config, budget),
      settings(config, budget) {
  constexpr std::string_view purpose = "settings and reports";
  vector_steps = budget.buffer<std::int64_t>(1, purpose);
  updates = budget.buffer<std::int64_t>(1, purpose);
  update_totals = budget.buffer<kernels::UpdateTotals>(config.agents, purpose);
  episode_totals = budget.buffer<EpisodeTotals>(config.agents, purpose);
  bad_parameters = budget.buffer<std::int32_t>(config.agents, purpose);
}

}  // namespace polyak::cuda
