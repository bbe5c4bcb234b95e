#include "backend/cuda/layered/layered_engine.hpp"

#include <utility>

#include "backend/cuda/device/check.hpp"
#include "kernels/adam.hpp"
#include "kernels/counter.hpp"
#include "kernels/losses.hpp"
#include "kernels/replay.hpp"
#include "kernels/td_target.hpp"

namespace polyak::cuda {

LayeredEngine::LayeredEngine(const Config& config, const Stream& stream,
                             const TrainingBuffers& training, LayeredBuffers buffers)
    : config_(config),
      environment_parameters_(environment_parameter_values(config)),
      time_limit_(derive(config).time_limit),
      stream_(stream.get()),
      training_(training),
      buffers_(std::move(buffers)),
      operations_({config.matrix_product, config.precision}, stream, std::move(buffers_.linear)),
      acting_(training.actor.layout, config.agents, config.environments,
              std::move(buffers_.acting_hidden), operations_),
      actor_(training.actor.layout, config.agents, config.batch_size,
             std::move(buffers_.actor_hidden), operations_),
      critic_(training.critic.layout, config.agents, config.batch_size,
              std::move(buffers_.critic_hidden), operations_),
      target_actor_(training.actor.layout, config.agents, config.batch_size,
                    std::move(buffers_.target_actor_hidden), operations_),
      target_critic_(training.critic.layout, config.agents, config.batch_size,
                     std::move(buffers_.target_critic_hidden), operations_) {
  zero(buffers_.loss_arrivals, stream);
  zero(buffers_.stream_arrivals, stream);
  const std::vector<float> gradient(static_cast<std::size_t>(buffers_.policy_value_gradient.size()),
                                    kernels::actor_value_gradient(config.batch_size));
  upload(buffers_.policy_value_gradient, gradient, stream);
  stream.synchronize();
}

/// Deep deterministic policy gradient (Lillicrap et al. 2015, arXiv 1509.02971, algorithm 1), in
/// the order of Spinning Up: the critic learns first, the actor learns from the new critic.
void LayeredEngine::update() const {
  sample();
  evaluate_batch();
  bootstrap_targets();
  learn_critic();
  learn_actor();
}

/// For a benchmark that draws batches without learning; in an update the critic's loss counts.
void LayeredEngine::count_update() const {
  check(kernels::launch_advance_counter(training_.updates.data(), 1, stream_),
        "launch_advance_counter");
}

/// (o, a, r, o') drawn uniformly from each agent's replay.
void LayeredEngine::sample() const {
  check(kernels::launch_sample_batch({.agents = config_.agents,
                                      .batch = config_.batch_size,
                                      .replays = training_.replay.view(),
                                      .seed = training_.settings.seed.data(),
                                      .updates = training_.updates.data(),
                                      .updates_copy = buffers_.updates.data(),
                                      .transition = buffers_.transition.view(),
                                      .observation = buffers_.policy.view(),
                                      .next_observation = buffers_.next.view(),
                                      .reward = buffers_.reward.data(),
                                      .terminated = buffers_.terminated.data()},
                                     stream_),
        "launch_sample_batch");
}

/// actor'(o'), Q'(o', actor'(o')), Q(o, a) and actor(o). None of these networks learns before all
/// are done, so online and target networks run side by side, in half the launches.
void LayeredEngine::evaluate_batch() const {
  const int action_column = training_.actor.layout.inputs();
  forward_together({{target_actor_, training_.actor.target.data(), buffers_.next.view(),
                     buffers_.next.columns_from(action_column)},
                    {actor_, training_.actor.parameters.data(), buffers_.policy.view(),
                     buffers_.policy.columns_from(action_column)}});
  forward_together({{target_critic_, training_.critic.target.data(), buffers_.next.view(),
                     column(buffers_.next_value)},
                    {critic_, training_.critic.parameters.data(), buffers_.transition.view(),
                     column(buffers_.value)}});
}

/// y = r + discount (1 - terminated) Q'(o', actor'(o')).
void LayeredEngine::bootstrap_targets() const {
  check(kernels::launch_td_target({.agents = config_.agents,
                                   .batch = config_.batch_size,
                                   .reward = buffers_.reward.data(),
                                   .terminated = buffers_.terminated.data(),
                                   .next_value = buffers_.next_value.data(),
                                   .discount = training_.settings.discount.data(),
                                   .target = buffers_.target.data()},
                                  stream_),
        "launch_td_target");
}

/// Descends on the mean of (Q(o, a) - y)^2.
void LayeredEngine::learn_critic() const {
  const float* const parameters = training_.critic.parameters.data();
  check(kernels::launch_critic_loss({.agents = config_.agents,
                                     .batch = config_.batch_size,
                                     .value = buffers_.value.data(),
                                     .target = buffers_.target.data(),
                                     .value_gradient = buffers_.value_gradient.data(),
                                     .updates = buffers_.updates.data(),
                                     .totals = training_.update_totals.data(),
                                     .scratch = loss_scratch(),
                                     .count = training_.updates.data()},
                                    stream_),
        "launch_critic_loss");
  critic_.backward_hidden(parameters, column(buffers_.value_gradient));
  critic_.parameter_gradient(buffers_.transition.view(), column(buffers_.value_gradient),
                             training_.critic.gradient.data());
  learn(training_.critic, training_.settings.learning_rate_critic);
}

/// Descends on the mean of -Q(o, actor(o)), through the critic into the actor.
void LayeredEngine::learn_actor() const {
  const int action_column = training_.actor.layout.inputs();
  const kernels::Matrices actions = buffers_.policy.columns_from(action_column);
  const kernels::Matrices value_gradient = column(buffers_.policy_value_gradient);
  const float* const actor = training_.actor.parameters.data();
  const float* const critic = training_.critic.parameters.data();
  critic_.forward(critic, buffers_.policy.view(), column(buffers_.policy_value));
  report_actor_loss();
  critic_.backward_hidden(critic, value_gradient);
  critic_.input_gradient(critic, value_gradient, action_column, training_.actor.layout.outputs(),
                         training_.actor.layout.layers.back().activation, actions,
                         buffers_.action_gradient.view());
  actor_.backward_hidden(actor, buffers_.action_gradient.view());
  actor_.parameter_gradient(buffers_.policy.view(), buffers_.action_gradient.view(),
                            training_.actor.gradient.data());
  learn(training_.actor, training_.settings.learning_rate_actor);
  reporting_.join(stream_);
}

/// The loss itself is for the report alone: nothing waits for it but the end of the update.
void LayeredEngine::report_actor_loss() const {
  reporting_.branch_off(stream_);
  check(kernels::launch_actor_loss({.agents = config_.agents,
                                    .batch = config_.batch_size,
                                    .value = buffers_.policy_value.data(),
                                    .updates = buffers_.updates.data(),
                                    .totals = training_.update_totals.data(),
                                    .scratch = loss_scratch()},
                                   reporting_.get()),
        "launch_actor_loss");
}

/// Adam, then the target's Polyak step towards the network. A target is read next in the following
/// update, so it may move as soon as its network has.
void LayeredEngine::learn(const NetworkBuffers& network,
                          const DeviceBuffer<float>& learning_rate) const {
  check(kernels::launch_adam({.agents = config_.agents,
                              .parameters_per_agent = network.layout.stride,
                              .gradient = network.gradient.data(),
                              .parameters = network.parameters.data(),
                              .first_moment = network.first_moment.data(),
                              .second_moment = network.second_moment.data(),
                              .learning_rate = learning_rate.data(),
                              .beta1 = config_.adam_beta1,
                              .beta2 = config_.adam_beta2,
                              .epsilon = config_.adam_epsilon,
                              .updates = buffers_.updates.data(),
                              .target = network.target.data(),
                              .tau = training_.settings.tau.data()},
                             stream_),
        "launch_adam");
}

void LayeredEngine::vector_step(bool warmup) const {
  if (!warmup) run_actor();
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
             .states = training_.streams.states.data(),
             .episode_returns = training_.streams.episode_returns.data(),
             .action = buffers_.action.view()},
            stream_),
        "launch_step_environments");
}

