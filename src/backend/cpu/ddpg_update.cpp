#include "backend/cpu/ddpg_update.hpp"

#include <algorithm>
#include <cmath>

#include "polyak/core/adam.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak::cpu {
namespace {

RowLayout row_layout(const Config& config) {
  const EnvironmentInfo environment = find_environment(config.environment);
  return {environment.observation_size, environment.action_size};
}

void note_loss(double loss, Quantity quantity, std::int64_t update, UpdateTotals& totals,
               double& sum) {
  sum += loss;
  if (!std::isfinite(loss) && !totals.non_finite) {
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
      actor_layout_(actor_layout(config)),
      critic_layout_(critic_layout(config)),
      row_layout_(row_layout(config)),
      actor_tiles_(weight_tiles(actor_layout_)),
      critic_tiles_(weight_tiles(critic_layout_)),
      actor_pass_(actor_layout_, config.batch_size),
      critic_pass_(critic_layout_, config.batch_size),
      columns_(actor_pass_.columns()) {
  for (PanelMatrix* matrix : {&transition_, &next_, &policy_}) {
    *matrix = PanelMatrix(critic_layout_.inputs(), columns_);
  }
  for (AlignedArray* row : {&rewards_, &continues_, &targets_}) {
    *row = AlignedArray(static_cast<std::size_t>(columns_));
  }
  chunk_losses_.resize(static_cast<std::size_t>(chunk_count(columns_)));
}

void DdpgUpdate::run(const AgentForUpdate& agent, std::int64_t update, const Executor& execute,
                     UpdateTotals& totals) {
  const std::int64_t chunks = chunk_count(columns_);
  const auto loss_of = [this](std::int64_t chunk) -> double& {
    return chunk_losses_[static_cast<std::size_t>(chunk)];
  };

  // Critic: descend on the mean squared temporal-difference error.
  execute(chunks, [&](std::int64_t index, int) {
    const Chunk chunk = chunk_at(index, columns_);
    sample_chunk(agent, update, chunk);
    bootstrap_targets(agent, chunk);
    loss_of(index) = critic_backward(agent, chunk);
  });
  const AdamStep critic_step = adam_step(agent.learning_rate_critic, update);
  execute(static_cast<std::int64_t>(critic_tiles_.size()), [&](std::int64_t index, int) {
    learn_tile(critic_layout_, critic_pass_, agent.critic,
               critic_tiles_[static_cast<std::size_t>(index)], critic_step, agent.tau);
  });
  note_loss(sum_losses(), Quantity::critic_loss, update, totals, totals.critic_loss_sum);

  // Actor: ascend on the new critic's value of the actor's own actions.
  execute(chunks, [&](std::int64_t index, int) {
    loss_of(index) = actor_backward(agent, chunk_at(index, columns_));
  });
  const AdamStep actor_step = adam_step(agent.learning_rate_actor, update);
  execute(static_cast<std::int64_t>(actor_tiles_.size()), [&](std::int64_t index, int) {
    learn_tile(actor_layout_, actor_pass_, agent.actor,
               actor_tiles_[static_cast<std::size_t>(index)], actor_step, agent.tau);
  });
  note_loss(sum_losses(), Quantity::actor_loss, update, totals, totals.actor_loss_sum);
  ++totals.updates;
}

void DdpgUpdate::sample(const AgentForUpdate& agent, std::int64_t update, const Executor& execute) {
  execute(chunk_count(columns_),
          [&](std::int64_t index, int) { sample_chunk(agent, update, chunk_at(index, columns_)); });
}

/// (o, a, r, o') drawn uniformly from the replay into this chunk's columns.
void DdpgUpdate::sample_chunk(const AgentForUpdate& agent, std::int64_t update, Chunk chunk) {
  const PhiloxRandom random{agent.seed};
  const std::ptrdiff_t end =
      std::min<std::ptrdiff_t>(chunk.begin + chunk.count, config_.batch_size);
  for (std::ptrdiff_t column = chunk.begin; column < end; ++column) {
    const auto generate = [&](std::uint32_t draw) {
      return random(static_cast<std::uint32_t>(column), static_cast<std::uint64_t>(update),
                    Purpose::replay_sample, draw);
    };
    const ReplayIndex index = sample_transition(agent.replay, agent.most_closed_rows, generate);
    const float* const row = agent.replay.row(index.stream, index.number);
    const float* const next_row = agent.replay.row(index.stream, index.number + 1);
    for (int i = 0; i < row_layout_.observation_size; ++i) {
      transition_(i, column) = policy_(i, column) = row[i];
      next_(i, column) = next_row[i];
    }
    for (int i = 0; i < row_layout_.action_size; ++i) {
      const int feature = row_layout_.action_offset() + i;
      transition_(feature, column) = row[feature];
    }
    rewards_.data()[column] = row[row_layout_.reward_offset()];
    continues_.data()[column] = row_kind(agent.replay, row) == RowKind::terminated ? 0.0f : 1.0f;
  }
}

/// y = r + discount (1 - terminated) Q'(o', actor'(o')).
void DdpgUpdate::bootstrap_targets(const AgentForUpdate& agent, Chunk chunk) {
  actor_pass_.forward(agent.actor.target, next_, chunk);
  copy_rows(actor_pass_.output(), next_, row_layout_.action_offset(), chunk);
  critic_pass_.forward(agent.critic.target, next_, chunk);
  for (std::ptrdiff_t i = chunk.begin; i < chunk.begin + chunk.count; ++i) {
    targets_.data()[i] =
        rewards_.data()[i] + agent.discount * continues_.data()[i] * critic_pass_.output()(0, i);
  }
}

/// Gradient of mean (Q(o, a) - y)^2 back to the critic's first layer; returns the chunk's part of
/// that mean.
double DdpgUpdate::critic_backward(const AgentForUpdate& agent, Chunk chunk) {
  critic_pass_.forward(agent.critic.parameters, transition_, chunk);
  const float scale = 2.0f / static_cast<float>(config_.batch_size);
  double loss = 0.0;
  for (std::ptrdiff_t i = chunk.begin; i < chunk.begin + chunk.count; ++i) {
    const bool real = i < config_.batch_size;
    const float error = real ? critic_pass_.output()(0, i) - targets_.data()[i] : 0.0f;
    critic_pass_.output_delta()(0, i) = scale * error;
    loss += static_cast<double>(error) * static_cast<double>(error);
  }
  critic_pass_.backward(agent.critic.parameters, chunk);
  critic_pass_.transpose_inputs(transition_, chunk);
  return loss / static_cast<double>(config_.batch_size);
}

/// Gradient of mean -Q(o, actor(o)) through the critic to the actor's first layer; returns the
/// chunk's part of that mean.
double DdpgUpdate::actor_backward(const AgentForUpdate& agent, Chunk chunk) {
  actor_pass_.forward(agent.actor.parameters, policy_, chunk);
  copy_rows(actor_pass_.output(), policy_, row_layout_.action_offset(), chunk);
  critic_pass_.forward(agent.critic.parameters, policy_, chunk);
  const float scale = -1.0f / static_cast<float>(config_.batch_size);
  double loss = 0.0;
  for (std::ptrdiff_t i = chunk.begin; i < chunk.begin + chunk.count; ++i) {
    const bool real = i < config_.batch_size;
    critic_pass_.output_delta()(0, i) = real ? scale : 0.0f;
    if (real) loss -= static_cast<double>(critic_pass_.output()(0, i));
  }
  critic_pass_.backward(agent.critic.parameters, chunk);
  critic_pass_.input_gradient(agent.critic.parameters, row_layout_.action_offset(),
                              row_layout_.action_size, actor_pass_.output_delta(), chunk);
  actor_pass_.backward(agent.actor.parameters, chunk);
  actor_pass_.transpose_inputs(policy_, chunk);
  return loss / static_cast<double>(config_.batch_size);
}

/// Adam on some rows of one layer, then the targets' Polyak step towards them. The target of a
/// network is read next in the following update, so it may move as soon as its network has.
void DdpgUpdate::learn_tile(const NetworkLayout& layout, NetworkPass& pass,
                            const NetworkView& network, const WeightTile& tile,
                            const AdamStep& step, float tau) {
  pass.weight_tile_gradient(tile);
  const auto learn = [&](std::int64_t offset, std::int64_t count, const float* gradient) {
    float* const parameters = network.parameters + offset;
    float* const target = network.target + offset;
    float* const first_moment = network.first_moment + offset;
    float* const second_moment = network.second_moment + offset;
#pragma GCC ivdep
    for (std::int64_t i = 0; i < count; ++i) {
      adam_update(step, gradient[i], parameters[i], first_moment[i], second_moment[i]);
      target[i] += tau * (parameters[i] - target[i]);
    }
  };
  const LinearLayout& layer = layout.layers[tile.layer];
  const std::int64_t rows = tile.row_end - tile.row_begin;
  learn(layer.weight_offset + static_cast<std::int64_t>(tile.row_begin) * layer.inputs,
        rows * layer.inputs, pass.weight_gradient(tile));
  learn(layer.bias_offset + tile.row_begin, rows, pass.bias_gradient(tile));
}

AdamStep DdpgUpdate::adam_step(float learning_rate, std::int64_t update) const {
  return make_adam_step(learning_rate, config_.adam_beta1, config_.adam_beta2, config_.adam_epsilon,
                        update + 1);
}

double DdpgUpdate::sum_losses() const {
  double sum = 0.0;
  for (const double loss : chunk_losses_) sum += loss;
  return sum;
}

}  // namespace polyak::cpu
