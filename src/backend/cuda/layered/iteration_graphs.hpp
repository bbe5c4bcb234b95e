// Plays iterations from recorded graphs.
#pragma once

#include <cstdint>
#include <functional>
#include <map>

#include "backend/cuda/device/graph.hpp"
#include "backend/cuda/engine.hpp"

namespace polyak::cuda {

/// Records graphs of vector steps and updates when they are first needed, and replays them. An
/// iteration that is short enough is one graph; a longer one is a sequence of graphs, cut so that
/// recording and instantiating them stays quick whatever the configuration.
class IterationGraphs {
 public:
  /// What to record. Both queue work on the stream, and must queue the same each time.
  struct Recorder {
    std::function<void(bool warmup)> vector_step;
    std::function<void()> update;
  };

  ///   launches_per_update  about how many kernels an update launches
  IterationGraphs(const Stream& stream, Recorder recorder, std::int64_t launches_per_update);

  /// Queues one iteration.
  void play(const IterationWork& work);

 private:
  void replay(const IterationWork& work);

  const Stream& stream_;
  Recorder recorder_;
  std::int64_t most_updates_, most_vector_steps_;  // in one graph
  std::map<IterationWork, Graph> graphs_;
};

}  // namespace polyak::cuda
