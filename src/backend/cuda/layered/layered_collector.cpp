#include "backend/cuda/layered/layered_collector.hpp"

#include <utility>

#include "backend/cuda/device/check.hpp"
#include "config/derived.hpp"
#include "kernels/recurrent_environments.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak::cuda {
namespace {

constexpr std::string_view acting_purpose = "acting";

StepShape acting_steps(const Config& config) { return {config.environments, 1, 1}; }

BatchMatrix acting_matrix(const Config& config, int columns, MemoryBudget& budget) {
  return {config.agents, config.environments, columns, acting_purpose, budget};
}

}  // namespace

CollectorBuffers::CollectorBuffers(const Config& config, MemoryBudget& budget)
    : acting_hidden(actor_layout(config), config.agents, acting_steps(config),
                    Direction::forward_only, acting_purpose, budget) {
  const EnvironmentInfo info = find_environment(config.environment);
  observation = acting_matrix(config, info.observation_size, budget);
  if (config.normalise_observations) {
    normalised = acting_matrix(config, info.observation_size, budget);
  }
  if (is_recurrent(config)) {
    recurrent_input = acting_matrix(config, actor_layout(config).inputs(), budget);
  }
  policy_action = acting_matrix(config, info.action_size, budget);
  action = acting_matrix(config, info.action_size, budget);
  const NetworkLayout critic = critic_layout(config);
  for (int i = 0; i < critic.networks && stores_states(config); ++i) {
    acting_critic_cells.emplace_back(critic, config.agents, acting_steps(config),
                                     Direction::forward_only, acting_purpose, budget);
  }
  arrivals = budget.buffer<unsigned>(1, acting_purpose);
}

LayeredCollector::LayeredCollector(const Config& config, const Stream& stream,
                                   const TrainingBuffers& training,
                                   const LinearOperations& operations, CollectorBuffers buffers)
    : config_(config),
      environment_parameters_(environment_parameter_values(config)),
      time_limit_(derive(config).time_limit),
      stream_(stream.get()),
      training_(training),
      buffers_(std::move(buffers)),
      acting_(training.actor.layout, config.agents, acting_steps(config),
              std::move(buffers_.acting_hidden), operations) {
  zero(buffers_.arrivals, stream);
  if (is_recurrent(config)) keep_recurrent_states(operations);
}

/// The recurrent states of the environments outlive a step: they are in the training's
/// arrays, the actor's and behind it, where the replay stores states, the critics'.
void LayeredCollector::keep_recurrent_states(const LinearOperations& operations) {
  const NetworkLayout& critic = training_.critic.layout;
  const int row_floats = recurrent_state_floats(config_);
  kernels::StridedBatch states = {training_.environments.recurrent_states.data(), row_floats,
                                  std::int64_t{config_.environments} * row_floats};
  acting_.cell().keep_states_in(states);
  for (CellBuffers& buffers : buffers_.acting_critic_cells) {
    states.data += critic.cell->state_floats();
    acting_critic_cells_.emplace_back(critic, config_.agents, acting_steps(config_),
                                      std::move(buffers), operations);
    acting_critic_cells_.back().keep_states_in(states);
  }
}

void LayeredCollector::vector_step(bool warmup) const {
  normalise_observations(true);
  // A memory is of all observations, those of the warm-up too.
  if (!warmup || is_recurrent(config_)) run_actor();
  check(kernels::launch_vector_step({.environment = environment(),
                                     .agents = config_.agents,
                                     .environments = training_.environments.view(),
                                     .replays = training_.replay.view(),
                                     .exploration = exploration(warmup),
                                     .seed = training_.settings.seed.data(),
                                     .vector_steps = training_.vector_steps.data(),
                                     .arrivals = buffers_.arrivals.data(),
                                     .policy_action = buffers_.policy_action.view(),
                                     .observation = buffers_.observation.view()},
                                    stream_),
        "launch_vector_step");
}

