#include "backend/cuda/layered/layered_engine.hpp"

#include <utility>

#include "backend/cuda/device/check.hpp"
#include "config/derived.hpp"
#include "kernels/counter.hpp"
#include "kernels/losses.hpp"

namespace polyak::cuda {

LayeredEngine::LayeredEngine(const Config& config, const Stream& stream,
                             const TrainingBuffers& training, LayeredBuffers buffers)
    : config_(config),
      environment_parameters_(environment_parameter_values(config)),
      time_limit_(derive(config).time_limit),
      batch_(batch_steps(config).rows()),
      has_target_noise_(any_above_zero(config.target_noise)),
      stream_(stream.get()),
      training_(training),
      buffers_(std::move(buffers)),
      operations_({config.matrix_product, config.precision}, stream, std::move(buffers_.linear)),
      acting_(training.actor.layout, config.agents, {config.environments, 1, 1},
              std::move(buffers_.acting_hidden), operations_),
      actor_(training.actor.layout, config.agents, batch_steps(config),
             std::move(buffers_.actor_hidden), operations_),
      target_actor_(training.actor.layout, config.agents, batch_steps(config),
                    std::move(buffers_.target_actor_hidden), operations_),
      optimiser_(config, stream, training, buffers_.updates.data(), std::move(buffers_.optimiser)) {
  for (std::size_t i = 0; i < buffers_.critic_hidden.size(); ++i) {
    critics_.emplace_back(training.critic.layout, config.agents, batch_steps(config),
                          std::move(buffers_.critic_hidden[i]), operations_);
    target_critics_.emplace_back(training.critic.layout, config.agents, batch_steps(config),
                                 std::move(buffers_.target_critic_hidden[i]), operations_);
  }
  zero(buffers_.loss_arrivals, stream);
  zero(buffers_.stream_arrivals, stream);
  zero(buffers_.owners, stream);
  std::vector<float> gradient;
  if (is_recurrent(config)) {
    begin_states(stream);
  } else {
    gradient.assign(static_cast<std::size_t>(buffers_.policy_value_gradient.size()),
                    kernels::actor_value_gradient(config.batch_size));
    upload(buffers_.policy_value_gradient, gradient, stream);
  }
  stream.synchronize();
}

/// For a benchmark that draws batches without learning; in an update the critic's loss counts.
void LayeredEngine::count_update() const {
  check(kernels::launch_advance_counter(training_.updates.data(), 1, stream_),
        "launch_advance_counter");
}

void LayeredEngine::vector_step(bool warmup) const {
  normalise_observations(true);
  // A memory is of all observations, those of the warm-up too.
  if (!warmup || is_recurrent(config_)) run_actor();
  check(kernels::launch_vector_step({.environment = environment(),
                                     .agents = config_.agents,
                                     .streams = training_.streams.view(),
                                     .replays = training_.replay.view(),
                                     .exploration = exploration(warmup),
                                     .seed = training_.settings.seed.data(),
                                     .vector_steps = training_.vector_steps.data(),
                                     .arrivals = buffers_.stream_arrivals.data(),
                                     .policy_action = buffers_.policy_action.view(),
                                     .observation = buffers_.observation.view()},
                                    stream_),
        "launch_vector_step");
}

void LayeredEngine::observe() const {
  check(kernels::launch_observe({.environment = environment(),
                                 .agents = config_.agents,
                                 .streams = config_.environments,
                                 .states = training_.streams.states.data(),
                                 .observation = buffers_.observation.view()},
                                stream_),
        "launch_observe");
  normalise_observations(false);
}

void LayeredEngine::act() const {
  run_actor();
  check(kernels::launch_choose_actions(
            {.environment = environment(),
             .agents = config_.agents,
             .streams = config_.environments,
             .exploration_noise = training_.streams.exploration_noise.data(),
             .exploration = exploration(false),
             .seed = training_.settings.seed.data(),
             .vector_steps = training_.vector_steps.data(),
             .policy_action = buffers_.policy_action.view(),
             .action = buffers_.action.view()},
            stream_),
        "launch_choose_actions");
}

void LayeredEngine::step_environments(int steps) const {
  check(kernels::launch_step_environments(
            {.environment = environment(),
             .agents = config_.agents,
             .streams = config_.environments,
             .steps = steps,
             .seed = training_.settings.seed.data(),
             .vector_steps = training_.vector_steps.data(),
             .states = training_.streams.states.data(),
             .episode_returns = training_.streams.episode_returns.data(),
             .action = buffers_.action.view()},
            stream_),
        "launch_step_environments");
}

/// What the actors see of the streams' observations, and the normalisers of the batches to come;
/// with `fold` these observations count in the running moments from now on.
void LayeredEngine::normalise_observations(bool fold) const {
  if (!config_.normalise_observations) return;
  check(kernels::launch_normalise_observations(
            {.agents = config_.agents,
             .streams = config_.environments,
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

void LayeredEngine::run_actor() const {
  const BatchMatrix& seen =
      config_.normalise_observations ? buffers_.normalised : buffers_.observation;
  if (is_recurrent(config_)) follow_streams(seen.view());
  const BatchMatrix& input = is_recurrent(config_) ? buffers_.recurrent_input : seen;
  acting_.forward(training_.actor.parameters.data(), {training_.actor.statistics.data()},
                  input.view(), buffers_.policy_action.view());
}

std::int64_t LayeredEngine::launches_per_update() const {
  const auto actor_layers = static_cast<std::int64_t>(training_.actor.layout.layers.size());
  const auto critic_layers = static_cast<std::int64_t>(training_.critic.layout.layers.size());
  // Each step of a sequence takes two launches forwards and two backwards: both actors and all
  // critics side by side, the first critic once more, and those that learn.
  const std::int64_t recurrent = is_recurrent(config_) ? 10 * batch_steps(config_).steps + 20 : 0;
  if (uses_cublas(config_)) {
    // cuBLAS takes every layer of every agent alone, backwards to its weights too.
    const std::int64_t critics = training_.critic.layout.networks;
    return 12 + recurrent * (config_.agents + 1) + (config_.layer_norm ? 64 : 0) +
           (config_.batch_norm ? 64 + (1 + critics) * (config_.agents + 1) : 0) +
           (4 * actor_layers + 6 * critics * critic_layers) * (config_.agents + 1);
  }
  // Forwards through both networks side by side and once more through the critic; backwards twice
  // through the critic and once through the actor, one layer less each time; seven operations stand
  // between, and each network learns. An action that enters late is copied with every pass
  // forwards, and the actor's gradient does not pass the layers before.
  const auto late_layer = static_cast<std::int64_t>(training_.critic.layout.late_layer);
  const std::int64_t late_action = late_layer > 0 ? 2 - late_layer : 0;
  // A normalised layer takes a kernel with every pass, and one more for its parameters' gradients.
  const std::int64_t norms =
      config_.layer_norm ? 3 * (actor_layers - 1) + 5 * (critic_layers - 1) - late_layer : 0;
  return actor_layers + 2 * critic_layers + 2 * (critic_layers - 1) + (actor_layers - 1) + 7 +
         2 * optimiser_.launches() + late_action + norms + batch_norm_launches() + recurrent +
         (has_target_noise_ ? 1 : 0);
}

/// A normalisation takes a kernel with every pass, that of an input one more for the gradient that
/// it needs, and an action beside a normalised observation is copied with every pass. Only the
/// critic's layers before the action are normalised, which the actor's gradient does not reach.
std::int64_t LayeredEngine::batch_norm_launches() const {
  if (!config_.batch_norm) return 0;
  const auto actor_norms = static_cast<std::int64_t>(training_.actor.layout.layers.size()) - 1;
  const auto critic_norms = static_cast<std::int64_t>(training_.critic.layout.late_layer);
  constexpr std::int64_t inputs = 3 + 2 * 2;
  return inputs + 2 * actor_norms + 3 * critic_norms + (critic_norms == 0 ? 2 : 0);
}

kernels::EnvironmentChoice LayeredEngine::environment() const {
  return {config_.environment, environment_parameters_, time_limit_};
}

kernels::ExplorationArrays LayeredEngine::exploration(bool warmup) const {
  return {warmup, training_.settings.exploration.data()};
}

/// One value per row of the batch, as a matrix of one column.
kernels::Matrices LayeredEngine::column(const DeviceBuffer<float>& values) const {
  return {values.data(), 1, batch_};
}

/// The same for one of several critics, whose values lie one after the other.
kernels::Matrices LayeredEngine::critic_column(const DeviceBuffer<float>& values,
                                               int critic) const {
  const std::int64_t batch = batch_;
  return {values.data() + critic * batch, 1, training_.critic.layout.networks * batch};
}

kernels::LossScratch LayeredEngine::loss_scratch() const {
  return {buffers_.loss_parts.data(), buffers_.loss_arrivals.data()};
}

}  // namespace polyak::cuda
