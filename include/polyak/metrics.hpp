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

/// The first value of an agent that was NaN or infinite.
struct NonFinite {
  Quantity quantity;
  /// A loss: the number of its update, 1 for the first. A reward or a parameter: how many updates
  /// had been made when it was seen; parameters are looked at when metrics are asked for.
  std::int64_t update;
  std::int64_t vector_step = 0;  // a reward: the number of its vector step, 1 for the first
};

/// One agent since the last report. Means are NaN where there was nothing to average.
struct AgentMetrics {
  std::int64_t episodes = 0;
  double mean_return = 0.0;          // undiscounted, with exploration
  double mean_episode_length = 0.0;  // steps
  std::int64_t updates = 0;
  std::int64_t actor_updates = 0;
  double critic_loss = 0.0;  // mean over updates (and critics) of the mean squared TD error
  double actor_loss = 0.0;   // mean over actor updates of -mean Q(s, actor(s))
  std::optional<NonFinite> non_finite;
};

}  // namespace polyak
