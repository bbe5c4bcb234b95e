#include "backend/cuda/layered/layered_training.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "polyak/core/error.hpp"

namespace polyak::cuda {
namespace {

std::string description_of(const Config& config) {
  if (config.precision == Precision::fp32) return "layered engine";
  return "layered engine, " + std::string(to_string(config.precision));
}

}  // namespace

LayeredTraining::LayeredTraining(const Config& config, const Stream& stream,
                                 const TrainingBuffers& training, LayeredBuffers buffers)
    : description_(description_of(config)),
      stream_(stream),
      engine_(config, stream, training, std::move(buffers)),
      graphs_(stream,
              {.vector_step = [this](bool warmup) { engine_.vector_step(warmup); },
               .update = [this](std::int64_t number) { engine_.update(number); }},
              engine_.launches_per_update(), std::lcm(config.actor_delay, config.target_delay)) {}

void LayeredTraining::play(const IterationWork& work, std::int64_t repetitions,
                           const Progress& done) {
  for (std::int64_t i = 0; i < repetitions; ++i) {
    graphs_.play(work, done.updates + i * work.updates);
  }
}

void LayeredTraining::run_part(Phase phase, std::int64_t repetitions) {
  switch (phase) {
    case Phase::environment_step:
      return step_environments(repetitions);
    case Phase::act:
      return repeat(act_graph_, repetitions, [this] { engine_.act(); });
    case Phase::sample:
      return repeat(sample_graph_, repetitions, [this] {
        engine_.sample();
        // The next draw is another one, or the caches would make it look cheap.
        engine_.count_update();
      });
    default:
      throw RunError("the layered engine plays this phase as whole iterations");
  }
}

/// Queues `work` so many times, mostly from a graph of several.
template <class Work>
void LayeredTraining::repeat(std::optional<Graph>& graph, std::int64_t repetitions,
                             const Work& work) {
  constexpr std::int64_t in_one_graph = 32;
  if (repetitions >= in_one_graph && !graph) {
    graph.emplace(stream_, [&] {
      for (std::int64_t i = 0; i < in_one_graph; ++i) work();
    });
  }
  for (; repetitions >= in_one_graph; repetitions -= in_one_graph) graph->launch(stream_);
  for (; repetitions > 0; --repetitions) work();
}

void LayeredTraining::step_environments(std::int64_t repetitions) {
  constexpr std::int64_t steps_in_one_launch = 1000;
  engine_.act();
  for (; repetitions > 0; repetitions -= steps_in_one_launch) {
    engine_.step_environments(static_cast<int>(std::min(repetitions, steps_in_one_launch)));
  }
  engine_.observe();
}

}  // namespace polyak::cuda
