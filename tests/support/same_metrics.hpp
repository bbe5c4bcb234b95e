// Reports compared to the last bit.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <span>
#include <string>

#include "polyak/metrics.hpp"

namespace polyak::test {

/// NaN is the same as NaN.
inline void expect_same_metrics(std::span<const AgentMetrics> expected,
                                std::span<const AgentMetrics> actual) {
  ASSERT_EQ(expected.size(), actual.size());
  for (std::size_t agent = 0; agent < expected.size(); ++agent) {
    SCOPED_TRACE("agent " + std::to_string(agent));
    const AgentMetrics &a = expected[agent], &b = actual[agent];
    EXPECT_EQ(a.episodes, b.episodes);
    EXPECT_EQ(a.updates, b.updates);
    EXPECT_EQ(a.actor_updates, b.actor_updates);
    EXPECT_EQ(a.policy_actions, b.policy_actions);
    const auto expect_same_bits = [](const char* what, double first, double second) {
      EXPECT_EQ(std::bit_cast<std::uint64_t>(first), std::bit_cast<std::uint64_t>(second))
          << what << ": " << first << " and " << second;
    };
    expect_same_bits("return", a.mean_return, b.mean_return);
    expect_same_bits("episode length", a.mean_episode_length, b.mean_episode_length);
    expect_same_bits("critic loss", a.critic_loss, b.critic_loss);
    expect_same_bits("actor loss", a.actor_loss, b.actor_loss);
    expect_same_bits("Q", a.mean_q, b.mean_q);
    expect_same_bits("critic's gradient", a.critic_gradient_norm, b.critic_gradient_norm);
    expect_same_bits("actor's gradient", a.actor_gradient_norm, b.actor_gradient_norm);
    expect_same_bits("saturated share", a.saturated_share, b.saturated_share);
  }
}

}  // namespace polyak::test
