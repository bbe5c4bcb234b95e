#include "backend/cuda/layered/iteration_graphs.hpp"

#include <algorithm>
#include <utility>

namespace polyak::cuda {
namespace {

// Enough that a graph's launch (some microseconds) is hidden behind the one before it, and few
// enough that recording takes milliseconds.
constexpr std::int64_t most_launches = 2048;
constexpr std::int64_t most_repetitions = 64;

}  // namespace

IterationGraphs::IterationGraphs(const Stream& stream, Recorder recorder,
                                 std::int64_t launches_per_update)
    : stream_(stream),
      recorder_(std::move(recorder)),
      most_updates_(
          std::clamp<std::int64_t>(most_launches / launches_per_update, 1, most_repetitions)),
      most_vector_steps_(most_repetitions) {}

void IterationGraphs::play(const IterationWork& work) {
  if (work.vector_steps <= most_vector_steps_ && work.updates <= most_updates_) {
    return replay(work);
  }
  for (std::int64_t left = work.vector_steps; left > 0; left -= most_vector_steps_) {
    replay({work.warmup, std::min(left, most_vector_steps_), 0});
  }
  for (std::int64_t left = work.updates; left > 0; left -= most_updates_) {
    replay({false, 0, std::min(left, most_updates_)});
  }
}

void IterationGraphs::replay(const IterationWork& work) {
  auto found = graphs_.find(work);
  if (found == graphs_.end()) {
    const auto record = [&] {
      for (std::int64_t i = 0; i < work.vector_steps; ++i) recorder_.vector_step(work.warmup);
      for (std::int64_t i = 0; i < work.updates; ++i) recorder_.update();
    };
    found = graphs_.try_emplace(work, stream_, record).first;
  }
  found->second.launch(stream_);
}

}  // namespace polyak::cuda