void LayeredEngine::run_actor() const {
  acting_.forward(training_.actor.parameters.data(), buffers_.observation.view(),
                  buffers_.policy_action.view());
}

std::int64_t LayeredEngine::launches_per_update() const {
  const auto actor_layers = static_cast<std::int64_t>(training_.actor.layout.layers.size());
  const auto critic_layers = static_cast<std::int64_t>(training_.critic.layout.layers.size());
  if (uses_cublas(config_)) {
    // cuBLAS takes every layer of every agent alone, backwards to its weights too.
    return 7 + (4 * actor_layers + 6 * critic_layers) * (config_.agents + 1);
  }
  // Forwards through both networks side by side and once more through the critic; backwards twice
  // through the critic and once through the actor, one layer less each time; nine operations stand
  // between.
  return actor_layers + 2 * critic_layers + 2 * (critic_layers - 1) + (actor_layers - 1) + 9;
}

kernels::EnvironmentChoice LayeredEngine::environment() const {
  return {config_.environment, environment_parameters_, time_limit_};
}

kernels::ExplorationArrays LayeredEngine::exploration(bool warmup) const {
  const AgentSettings& settings = training_.settings;
  return {config_.exploration, warmup, settings.noise_scale.data(), settings.noise_theta.data(),
          settings.noise_dt.data()};
}

/// One value per row of the batch, as a matrix of one column.
kernels::Matrices LayeredEngine::column(const DeviceBuffer<float>& values) const {
  return {values.data(), 1, config_.batch_size};
}

kernels::LossScratch LayeredEngine::loss_scratch() const {
  return {buffers_.loss_parts.data(), buffers_.loss_arrivals.data()};
}

}  // namespace polyak::cuda
