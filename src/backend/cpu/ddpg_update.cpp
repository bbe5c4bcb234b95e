#include "backend/cpu/ddpg_update.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "agent/batch_norm.hpp"
#include "config/derived.hpp"
#include "polyak/core/float_range.hpp"
#include "polyak/core/summation.hpp"

namespace polyak::cpu {
namespace {

void note_loss(double loss, Quantity quantity, std::int64_t update, UpdateTotals& totals,
               double& sum) {
  sum += loss;
  if (!is_in_float_range(loss) && !totals.non_finite) {
    totals.non_finite = NonFinite{quantity, update + 1};
  }
}

/// Every row of `source` to the rows of `target` from first_row on, for one chunk.
void copy_rows(const PanelMatrix& source, PanelMatrix& target, std::ptrdiff_t first_row,
               Chunk chunk) {
  for (std::ptrdiff_t row = 0; row < source.features(); ++row) {
    for (std::ptrdiff_t column = chunk.begin; column < chunk.begin + chunk.count; ++column) {
      target(first_row + row, column) = source(row, column);
    }
  }
}

}  // namespace

DdpgUpdate::DdpgUpdate(const Config& config)
    : config_(config),
      decay_updates_(learning_rate_decay_updates(config)),
      actor_layout_(actor_layout(config)),
      critic_layout_(critic_layout(config)),
      action_size_(actor_layout_.outputs()),
      action_row_(critic_layout_.inputs() - action_size_),
      sampler_(make_sampler(config)),
      shape_(batch_shape(config)),
      actor_(actor_layout_, shape_),
      critics_(critic_layout_, shape_) {
  const std::ptrdiff_t columns = shape_.columns();
  for (PanelMatrix* matrix : {&transition_, &next_, &policy_}) {
    *matrix = PanelMatrix(critic_layout_.inputs(), columns);
  }
  for (AlignedArray* row : {&rewards_, &discounts_, &weights_, &targets_}) {
    *row = AlignedArray(static_cast<std::size_t>(columns));
  }
  first_states_.assign(static_cast<std::size_t>(columns), nullptr);
  bootstrap_columns_.resize(static_cast<std::size_t>(columns));
  std::iota(bootstrap_columns_.begin(), bootstrap_columns_.end(), 0);
  // What sequences are learnt from changes from batch to batch; of single transitions it is all.
  if (!is_recurrent(config)) std::fill_n(weights_.data(), config.batch_size, 1.0f);
  losses_.resize(static_cast<std::size_t>(columns));
}

void DdpgUpdate::run(const AgentForUpdate& agent, std::int64_t update, const Executor& execute,
                     UpdateTotals& totals) {
  const DueInUpdate due = due_in_update(config_, update);
  learned_columns_ = std::max<std::ptrdiff_t>(1, sampler_->begin(agent.source, update));
  if (config_.actor_first) {
    execute(shape_.chunk_count(), [&](std::int64_t index, int) {
      draw_with_targets(agent, update, shape_.chunk(index));
    });
    if (due.actor) learn_actor(agent, update, execute, totals);
  }
  learn_critics(agent, update, execute, totals);
  if (due.actor && !config_.actor_first) learn_actor(agent, update, execute, totals);
  if (due.targets && !due.actor) actor_.move_targets(agent.actor, config_.tau[agent.agent]);
  ++totals.updates;
}

/// One chunk of the batch (o, a, r, o'), and its targets y.
void DdpgUpdate::draw_with_targets(const AgentForUpdate& agent, std::int64_t update, Chunk chunk) {
  sampler_->gather(agent.source, update, chunk, batch());
  if (stores_states(config_)) begin_sequences(chunk);
  bootstrap_targets(agent, update, chunk);
}

/// y = r + discount Q'(o', actor'(o')), with the smaller of two critics' Q'. r may be the return of
/// several steps, o' the observation after them; the discount is 0 after a termination. In
/// sequences o' has a column of its own, behind all that a recurrent target network has to
/// remember.
void DdpgUpdate::bootstrap_targets(const AgentForUpdate& agent, std::int64_t update, Chunk chunk) {
  actor_.pass().forward(agent.actor.target, {agent.actor.target_statistics}, next_, chunk);
  copy_rows(actor_.pass().output(), next_, action_row_, chunk);
  if (config_.target_noise[agent.agent] > 0.0f) smooth_next_actions(agent, update, chunk);
  for (int i = 0; i < critics_.networks(); ++i) {
    const NetworkView critic = one_network(agent.critic, critic_layout_, i);
    critics_.pass(i).forward(critic.target, {critic.target_statistics}, next_, chunk);
  }
  for (std::ptrdiff_t i = chunk.begin; i < chunk.begin + chunk.count; ++i) {
    const std::ptrdiff_t next = bootstrap_columns_[static_cast<std::size_t>(i)];
    float next_value = critics_.pass(0).output()(0, next);
    if (critics_.networks() == 2) {
      next_value = smaller_value(next_value, critics_.pass(1).output()(0, next));
    }
    targets_.data()[i] = td_target(rewards_.data()[i], discounts_.data()[i], next_value);
  }
}

/// Noise on the target actor's actions.
void DdpgUpdate::smooth_next_actions(const AgentForUpdate& agent, std::int64_t update,
                                     Chunk chunk) {
  const PhiloxRandom random{agent.source.seed};
  const float noise = config_.target_noise[agent.agent];
  const float clip = config_.target_noise_clip[agent.agent];
  for (std::ptrdiff_t column = chunk.begin; column < chunk.begin + chunk.count; ++column) {
    for (int i = 0; i < action_size_; ++i) {
      const RandomBits bits =
          random(static_cast<std::uint32_t>(shape_.row(column)), static_cast<std::uint64_t>(update),
                 Purpose::target_noise, static_cast<std::uint32_t>(i / 4));
      float& action = next_(action_row_ + i, column);
      action = smooth_action(action, noise, clip, normal_from_bits(bits, i % 4));
    }
  }
}

/// The critics descend on the mean squared temporal-difference error.
void DdpgUpdate::learn_critics(const AgentForUpdate& agent, std::int64_t update,
                               const Executor& execute, UpdateTotals& totals) {
  execute(shape_.chunk_count(), [&](std::int64_t index, int) {
    const Chunk chunk = shape_.chunk(index);
    if (!config_.actor_first) draw_with_targets(agent, update, chunk);
    critic_backward(agent, chunk);
  });
  totals.critic_gradient_norm_sum +=
      critics_.learn(agent.critic, transition_,
                     learning_step(agent, update, config_.learning_rate_critic[agent.agent],
                                   config_.critic_weight_decay[agent.agent], update + 1),
                     execute);
  const LossSums means = mean_losses();
  note_loss(means.loss / critics_.networks(), Quantity::critic_loss, update, totals,
            totals.critic_loss_sum);
  totals.mean_q_sum += means.value / critics_.networks();
}

/// Gradient of mean (Q(o, a) - y)^2, over what is learnt from, to the parameters of each critic.
void DdpgUpdate::critic_backward(const AgentForUpdate& agent, Chunk chunk) {
  const float scale = critic_gradient_scale(static_cast<int>(learned_columns_));
  clear_losses(chunk);
  for (int i = 0; i < critics_.networks(); ++i) {
    const NetworkView critic = one_network(agent.critic, critic_layout_, i);
    NetworkPass& pass = critics_.pass(i);
    pass.forward(critic.parameters, {critic.statistics, BatchNormMode::training}, transition_,
                 chunk);
    take_loss(pass, chunk, [&](std::ptrdiff_t column) {
      return critic_loss_row(pass.output()(0, column), targets_.data()[column], scale);
    });
    pass.backward_to_parameters(critic.parameters, transition_, weights_.data(), chunk);
  }
}

/// The actor ascends on the (first) critic's value of the actor's own actions.
void DdpgUpdate::learn_actor(const AgentForUpdate& agent, std::int64_t update,
                             const Executor& execute, UpdateTotals& totals) {
  execute(shape_.chunk_count(),
          [&](std::int64_t index, int) { actor_backward(agent, shape_.chunk(index)); });
  totals.actor_gradient_norm_sum += actor_.learn(
      agent.actor, policy_,
      learning_step(agent, update, config_.learning_rate_actor[agent.agent],
                    config_.actor_weight_decay[agent.agent], (update + 1) / config_.actor_delay),
      execute);
  note_loss(mean_losses().loss, Quantity::actor_loss, update, totals, totals.actor_loss_sum);
  ++totals.actor_updates;
}

/// Gradient of mean -Q(o, actor(o)) through the first critic to the actor's parameters.
void DdpgUpdate::actor_backward(const AgentForUpdate& agent, Chunk chunk) {
  NetworkPass& actor = actor_.pass();
  NetworkPass& critic = critics_.pass();
  actor.forward(agent.actor.parameters, {agent.actor.statistics, BatchNormMode::training}, policy_,
                chunk);
  copy_rows(actor.output(), policy_, action_row_, chunk);
  critic.forward(agent.critic.parameters, {agent.critic.statistics, policy_value_mode(config_)},
                 policy_, chunk);
  const float gradient = actor_loss_gradient(static_cast<int>(learned_columns_));
  clear_losses(chunk);
  take_loss(critic, chunk, [&](std::ptrdiff_t column) {
    return actor_loss_row(critic.output()(0, column), gradient);
  });
  critic.backward_to_action(agent.critic.parameters, actor.output_delta(), chunk);
  actor.backward_to_parameters(agent.actor.parameters, policy_, weights_.data(), chunk);
}

void DdpgUpdate::clear_losses(Chunk chunk) {
  std::fill_n(losses_.begin() + chunk.begin, chunk.count, LossSums{});
}

/// Adds loss_of(column) of the columns that are learnt from to their losses, and writes the
/// gradients with respect to the critic's output.
template <class LossOf>
void DdpgUpdate::take_loss(NetworkPass& critic, Chunk chunk, const LossOf& loss_of) {
  for (std::ptrdiff_t column = chunk.begin; column < chunk.begin + chunk.count; ++column) {
    const LossRow row = weights_.data()[column] > 0.0f ? loss_of(column) : LossRow{};
    critic.output_delta()(0, column) = row.gradient;
    losses_[static_cast<std::size_t>(column)] += row.sums;
  }
}

/// Over what is learnt from, of all critics together.
LossSums DdpgUpdate::mean_losses() const {
  const auto mean_of = [&](double LossSums::*part) {
    const double sum = double_sum_over_rows(shape_.order(), [&](int row) {
      return losses_[static_cast<std::size_t>(shape_.column_of_row(row))].*part;
    });
    return sum / static_cast<double>(learned_columns_);
  };
  return {mean_of(&LossSums::loss), mean_of(&LossSums::value)};
}

void DdpgUpdate::sample(const AgentForUpdate& agent, std::int64_t update, const Executor& execute) {
  sampler_->begin(agent.source, update);
  execute(shape_.chunk_count(), [&](std::int64_t index, int) {
    sampler_->gather(agent.source, update, shape_.chunk(index), batch());
  });
}

/// Stored recurrent states to where the cells begin, those of the targets too.
void DdpgUpdate::begin_sequences(Chunk chunk) {
  const int floats = actor_layout_.cell->state_floats();
  for (std::ptrdiff_t column = chunk.begin; column < chunk.begin + shape_.step_width(chunk);
       ++column) {
    const float* const state = first_states_[static_cast<std::size_t>(column)];
    if (state == nullptr) continue;
    actor_.pass().cell().set_state(column, state);
    for (int i = 0; i < critics_.networks(); ++i) {
      critics_.pass(i).cell().set_state(column, state + (i + 1) * floats);
    }
  }
}

/// The step of a network that learns for time number `step_number`, 1 for the first.
LearningStep DdpgUpdate::learning_step(const AgentForUpdate& agent, std::int64_t update,
                                       float learning_rate, float weight_decay,
                                       std::int64_t step_number) const {
  const float rate = decayed_learning_rate(learning_rate, update, decay_updates_);
  const AdamStep adam = make_adam_step(rate, config_.adam_beta1, config_.adam_beta2,
                                       config_.adam_epsilon, step_number);
  std::optional<float> tau;
  if (due_in_update(config_, update).targets) tau = config_.tau[agent.agent];
  return {
      adam, rate, weight_decay, config_.decoupled_weight_decay, config_.gradient_clip[agent.agent],
      tau};
}

}  // namespace polyak::cpu
