// What a training reports of itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace polyak {

/// Which quantity stopped being a finite number.
enum class Quantity : int { none = 0, critic_loss = 1, actor_loss = 2, reward = 3, parameter = 4 };
constexpr std::string_view to_string(Quantity quantity) {
  switch (quantity) {
    case Quantity::critic_loss:
      return "critic loss";
    case Quantity::actor_loss:
      return "actor loss";
    case Quantity::reward:
      return "reward";
    case Quantity::parameter:
      return "network parameter";
    case Quantity::none:
      break;
  }
  return "nothing";
}

/// The first value of an agent that was NaN, infinite or beyond what float32 holds.
struct NonFinite {
  Quantity quantity;
  /// A loss: the number of its update, 1 for the first. A reward or a parameter: how many updates
  /// had been made when it was seen; parameters are looked at when metrics are asked for.
  std::int64_t update;
  std::int64_t vector_step = 0;  // a reward: the number of its vector step, 1 for the first
};

/// One agent since the last report. Means are NaN where there was nothing to average. The norm of a
/// network's gradient is the Euclidean one over all its parameters, of the mean over the batch,
/// before clipping and weight decay.
struct AgentMetrics {
  std::int64_t episodes = 0;
  double mean_return = 0.0;          // undiscounted, with exploration
  double mean_episode_length = 0.0;  // steps
  std::int64_t updates = 0;
  std::int64_t actor_updates = 0;
  double critic_loss = 0.0;  // mean over updates (and critics) of the mean squared TD error
  double actor_loss = 0.0;   // mean over actor updates of -mean Q(s, actor(s))
  std::optional<NonFinite> non_finite = {};
  double mean_q = 0.0;  // mean over updates, batch and critics of Q(s, a) as the critics learn
  double actor_gradient_norm = 0.0;   // mean over actor updates
  double critic_gradient_norm = 0.0;  // mean over updates and critics
  /// Dimensions of all actions that the policy chose: those of the warm-up are random.
  std::int64_t policy_actions = 0;
  /// The share of them in which the policy's own action, before exploration, was at a bound: beyond
  /// 0.99 where half the action range is 1.
  double saturated_share = 0.0;
};

}  // namespace polyak
