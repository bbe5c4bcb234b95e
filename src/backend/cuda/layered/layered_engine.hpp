// The layered engine: one kernel per operation, for networks of any size, its iterations played
// from captured graphs.
#pragma once

#include <optional>
#include <string>

#include "backend/cuda/engine.hpp"
#include "backend/cuda/layered/iteration_graphs.hpp"
#include "backend/cuda/layered/layered_collector.hpp"
#include "backend/cuda/layered/layered_update.hpp"
#include "backend/cuda/layered/linear_operations.hpp"
#include "config/derived.hpp"

namespace polyak::cuda {

/// All that the engine needs besides the training.
struct LayeredBuffers {
  LayeredBuffers(const Config& config, MemoryBudget& budget)
      : update(config, budget), collector(config, budget), linear(config, budget) {}

  UpdateBuffers update;
  CollectorBuffers collector;
  LinearWorkspace linear;
};

class LayeredEngine final : public TrainingEngine {
 public:
  LayeredEngine(const Config& config, const Stream& stream, const TrainingBuffers& training,
                LayeredBuffers buffers);

  std::string description() const override { return description_; }
  void play(const IterationWork& work, std::int64_t repetitions, const Progress& done) override;
  void observe() override { collector_.observe(); }
  bool has_phase(Phase) const override { return true; }
  void run_part(Phase phase, std::int64_t repetitions) override;

 private:
  void step_environments(std::int64_t repetitions);
  void sample();
  template <class Work>
  void repeat(std::optional<Graph>& graph, std::int64_t repetitions, const Work& work);

  std::string description_;
  const Stream& stream_;
  const TrainingBuffers& training_;
  LinearOperations operations_;
  LayeredCollector collector_;
  LayeredUpdate update_;
  IterationGraphs graphs_;
  std::optional<Graph> act_graph_, sample_graph_;
};

}  // namespace polyak::cuda
