#include "backend/cuda/layered/layered_update.hpp"

#include <utility>

#include "agent/batch_norm.hpp"
#include "backend/cuda/device/check.hpp"
#include "config/derived.hpp"
#include "kernels/stored_states.hpp"
#include "kernels/td_target.hpp"

namespace polyak::cuda {

LayeredUpdate::LayeredUpdate(const Config& config, const Stream& stream,
                             const TrainingBuffers& training, const LinearOperations& operations,
                             UpdateBuffers buffers)
    : config_(config),
      batch_rows_(batch_steps(config).rows()),
      has_target_noise_(any_above_zero(config.target_noise)),
      stream_(stream.get()),
      training_(training),
      buffers_(std::move(buffers)),
      sampler_(config, stream, training, std::move(buffers_.batch)),
      actor_(training.actor.layout, config.agents, batch_steps(config),
             std::move(buffers_.actor_hidden), operations),
      target_actor_(training.actor.layout, config.agents, batch_steps(config),
                    std::move(buffers_.target_actor_hidden), operations),
      optimiser_(config, stream, training, sampler_.batch().updates.data(),
                 std::move(buffers_.optimiser)),
      clustered_(config, stream, training, std::move(buffers_.clustered)) {
  for (std::size_t i = 0; i < buffers_.critic_hidden.size(); ++i) {
    critics_.emplace_back(training.critic.layout, config.agents, batch_steps(config),
                          std::move(buffers_.critic_hidden[i]), operations);
    target_critics_.emplace_back(training.critic.layout, config.agents, batch_steps(config),
                                 std::move(buffers_.target_critic_hidden[i]), operations);
  }
  if (is_recurrent(config)) {
    // Sequences begin with zeros unless the replay stores states.
    for (NetworkPass* network : {&actor_, &target_actor_}) {
      network->cell().clear_first_state(stream);
    }
    for (auto* networks : {&critics_, &target_critics_}) {
      for (NetworkPass& network : *networks) network.cell().clear_first_state(stream);
    }
    return;
  }
  const std::vector<float> gradient(static_cast<std::size_t>(buffers_.policy_value_gradient.size()),
                                    actor_loss_gradient(config.batch_size));
  upload(buffers_.policy_value_gradient, gradient, stream);
  stream.synchronize();
}

/// In the order of Spinning Up (the critic learns first, the actor learns from the new critic) or
/// with the actor first.
void LayeredUpdate::run(std::int64_t number) const {
  if (clustered_.is_used()) return run_clustered();
  const DueInUpdate due = due_in_update(config_, number);
  reporting_.branch_off(stream_);
  sample();
  evaluate_batch(due);
  bootstrap_targets();
  if (due.actor && config_.actor_first) learn_actor(due);
  learn_critics(due);
  if (due.actor && !config_.actor_first) learn_actor(due);
  if (due.targets && !due.actor) optimiser_.move_targets(training_.actor);
  reporting_.join(stream_);
}

/// All but the sampling and the report in one launch.
void LayeredUpdate::run_clustered() const {
  sample();
  clustered_.run(sampler_.batch(), {.value = buffers_.value.data(),
                                    .target = buffers_.target.data(),
                                    .policy_value = buffers_.policy_value.data()});
  reporting_.branch_off(stream_);
  take_critic_loss();
  optimiser_.measure_gradient(training_.critic, false, reporting_.get());
  optimiser_.measure_gradient(training_.actor, true, reporting_.get());
  queue_actor_loss(reporting_.get(), nullptr);
  reporting_.join(stream_);
}

void LayeredUpdate::sample() const {
  sampler_.sample();
  if (stores_states(config_)) load_stored_states();
}

/// actor'(o'), Q'(o', actor'(o')), and of the networks that learn first Q(o, a) and actor(o), or
/// Q(o, actor(o)). None of these learns before all are done, so they run side by side, in half the
/// launches.
void LayeredUpdate::evaluate_batch(const DueInUpdate& due) const {
  const SampledBatch& batch = sampler_.batch();
  const int action_column = training_.actor.layout.inputs();
  std::vector<ForwardPass> actors = {{target_actor_,
                                      training_.actor.target.data(),
                                      batch.next.view(),
                                      batch.next.columns_from(action_column),
                                      {training_.actor.target_statistics.data()}}};
  if (due.actor) {
    actors.push_back({actor_,
                      training_.actor.parameters.data(),
                      batch.policy.view(),
                      batch.policy.columns_from(action_column),
                      {training_.actor.statistics.data(), BatchNormMode::training}});
  }
  NetworkPass::forward(actors);
  if (has_target_noise_) smooth_next_actions();

  std::vector<ForwardPass> critics;
  for (int i = 0; i < training_.critic.layout.networks; ++i) {
    critics.push_back(target_value_pass(i));
    if (!config_.actor_first) critics.push_back(value_pass(i));
  }
  if (config_.actor_first && due.actor) critics.push_back(policy_value_pass());
  NetworkPass::forward(critics);
}

/// Noise on the target actors' actions.
void LayeredUpdate::smooth_next_actions() const {
  const AgentSettings& settings = training_.settings;
  check(kernels::launch_smooth_actions(
            {.agents = config_.agents,
             .batch = batch_rows_,
             .action_size = training_.actor.layout.outputs(),
             .seed = settings.seed.data(),
             .updates = sampler_.batch().updates.data(),
             .noise = settings.values_of(&Config::target_noise),
             .noise_clip = settings.values_of(&Config::target_noise_clip),
             .action = sampler_.batch().next.columns_from(training_.actor.layout.inputs())},
            stream_),
        "launch_smooth_actions");
}

/// y = r + gamma^k Q'(o', actor'(o')) from the return of k steps, with the smaller of two critics'
/// Q', and without it after a termination.
void LayeredUpdate::bootstrap_targets() const {
  check(kernels::launch_td_target({.agents = config_.agents,
                                   .batch = batch_rows_,
                                   .reward = sampler_.batch().reward.data(),
                                   .bootstrap_discount = sampler_.batch().bootstrap_discount.data(),
                                   .next_value = buffers_.next_value.data(),
                                   .target = buffers_.target.data(),
                                   .critics = training_.critic.layout.networks,
                                   .bootstrap_row = sampler_.batch().bootstrap_row.data()},
                                  stream_),
        "launch_td_target");
}

/// Each critic descends on the mean of its (Q(o, a) - y)^2.
void LayeredUpdate::learn_critics(const DueInUpdate& due) const {
  const NetworkLayout& layout = training_.critic.layout;
  std::vector<ForwardPass> values;
  std::vector<BackwardPass> backward;
  for (int i = 0; i < layout.networks; ++i) {
    values.push_back(value_pass(i));
    backward.push_back({values.back().network, values.back().parameters, values.back().input,
                        critic_column(buffers_.value_gradient, i),
                        training_.critic.gradient.data() + i * layout.network_floats});
  }
  if (config_.actor_first) NetworkPass::forward(values);
  take_critic_loss();
  NetworkPass::backward_to_parameters(backward, sampler_.batch().weight.data());
  const AgentSettings& settings = training_.settings;
  optimiser_.learn(training_.critic,
                   {.learning_rate = settings.values_of(&Config::learning_rate_critic),
                    .weight_decay = settings.values_of(&Config::critic_weight_decay),
                    .updates_per_step = 1,
                    .moves_targets = due.targets,
                    .is_actors = false},
                   reporting_);
}

/// The loss counts the update.
void LayeredUpdate::take_critic_loss() const {
  const SampledBatch& batch = sampler_.batch();
  check(kernels::launch_critic_loss({.agents = config_.agents,
                                     .batch = batch_rows_,
                                     .value = buffers_.value.data(),
                                     .target = buffers_.target.data(),
                                     .value_gradient = buffers_.value_gradient.data(),
                                     .updates = batch.updates.data(),
                                     .totals = training_.update_totals.data(),
                                     .count = training_.updates.data(),
                                     .critics = training_.critic.layout.networks,
                                     .weight = batch.weight.data(),
                                     .weighted_rows = batch.learned_steps.data(),
                                     .steps = batch_steps(config_).steps},
                                    stream_),
        "launch_critic_loss");
}

/// The actor descends on the mean of -Q(o, actor(o)), through the first critic.
void LayeredUpdate::learn_actor(const DueInUpdate& due) const {
  const NetworkLayout& layout = training_.actor.layout;
  const SampledBatch& batch = sampler_.batch();
  const ForwardPass value = policy_value_pass();
  if (!config_.actor_first) NetworkPass::forward(value);
  take_actor_loss();
  NetworkPass::backward_to_action({value.network, value.parameters, value.input,
                                   column(buffers_.policy_value_gradient), nullptr},
                                  {.activation = layout.layers.back().activation,
                                   .action = batch.policy.columns_from(layout.inputs()),
                                   .gradient = buffers_.action_gradient.view()});
  const BackwardPass actor = {actor_, training_.actor.parameters.data(), batch.policy.view(),
                              buffers_.action_gradient.view(), training_.actor.gradient.data()};
  NetworkPass::backward_to_parameters({&actor, 1}, batch.weight.data());
  const AgentSettings& settings = training_.settings;
  optimiser_.learn(training_.actor,
                   {.learning_rate = settings.values_of(&Config::learning_rate_actor),
                    .weight_decay = settings.values_of(&Config::actor_weight_decay),
                    .updates_per_step = config_.actor_delay,
                    .moves_targets = due.targets,
                    .is_actors = true},
                   reporting_);
}

/// The loss itself is for the report alone: nothing waits for it but the end of the update. Of
/// sequences the gradient comes with it, because what is learnt from changes.
void LayeredUpdate::take_actor_loss() const {
  const bool gives_gradient = is_recurrent(config_);
  if (!gives_gradient) reporting_.branch_off(stream_);
  queue_actor_loss(gives_gradient ? stream_ : reporting_.get(),
                   gives_gradient ? buffers_.policy_value_gradient.data() : nullptr);
}

/// `gradient` may be null.
void LayeredUpdate::queue_actor_loss(cudaStream_t stream, float* gradient) const {
  check(kernels::launch_actor_loss({.agents = config_.agents,
                                    .batch = batch_rows_,
                                    .value = buffers_.policy_value.data(),
                                    .updates = sampler_.batch().updates.data(),
                                    .totals = training_.update_totals.data(),
                                    .weight = sampler_.batch().weight.data(),
                                    .weighted_rows = sampler_.batch().learned_steps.data(),
                                    .value_gradient = gradient,
                                    .steps = batch_steps(config_).steps},
                                   stream),
        "launch_actor_loss");
}

/// Q'(o', actor'(o')) of one target critic.
ForwardPass LayeredUpdate::target_value_pass(int critic) const {
  const NetworkLayout& layout = training_.critic.layout;
  return {target_critics_[static_cast<std::size_t>(critic)],
          training_.critic.target.data() + critic * layout.network_floats,
          sampler_.batch().next.view(),
          critic_column(buffers_.next_value, critic),
          {training_.critic.target_statistics.data() + critic * layout.network_statistics}};
}

/// Q(o, a) of one critic.
ForwardPass LayeredUpdate::value_pass(int critic) const {
  const NetworkLayout& layout = training_.critic.layout;
  return {critics_[static_cast<std::size_t>(critic)],
          training_.critic.parameters.data() + critic * layout.network_floats,
          sampler_.batch().transition.view(),
          critic_column(buffers_.value, critic),
          {training_.critic.statistics.data() + critic * layout.network_statistics,
           BatchNormMode::training}};
}

/// Q(o, actor(o)) of the first critic.
ForwardPass LayeredUpdate::policy_value_pass() const {
  return {critics_.front(),
          training_.critic.parameters.data(),
          sampler_.batch().policy.view(),
          column(buffers_.policy_value),
          {training_.critic.statistics.data(), policy_value_mode(config_)}};
}

/// One value per row of the batch, as a matrix of one column.
kernels::StridedBatch LayeredUpdate::column(const DeviceBuffer<float>& values) const {
  return {values.data(), 1, batch_rows_};
}

/// One value per row of the batch of one critic, as a matrix of one column; the values of several
/// critics lie one after the other.
kernels::StridedBatch LayeredUpdate::critic_column(const DeviceBuffer<float>& values,
                                                   int critic) const {
  const std::int64_t batch = batch_rows_;
  return {values.data() + critic * batch, 1, training_.critic.layout.networks * batch};
}

/// Stored recurrent states to where the cells of all networks begin, those of the targets too.
void LayeredUpdate::load_stored_states() const {
  const CellLayout& cell = *training_.actor.layout.cell;
  std::vector<kernels::StateTarget> targets;
  const auto load_into = [&](const NetworkPass& network, std::size_t number) {
    const CellStates& states = network.cell().states();
    targets.push_back({static_cast<int>(number) * cell.state_floats(), states.hidden, states.cell});
  };
  load_into(actor_, 0);
  load_into(target_actor_, 0);
  for (std::size_t i = 0; i < critics_.size(); ++i) {
    load_into(critics_[i], i + 1);
    load_into(target_critics_[i], i + 1);
  }
  check(kernels::launch_load_states({.agents = config_.agents,
                                     .batch = config_.batch_size,
                                     .units = cell.units,
                                     .replays = training_.replay.view(),
                                     .sequences = sampler_.batch().sequences.data(),
                                     .targets = targets},
                                    stream_),
        "launch_load_states");
}

}  // namespace polyak::cuda