void LayeredCollector::observe() const {
  check(kernels::launch_observe({.environment = environment(),
                                 .agents = config_.agents,
                                 .environments = config_.environments,
                                 .states = training_.environments.states.data(),
                                 .observation = buffers_.observation.view()},
                                stream_),
        "launch_observe");
  normalise_observations(false);
}

void LayeredCollector::act() const {
  run_actor();
  check(kernels::launch_choose_actions(
            {.environment = environment(),
             .agents = config_.agents,
             .environments = config_.environments,
             .exploration_noise = training_.environments.exploration_noise.data(),
             .exploration = exploration(false),
             .seed = training_.settings.seed.data(),
             .vector_steps = training_.vector_steps.data(),
             .policy_action = buffers_.policy_action.view(),
             .action = buffers_.action.view()},
            stream_),
        "launch_choose_actions");
}

void LayeredCollector::step_environments(int steps) const {
  check(kernels::launch_step_environments(
            {.environment = environment(),
             .agents = config_.agents,
             .environments = config_.environments,
             .steps = steps,
             .seed = training_.settings.seed.data(),
             .vector_steps = training_.vector_steps.data(),
             .states = training_.environments.states.data(),
             .episode_returns = training_.environments.episode_returns.data(),
             .action = buffers_.action.view()},
            stream_),
        "launch_step_environments");
}

/// What the actors see of the environments' observations, and the normalisers of the batches to
/// come; with `fold` these observations count in the running moments from now on.
void LayeredCollector::normalise_observations(bool fold) const {
  if (!config_.normalise_observations) return;
  check(kernels::launch_normalise_observations(
            {.agents = config_.agents,
             .environments = config_.environments,
             .observation_size = training_.replay.layout.observation_size,
             .fold = fold,
             .vector_steps = training_.vector_steps.data(),
             .observation = buffers_.observation.view(),
             .moments = training_.normalisation.moments.data(),
             .normalisers = training_.normalisation.view(),
             .normalised = buffers_.normalised.view()},
            stream_),
        "launch_normalise_observations");
}

void LayeredCollector::run_actor() const {
  const BatchMatrix& seen =
      config_.normalise_observations ? buffers_.normalised : buffers_.observation;
  if (is_recurrent(config_)) follow_environments(seen.view());
  const BatchMatrix& input = is_recurrent(config_) ? buffers_.recurrent_input : seen;
  NetworkPass::forward({acting_,
                        training_.actor.parameters.data(),
                        input.view(),
                        buffers_.policy_action.view(),
                        {training_.actor.statistics.data()}});
}

/// What recurrent networks see of the environments, as the actors see their observations; where the
/// replay stores states, the critics' follow.
void LayeredCollector::follow_environments(const kernels::ConstStridedBatch& observation) const {
  check(kernels::launch_recurrent_inputs(
            {.agents = config_.agents,
             .environments = config_.environments,
             .replays = training_.replay.view(),
             .episode_steps = training_.environments.episode_steps.data(),
             .observation = observation,
             .returns = training_.settings.returns.data(),
             .input = buffers_.recurrent_input.view(),
             .state_floats = recurrent_state_floats(config_),
             .states = training_.environments.recurrent_states.data()},
            stream_),
        "launch_recurrent_inputs");
  std::vector<CellPass::Operands> cells;
  const float* parameters = training_.critic.parameters.data();
  for (const CellPass& cell : acting_critic_cells_) {
    cells.push_back({cell, parameters, buffers_.recurrent_input.view()});
    parameters += training_.critic.layout.network_floats;
  }
  CellPass::forward(cells);
}

kernels::EnvironmentChoice LayeredCollector::environment() const {
  return {config_.environment, environment_parameters_, time_limit_};
}

kernels::ExplorationArrays LayeredCollector::exploration(bool warmup) const {
  return {warmup, training_.settings.exploration.data()};
}

}  // namespace polyak::cuda
