#include "backend/cuda/training_buffers.hpp"

#include <type_traits>
#include <vector>

#include "config/derived.hpp"
#include "config/fields.hpp"
#include "polyak/core/error.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak::cuda {
namespace {

MemorySize environment_count(const Config& config) {
  return MemorySize(config.agents) * config.environments;
}

/// Calls visitor(member) for every field that is a number for each agent, in the table's order.
template <class Visitor>
void visit_agent_numbers(const Config& config, const Visitor& visitor) {
  visit_field_members(config, [&]<class T>(const FieldInfo&, T Config::*member) {
    if constexpr (std::is_same_v<T, PerAgent<float>>) visitor(member);
  });
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

EnvironmentBuffers::EnvironmentBuffers(const Config& config, MemoryBudget& budget) {
  constexpr std::string_view purpose = "environments";
  const EnvironmentInfo environment = find_environment(config.environment);
  const MemorySize environments = environment_count(config);
  states = budget.buffer<float>(environments * environment.state_size, purpose);
  exploration_noise = budget.buffer<float>(environments * environment.action_size, purpose);
  episode_steps = budget.buffer<std::int32_t>(environments, purpose);
  episode_returns = budget.buffer<double>(environments, purpose);
  recurrent_states = budget.buffer<float>(environments * recurrent_state_floats(config), purpose);
  totals = budget.buffer<EpisodeTotals>(environments, purpose);
}

ReplayBuffers::ReplayBuffers(const Config& config, MemoryBudget& budget)
    : environments(config.environments),
      rows_per_environment(derive(config).rows_per_environment),
      layout(row_layout(config)) {
  constexpr std::string_view purpose = "replay";
  rows = budget.buffer<float>(environment_count(config) * rows_per_environment * layout.floats(),
                              purpose);
  rows_written = budget.buffer<std::int64_t>(environment_count(config), purpose);
  max_closed_rows = budget.buffer<std::int64_t>(config.agents, purpose);
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

AgentSettings::AgentSettings(const Config& config, MemoryBudget& budget) : agents_(config.agents) {
  constexpr std::string_view purpose = "settings and reports";
  seed = budget.buffer<std::uint64_t>(config.agents, purpose);
  std::int64_t fields = 0;
  visit_agent_numbers(config, [&fields](auto) { ++fields; });
  values_ = budget.buffer<float>(fields * agents_, purpose);
  exploration = budget.buffer<ExplorationPlan>(config.agents, purpose);
  returns = budget.buffer<ReturnSettings>(config.agents, purpose);
}

const float* AgentSettings::values_of(PerAgent<float> Config::*field) const {
  std::int64_t row = 0, place = -1;
  visit_agent_numbers(Config{}, [&](PerAgent<float> Config::*member) {
    if (member == field) place = row;
    ++row;
  });
  if (place < 0) throw RunError("an engine asks for a field that has no row in the table");
  return values_.data() + place * agents_;
}

void AgentSettings::upload_from(const Config& config, const Stream& stream) const {
  std::vector<float> numbers;
  visit_agent_numbers(config, [&](PerAgent<float> Config::*member) {
    for (int agent = 0; agent < config.agents; ++agent) {
      numbers.push_back((config.*member)[agent]);
    }
  });
  upload(values_, numbers, stream);
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
      environments(config, budget),
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
