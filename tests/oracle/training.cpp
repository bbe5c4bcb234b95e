#include "oracle/training.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>

#include "config/derived.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak::oracle {
namespace {

/// Agent `agent`'s part of an array [agents, ...].
template <class T>
std::span<const T> part(const std::vector<T>& values, int agents, int agent) {
  const std::size_t size = values.size() / static_cast<std::size_t>(agents);
  return std::span(values).subspan(static_cast<std::size_t>(agent) * size, size);
}

/// The fused engine's thin products, of a few outputs and of the gradient that leaves a network,
/// are in fp32.
Network with_thin_products(Network network, const Config& config) {
  if (config.engine != Engine::fused) return network;
  network.back().rounding.forward = Precision::fp32;
  network.front().rounding.to_input = Precision::fp32;
  return network;
}

Learner unpack_learner(const Config& config, const NetworkLayout& layout, const NetworkState& state,
                       int agent, int index) {
  const auto network = [&](const std::vector<float>& parameters,
                           const std::vector<float>& statistics) {
    return with_thin_products(unpack(layout, part(parameters, config.agents, agent), index,
                                     part(statistics, config.agents, agent), config.precision),
                              config);
  };
  return {network(state.parameters, state.statistics),
          network(state.target, state.target_statistics),
          unpack(layout, part(state.first_moment, config.agents, agent), index),
          unpack(layout, part(state.second_moment, config.agents, agent), index)};
}

std::uint32_t word(const RandomBits& bits, int dimension) {
  const std::uint32_t words[] = {bits.x, bits.y, bits.z, bits.w};
  return words[dimension];
}

/// Of every network one after the other, its hidden state and, of an LSTM, its cell behind it.
std::vector<CellState> unpack_memories(std::span<const float> floats, const CellLayout& cell) {
  std::vector<CellState> memories;
  const auto size = static_cast<std::size_t>(cell.state_floats());
  for (std::size_t at = 0; at < floats.size(); at += size) {
    const auto own = floats.subspan(at, size);
    const auto hidden_end = own.begin() + cell.units;
    memories.push_back({{own.begin(), hidden_end}, {hidden_end, own.end()}});
  }
  return memories;
}

/// The rows that a ring holds.
std::map<std::int64_t, Row> unpack_rows(std::span<const float> ring, std::int64_t written,
                                        std::int64_t ring_rows, const RowLayout& layout,
                                        const std::optional<CellLayout>& cell) {
  std::map<std::int64_t, Row> rows;
  const auto row_floats = static_cast<std::size_t>(layout.floats());
  for (std::int64_t number = std::max<std::int64_t>(0, written - ring_rows); number < written;
       ++number) {
    const auto row =
        ring.subspan(static_cast<std::size_t>(number % ring_rows) * row_floats, row_floats);
    const auto action = row.begin() + layout.observation_size;
    const auto reward = action + layout.action_size;
    rows[number] = {{row.begin(), action},
                    {action, reward},
                    static_cast<double>(*reward),
                    static_cast<RowKind>(static_cast<int>(*(reward + 1))),
                    {}};
    if (layout.state_floats == 0) continue;
    rows[number].memories =
        unpack_memories(row.last(static_cast<std::size_t>(layout.state_floats)), *cell);
  }
  return rows;
}

}  // namespace

Training::Training(const Config& config, const TrainingState& state, int agent)
    : config_(config),
      derived_(derive(config)),
      agent_(agent),
      random_{agent_seed(config, agent)},
      environment_(make_environment(config.environment, environment_parameter_values(config))),
      actor_(unpack_learner(config, actor_layout(config), state.actor, agent, 0)),
      vector_steps_(state.vector_steps),
      updates_(state.updates) {
  for (int i = 0; i < (config.twin_critics ? 2 : 1); ++i) {
    critics_.push_back(unpack_learner(config, critic_layout(config), state.critic, agent, i));
  }
  const auto action_size =
      static_cast<std::size_t>(find_environment(config.environment).action_size);
  const std::optional<CellLayout> cell = actor_layout(config).cell;
  const auto memories = part(state.recurrent_states, config.agents, agent);
  const auto states = part(state.environment_states, config.agents, agent);
  const auto noise = part(state.exploration_noise, config.agents, agent);
  const auto rings = part(state.replay_rows, config.agents, agent);
  const auto environments = static_cast<std::size_t>(config.environments);
  const std::size_t state_size = states.size() / environments,
                    ring_size = rings.size() / environments,
                    memory_size = memories.size() / environments;
  for (std::size_t i = 0; i < environments; ++i) {
    const auto own_state = states.subspan(i * state_size, state_size);
    const auto own_noise = noise.subspan(i * action_size, action_size);
    const std::int64_t written = part(state.rows_written, config.agents, agent)[i];
    instances_.push_back({{own_state.begin(), own_state.end()},
                          {own_noise.begin(), own_noise.end()},
                          part(state.episode_steps, config.agents, agent)[i],
                          part(state.episode_returns, config.agents, agent)[i],
                          unpack_rows(rings.subspan(i * ring_size, ring_size), written,
                                      derived_.rows_per_environment, row_layout(config), cell),
                          written,
                          {}});
    if (!cell) continue;
    instances_.back().memories =
        unpack_memories(memories.subspan(i * memory_size, memory_size), *cell);
  }
  moments_.count = state.vector_steps * config.environments;
  for (const Moments& moments : part(state.observation_moments, config.agents, agent)) {
    moments_.mean.push_back(moments.mean);
    moments_.squares.push_back(moments.squares);
  }
}

