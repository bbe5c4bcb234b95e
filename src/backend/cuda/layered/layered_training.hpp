// The layered engine's iterations, from captured graphs.
#pragma once

#include <optional>
#include <string>

#include "backend/cuda/engine.hpp"
#include "backend/cuda/layered/iteration_graphs.hpp"
#include "backend/cuda/layered/layered_engine.hpp"

namespace polyak::cuda {

class LayeredTraining final : public TrainingEngine {
 public:
  LayeredTraining(const Config& config, const Stream& stream, const TrainingBuffers& training,
                  LayeredBuffers buffers);

  std::string description() const override { return description_; }
  void play(const IterationWork& work, std::int64_t repetitions, const Progress& done) override;
  void observe() override { engine_.observe(); }
  bool has_phase(Phase) const override { return true; }
  void run_part(Phase phase, std::int64_t repetitions) override;

 private:
  void step_environments(std::int64_t repetitions);
  template <class Work>
  void repeat(std::optional<Graph>& graph, std::int64_t repetitions, const Work& work);

  std::string description_;
  const Stream& stream_;
  LayeredEngine engine_;
  IterationGraphs graphs_;
  std::optional<Graph> act_graph_, sample_graph_;
};

}  // namespace polyak::cuda
