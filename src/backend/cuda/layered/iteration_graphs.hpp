// Plays iterations from recorded graphs.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "backend/cuda/device/graph.hpp"
#include "backend/cuda/engine.hpp"

namespace polyak::cuda {

/// Records graphs of vector steps and updates when they are first needed, and replays them. An
/// iteration that is short enough is one graph; a longer one is a sequence of graphs, cut so that
/// recording and instantiating them stays quick whatever the configuration.
class IterationGraphs {
 public:
  /// What to record. Both queue work on the stream, and must queue the same each time; updates
  /// whose numbers differ by `period` are the same.
  struct Recorder {
    std::function<void(bool warmup)> vector_step;
    std::function<void(std::int64_t number)> update;
  };

  ///   launches_per_update  how many kernels the longest update launches
  IterationGraphs(const Stream& stream, Recorder recorder, std::int64_t launches_per_update,
                  std::int64_t period, Launches launches);

  /// Queues one iteration, whose first update has the number `updates_before`.
  void play(const IterationWork& work, std::int64_t updates_before);

 private:
  void replay(const IterationWork& work, std::int64_t updates_before);

  const Stream& stream_;
  Recorder recorder_;
  std::int64_t max_updates_, max_vector_steps_;  // in one graph
  std::int64_t period_;
  Launches launches_;
  std::map<std::pair<IterationWork, std::int64_t>, Graph> graphs_;  // and its first update's number
};

}  // namespace polyak::cuda