void Training::iterate() {
  const bool warmup = vector_steps_ * config_.environments < config_.warmup_steps;
  for (int i = 0; i < derived_.vector_steps_per_iteration; ++i) vector_step(warmup);
  const std::int64_t steps = vector_steps_ * config_.environments;
  if (steps < config_.learning_starts) return;
  const double updates =
      config_.update_to_data * config_.environments * derived_.vector_steps_per_iteration;
  for (int i = 0; i < std::lround(updates); ++i) update();
}

void Training::vector_step(bool warmup) {
  if (config_.normalise_observations) fold_observations();
  for (std::uint32_t i = 0; i < instances_.size(); ++i) {
    step(instances_[i], i, choose_action(instances_[i], i, warmup));
  }
  ++vector_steps_;
}

/// In units of half the action range.
double Training::noise_scale(std::uint32_t index) const {
  double sigma = static_cast<double>(config_.noise_scale[agent_]);
  if (!config_.noise_ladder.empty()) {
    const double low = static_cast<double>(config_.noise_ladder.front());
    const double high = static_cast<double>(config_.noise_ladder.back());
    sigma = low + (high - low) * index / (config_.environments - 1.0);
  }
  const double last = static_cast<double>(config_.noise_scale_final[agent_]);
  if (last >= 0.0) {
    const std::int64_t given = config_.noise_decay_steps[agent_];
    const double steps = std::ceil(static_cast<double>(given > 0 ? given : config_.total_steps) /
                                   config_.environments);
    const double share = std::min(1.0, static_cast<double>(vector_steps_) / steps);
    sigma = (1.0 - share) * sigma + share * last;
  }
  const bool environment_units = config_.noise_units == NoiseUnits::environment;
  return environment_units ? sigma / environment_->action_bound() : sigma;
}

void Training::fold_observations() {
  for (const EnvironmentInstance& instance : instances_) {
    const std::vector<double> observation = environment_->observe(instance.state);
    ++moments_.count;
    for (std::size_t i = 0; i < observation.size(); ++i) {
      const double distance = observation[i] - moments_.mean[i];
      moments_.mean[i] += distance / static_cast<double>(moments_.count);
      moments_.squares[i] += distance * (observation[i] - moments_.mean[i]);
    }
  }
}

std::vector<double> Training::normalised(std::vector<double> observation) const {
  if (!config_.normalise_observations) return observation;
  for (std::size_t i = 0; i < observation.size(); ++i) {
    const double variance = moments_.squares[i] / static_cast<double>(moments_.count);
    observation[i] = (observation[i] - moments_.mean[i]) / std::sqrt(variance + 1e-8);
  }
  return observation;
}

/// Without noise. A recurrent policy sees the open row's step, and remembers it.
std::vector<double> Training::policy_action(EnvironmentInstance& instance) const {
  const std::vector<double> observation = normalised(environment_->observe(instance.state));
  if (!is_recurrent(config_)) return forward(actor_.network, observation).output;
  const bool begins = instance.steps == 0;
  const std::vector<double> input = cell_input(instance, instance.rows_written - 1, begins);
  const CellPass pass = cell_forward(
      actor_.network, input, begins ? zero_state(actor_.network) : instance.memories.front());
  follow(instance, input, begins);
  return forward(layers_of(actor_.network), layers_input(pass, observation)).output;
}

