#include "backend/cuda/layered/iteration_graphs.hpp"

#include <algorithm>
#include <utility>

namespace polyak::cuda {
namespace {

// Enough that a graph's launch (some microseconds) is hidden behind the one before it, and few
// enough that recording takes milliseconds.
constexpr std::int64_t max_launches = 2048;
constexpr std::int64_t max_repetitions = 64;

}  // namespace

IterationGraphs::IterationGraphs(const Stream& stream, Recorder recorder,
                                 std::int64_t launches_per_update, std::int64_t period,
                                 Launches launches)
    : stream_(stream),
      recorder_(std::move(recorder)),
      max_updates_(
          std::clamp<std::int64_t>(max_launches / launches_per_update, 1, max_repetitions)),
      max_vector_steps_(max_repetitions),
      period_(period),
      launches_(launches) {}

void IterationGraphs::play(const IterationWork& work, std::int64_t updates_before) {
  if (work.vector_steps <= max_vector_steps_ && work.updates <= max_updates_) {
    return replay(work, updates_before);
  }
  for (std::int64_t left = work.vector_steps; left > 0; left -= max_vector_steps_) {
    replay({work.warmup, std::min(left, max_vector_steps_), 0}, updates_before);
  }
  for (std::int64_t done = 0; done < work.updates; done += max_updates_) {
    replay({false, 0, std::min(work.updates - done, max_updates_)}, updates_before + done);
  }
}

void IterationGraphs::replay(const IterationWork& work, std::int64_t updates_before) {
  const std::int64_t first_update = work.updates > 0 ? updates_before % period_ : 0;
  auto found = graphs_.find({work, first_update});
  if (found == graphs_.end()) {
    const auto record = [&] {
      for (std::int64_t i = 0; i < work.vector_steps; ++i) recorder_.vector_step(work.warmup);
      for (std::int64_t i = 0; i < work.updates; ++i) recorder_.update(first_update + i);
    };
    found = graphs_.try_emplace({work, first_update}, stream_, record, launches_).first;
  }
  found->second.launch(stream_);
}

}  // namespace polyak::cuda
