#include "micro/measure.hpp"

#include <algorithm>
#include <chrono>

namespace polyak::bench {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Enough for the launching of the graph not to count, so few that a graph takes milliseconds.
std::int64_t launches_per_graph(const Operation& operation, const cuda::Stream& stream) {
  // Once before, since libraries allocate at their first call.
  operation.launch(stream, 0);
  stream.synchronize();
  const Clock::time_point start = Clock::now();
  operation.launch(stream, 1);
  stream.synchronize();
  constexpr double graph_seconds = 4e-3;
  constexpr std::int64_t fewest = 4;
  return std::clamp(static_cast<std::int64_t>(graph_seconds / seconds_since(start)), fewest,
                    max_turns);
}

double seconds_of(const cuda::Graph& graph, const cuda::Stream& stream, std::int64_t replays) {
  const Clock::time_point start = Clock::now();
  for (std::int64_t i = 0; i < replays; ++i) graph.launch(stream);
  stream.synchronize();
  return seconds_since(start);
}

std::int64_t replays_lasting(const cuda::Graph& graph, const cuda::Stream& stream, double seconds) {
  for (std::int64_t replays = 1;; replays *= 2) {
    const double measured = seconds_of(graph, stream, replays);
    if (measured < 0.5 * seconds) continue;
    const double scaled = static_cast<double>(replays) * seconds / measured;
    return std::max<std::int64_t>(1, static_cast<std::int64_t>(scaled));
  }
}

}  // namespace

OperationResult measure(const Operation& operation, const MeasureOptions& options) {
  const cuda::Stream stream;
  const std::int64_t launches = launches_per_graph(operation, stream);
  const auto all_launches = [&] {
    for (std::int64_t turn = 0; turn < launches; ++turn) operation.launch(stream, turn);
  };
  const cuda::Graph graph(stream, all_launches, operation.launches);
  const std::int64_t replays = replays_lasting(graph, stream, options.seconds);
  OperationResult result{operation.name,   operation.shape, operation.bound,
                         operation.amount, operation.thing, {}};
  for (int i = 0; i < options.repetitions; ++i) {
    const double seconds = seconds_of(graph, stream, replays);
    result.launches.per_second.push_back(static_cast<double>(replays * launches) / seconds);
  }
  return result;
}

}  // namespace polyak::bench
