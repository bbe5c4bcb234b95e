// The layered engine's updates.
#include "agent/batch_norm.hpp"
#include "backend/cuda/device/check.hpp"
#include "backend/cuda/layered/layered_engine.hpp"
#include "config/derived.hpp"
#include "kernels/losses.hpp"
#include "kernels/td_target.hpp"

namespace polyak::cuda {

/// Deep deterministic policy gradient (Lillicrap et al. 2015, arXiv 1509.02971, algorithm 1), in
/// the order of Spinning Up (the critic learns first, the actor learns from the new critic) or with
/// the actor first; with TD3's parts where they are switched on (Fujimoto et al. 2018, arXiv
/// 1802.09477, algorithm 1).
void LayeredEngine::update(std::int64_t number) const {
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

/// actor'(o'), Q'(o', actor'(o')), and of the networks that learn first Q(o, a) and actor(o), or
/// Q(o, actor(o)). None of these learns before all are done, so they run side by side, in half the
/// launches.
void LayeredEngine::evaluate_batch(const DueInUpdate& due) const {
  const int action_column = training_.actor.layout.inputs();
  std::vector<ForwardPass> actors = {{target_actor_,
                                      training_.actor.target.data(),
                                      buffers_.next.view(),
                                      buffers_.next.columns_from(action_column),
                                      {training_.actor.target_statistics.data()}}};
  if (due.actor) {
    actors.push_back({actor_,
                      training_.actor.parameters.data(),
                      buffers_.policy.view(),
                      buffers_.policy.columns_from(action_column),
                      {training_.actor.statistics.data(), BatchNormMode::training}});
  }
  forward_together(actors);
  if (has_target_noise_) smooth_next_actions();

  std::vector<ForwardPass> critics;
  const NetworkLayout& layout = training_.critic.layout;
  for (int i = 0; i < layout.networks; ++i) {
    critics.push_back(
        {target_critics_[static_cast<std::size_t>(i)],
         training_.critic.target.data() + i * layout.network_floats,
         buffers_.next.view(),
         critic_column(buffers_.next_value, i),
         {training_.critic.target_statistics.data() + i * layout.network_statistics}});
    if (!config_.actor_first) critics.push_back(value_pass(i));
  }
  if (config_.actor_first && due.actor) critics.push_back(policy_value_pass());
  forward_together(critics);
}

/// Q(o, a) of one critic.
ForwardPass LayeredEngine::value_pass(int critic) const {
  const NetworkLayout& layout = training_.critic.layout;
  return {critics_[static_cast<std::size_t>(critic)],
          training_.critic.parameters.data() + critic * layout.network_floats,
          buffers_.transition.view(),
          critic_column(buffers_.value, critic),
          {training_.critic.statistics.data() + critic * layout.network_statistics,
           BatchNormMode::training}};
}

/// Q(o, actor(o)) of the first critic.
ForwardPass LayeredEngine::policy_value_pass() const {
  return {critics_.front(),
          training_.critic.parameters.data(),
          buffers_.policy.view(),
          column(buffers_.policy_value),
          {training_.critic.statistics.data(), policy_value_mode(config_)}};
}

/// Noise on the target actors' actions.
void LayeredEngine::smooth_next_actions() const {
  const AgentSettings& settings = training_.settings;
  check(kernels::launch_smooth_actions(
            {.agents = config_.agents,
             .batch = batch_,
             .action_size = training_.actor.layout.outputs(),
             .seed = settings.seed.data(),
             .updates = buffers_.updates.data(),
             .noise = settings.values_of(&Config::target_noise),
             .noise_clip = settings.values_of(&Config::target_noise_clip),
             .action = buffers_.next.columns_from(training_.actor.layout.inputs())},
            stream_),
        "launch_smooth_actions");
}

/// y = r + gamma^k Q'(o', actor'(o')) from the return of k steps, with the smaller of two critics'
/// Q', and without it after a termination.
void LayeredEngine::bootstrap_targets() const {
  check(kernels::launch_td_target({.agents = config_.agents,
                                   .batch = batch_,
                                   .reward = buffers_.reward.data(),
                                   .bootstrap_discount = buffers_.bootstrap_discount.data(),
                                   .next_value = buffers_.next_value.data(),
                                   .target = buffers_.target.data(),
                                   .critics = training_.critic.layout.networks,
                                   .bootstrap_row = buffers_.bootstrap_row.data()},
                                  stream_),
        "launch_td_target");
}

/// Each critic descends on the mean of its (Q(o, a) - y)^2.
void LayeredEngine::learn_critics(const DueInUpdate& due) const {
  const NetworkLayout& layout = training_.critic.layout;
  std::vector<ForwardPass> values;
  std::vector<BackwardPass> backward;
  for (int i = 0; i < layout.networks; ++i) {
    values.push_back(value_pass(i));
    backward.push_back({values.back().network, values.back().parameters, values.back().input,
                        critic_column(buffers_.value_gradient, i),
                        training_.critic.gradient.data() + i * layout.network_floats});
  }
  if (config_.actor_first) forward_together(values);
  check(kernels::launch_critic_loss({.agents = config_.agents,
                                     .batch = batch_,
                                     .value = buffers_.value.data(),
                                     .target = buffers_.target.data(),
                                     .value_gradient = buffers_.value_gradient.data(),
                                     .updates = buffers_.updates.data(),
                                     .totals = training_.update_totals.data(),
                                     .scratch = loss_scratch(),
                                     .count = training_.updates.data(),
                                     .critics = layout.networks,
                                     .weight = buffers_.weight.data(),
                                     .weighted_rows = buffers_.learned_steps.data()},
                                    stream_),
        "launch_critic_loss");
  backward_together(backward);
  backward_input_norms(backward);
  backward_cells_together(backward, buffers_.weight.data());
  parameter_gradients_together(backward);
  const AgentSettings& settings = training_.settings;
  optimiser_.learn(training_.critic,
                   {.learning_rate = settings.values_of(&Config::learning_rate_critic),
                    .weight_decay = settings.values_of(&Config::critic_weight_decay),
                    .updates_per_step = 1,
                    .moves_targets = due.targets,
                    .is_actors = false},
                   reporting_);
}

/// Descends on the mean of -Q(o, actor(o)), through the first critic into the actor.
void LayeredEngine::learn_actor(const DueInUpdate& due) const {
  const NetworkLayout& layout = training_.actor.layout;
  const kernels::Matrices actions = buffers_.policy.columns_from(layout.inputs());
  const ForwardPass value = policy_value_pass();
  if (!config_.actor_first) forward_together({&value, 1});
  take_actor_loss();
  const BackwardPass critic = {value.network, value.parameters, value.input,
                               column(buffers_.policy_value_gradient), nullptr};
  backward_together({&critic, 1}, training_.critic.layout.late_layer);
  critic.network.input_gradient(critic.parameters, critic.output_gradient, layout.outputs(),
                                layout.layers.back().activation, actions,
                                buffers_.action_gradient.view());
  const BackwardPass actor = {actor_, training_.actor.parameters.data(), buffers_.policy.view(),
                              buffers_.action_gradient.view(), training_.actor.gradient.data()};
  backward_together({&actor, 1});
  backward_input_norms({&actor, 1});
  backward_cells_together({&actor, 1}, buffers_.weight.data());
  parameter_gradients_together({&actor, 1});
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
void LayeredEngine::take_actor_loss() const {
  const bool gives_gradient = is_recurrent(config_);
  if (!gives_gradient) reporting_.branch_off(stream_);
  check(kernels::launch_actor_loss(
            {.agents = config_.agents,
             .batch = batch_,
             .value = buffers_.policy_value.data(),
             .updates = buffers_.updates.data(),
             .totals = training_.update_totals.data(),
             .scratch = loss_scratch(),
             .weight = buffers_.weight.data(),
             .weighted_rows = buffers_.learned_steps.data(),
             .value_gradient = gives_gradient ? buffers_.policy_value_gradient.data() : nullptr},
            gives_gradient ? stream_ : reporting_.get()),
        "launch_actor_loss");
}

}  // namespace polyak::cuda
