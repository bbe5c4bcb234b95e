// One agent's part of the arrays of a population.
#pragma once

#include <cstdint>

#include "agent/agent.hpp"
#include "polyak/core/replay.hpp"

namespace polyak::cpu {

/// The networks of one kind of one agent: each pointer to [layout.stride], those to the running
/// statistics of batch normalisation to [layout.statistics_stride].
struct NetworkView {
  float* parameters;
  float* target;
  float* first_moment;
  float* second_moment;
  float* statistics;
  float* target_statistics;
};

inline NetworkView network_view(NetworkState& state, const NetworkLayout& layout, int agent) {
  const auto offset = static_cast<std::size_t>(agent * layout.stride);
  const std::int64_t statistics = agent * layout.statistics_stride;
  return {&state.parameters[offset],
          &state.target[offset],
          &state.first_moment[offset],
          &state.second_moment[offset],
          state.statistics.data() + statistics,
          state.target_statistics.data() + statistics};
}

/// Network `index` of those: each pointer to [layout.network_floats] or [network_statistics].
inline NetworkView one_network(const NetworkView& view, const NetworkLayout& layout, int index) {
  const std::int64_t offset = index * layout.network_floats;
  const std::int64_t statistics = index * layout.network_statistics;
  return {view.parameters + offset,     view.target + offset,
          view.first_moment + offset,   view.second_moment + offset,
          view.statistics + statistics, view.target_statistics + statistics};
}

/// The replay of one agent.
inline ReplayView replay_view(TrainingState& state, const RowLayout& layout, int environments,
                              std::int64_t rows_per_environment, int agent) {
  const auto first = static_cast<std::size_t>(agent) * static_cast<std::size_t>(environments);
  const auto rows = static_cast<std::size_t>(rows_per_environment * layout.floats());
  return {&state.replay_rows[first * rows], &state.rows_written[first], environments,
          rows_per_environment, layout};
}

}  // namespace polyak::cpu