/// All recurrent states along with the actor; the open row gets those before it, if it is to have
/// them.
void Training::follow(EnvironmentInstance& instance, const std::vector<double>& input,
                      bool begins) const {
  std::vector<const Network*> networks = {&actor_.network};
  for (const Learner& critic : critics_) networks.push_back(&critic.network);
  if (begins) {
    for (std::size_t i = 0; i < instance.memories.size(); ++i) {
      instance.memories[i] = zero_state(*networks[i]);
    }
  }
  if (stores_states(config_))
    instance.rows.at(instance.rows_written - 1).memories = instance.memories;
  for (std::size_t i = 0; i < instance.memories.size(); ++i) {
    instance.memories[i] = cell_forward(*networks[i], input, instance.memories[i]).after;
  }
}

std::vector<double> Training::choose_action(EnvironmentInstance& instance, std::uint32_t index,
                                            bool warmup) {
  std::vector<double> action = policy_action(instance);
  for (const double own : action) {
    totals_.policy_actions += warmup ? 0 : 1;
    totals_.saturated_actions += !warmup && std::abs(own) > 0.99 ? 1 : 0;
  }
  const Purpose purpose = warmup ? Purpose::warmup_action : Purpose::exploration_noise;
  const double sigma = noise_scale(index);
  const double theta = static_cast<double>(config_.noise_theta[agent_]);
  const double dt = static_cast<double>(config_.noise_dt[agent_]);
  for (int i = 0; i < static_cast<int>(action.size()); ++i) {
    double& a = action[static_cast<std::size_t>(i)];
    const RandomBits bits = random_(index, static_cast<std::uint64_t>(vector_steps_), purpose,
                                    static_cast<std::uint32_t>(i / 4));
    if (warmup) {
      a = uniform(-1.0, 1.0, word(bits, i % 4));
    } else if (config_.exploration == Exploration::gaussian) {
      a = std::clamp(a + sigma * standard_normal(bits, i % 4), -1.0, 1.0);
    } else {
      double& noise = instance.noise[static_cast<std::size_t>(i)];
      noise += theta * (0.0 - noise) * dt + sigma * std::sqrt(dt) * standard_normal(bits, i % 4);
      a = std::clamp(a + noise, -1.0, 1.0);
    }
  }
  return action;
}

RandomBlocks Training::blocks(std::uint32_t index, std::int64_t vector_step,
                              Purpose purpose) const {
  return [=, this](std::uint32_t block) {
    return random_(index, static_cast<std::uint64_t>(vector_step), purpose, block);
  };
}

void Training::step(EnvironmentInstance& instance, std::uint32_t index,
                    const std::vector<double>& action) {
  std::vector<double> in_units = action;
  for (double& a : in_units) a *= environment_->action_bound();
  const Outcome outcome = environment_->step(
      instance.state, in_units, blocks(index, vector_steps_, Purpose::environment_step));
  instance.steps += 1;
  instance.episode_return += outcome.reward;
  const bool truncated = !outcome.terminated && instance.steps == derived_.time_limit;
  const bool ended = outcome.terminated || truncated;
  Row& row = instance.rows.at(instance.rows_written - 1);
  row.action = action;
  row.reward = outcome.reward;
  row.kind = outcome.terminated ? RowKind::terminated
             : truncated        ? RowKind::truncated
                                : RowKind::continuing;
  append_row(instance, environment_->observe(outcome.next),
             ended ? RowKind::last_observation : RowKind::open);
  instance.state = outcome.next;
  if (!ended) return;
  totals_.episodes += 1;
  totals_.episode_steps += instance.steps;
  totals_.return_sum += instance.episode_return;
  instance.state =
      environment_->reset(blocks(index, vector_steps_ + 1, Purpose::environment_reset));
  if (config_.noise_reset) instance.noise.assign(instance.noise.size(), 0.0);
  instance.steps = 0;
  instance.episode_return = 0.0;
  append_row(instance, environment_->observe(instance.state), RowKind::open);
}

void Training::append_row(EnvironmentInstance& instance, const std::vector<double>& observation,
                          RowKind kind) const {
  const std::size_t action_size = instance.noise.size();
  instance.rows[instance.rows_written++] = {observation, std::vector<double>(action_size, 0.0), 0.0,
                                            kind};
  instance.rows.erase(instance.rows_written - 1 - derived_.rows_per_environment);
}

}  // namespace polyak::oracle
