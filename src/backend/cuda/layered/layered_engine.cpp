#include "backend/cuda/layered/layered_engine.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "backend/cuda/device/check.hpp"
#include "config/derived.hpp"
#include "kernels/counter.hpp"
#include "polyak/core/error.hpp"

namespace polyak::cuda {
namespace {

/// `cluster_blocks` as in ClusteredBuffers.
std::string description_of(const Config& config, int cluster_blocks) {
  if (cluster_blocks > 0) {
    return "layered engine, an update by clusters of " + std::to_string(cluster_blocks);
  }
  if (config.precision == Precision::fp32) return "layered engine";
  return "layered engine, " + std::string(to_string(config.precision));
}

/// After so many updates the networks that are due repeat.
std::int64_t period_of(const Config& config) {
  return std::lcm(config.actor_delay, config.target_delay);
}

}  // namespace

LayeredEngine::LayeredEngine(const Config& config, const Stream& stream,
                             const TrainingBuffers& training, LayeredBuffers buffers)
    : description_(description_of(config, buffers.update.clustered.cluster_blocks)),
      stream_(stream),
      training_(training),
      operations_({config.matrix_product, config.precision}, stream, std::move(buffers.linear)),
      collector_(config, stream, training, operations_, std::move(buffers.collector)),
      update_(config, stream, training, operations_, std::move(buffers.update)),
      graphs_(stream,
              {.vector_step = [this](bool warmup) { collector_.vector_step(warmup); },
               .update = [this](std::int64_t number) { update_.run(number); }},
              // In the last update of a period all networks are due.
              count_launches(stream, [&] { update_.run(period_of(config) - 1); }),
              period_of(config), operations_.launches()) {}

void LayeredEngine::play(const IterationWork& work, std::int64_t repetitions,
                         const Progress& done) {
  for (std::int64_t i = 0; i < repetitions; ++i) {
    graphs_.play(work, done.updates + i * work.updates);
  }
}

void LayeredEngine::run_part(Phase phase, std::int64_t repetitions) {
  switch (phase) {
    case Phase::environment_step:
      return step_environments(repetitions);
    case Phase::act:
      return repeat(act_graph_, repetitions, [this] { collector_.act(); });
    case Phase::sample:
      return repeat(sample_graph_, repetitions, [this] { sample(); });
    default:
      throw RunError("the layered engine plays this phase as whole iterations");
  }
}

/// Queues `work` so many times, mostly from a graph of several.
template <class Work>
void LayeredEngine::repeat(std::optional<Graph>& graph, std::int64_t repetitions,
                           const Work& work) {
  constexpr std::int64_t in_one_graph = 32;
  if (repetitions >= in_one_graph && !graph) {
    const auto several = [&] {
      for (std::int64_t i = 0; i < in_one_graph; ++i) work();
    };
    graph.emplace(stream_, several, operations_.launches());
  }
  for (; repetitions >= in_one_graph; repetitions -= in_one_graph) graph->launch(stream_);
  for (; repetitions > 0; --repetitions) work();
}

/// In an update the critics' loss counts; here the batch is counted so that the next draw is
/// another one, or the caches would make it look cheap.
void LayeredEngine::sample() {
  update_.sample();
  check(kernels::launch_advance_counter(training_.updates.data(), 1, stream_.get()),
        "launch_advance_counter");
}

void LayeredEngine::step_environments(std::int64_t repetitions) {
  constexpr std::int64_t steps_in_one_launch = 1000;
  collector_.act();
  for (; repetitions > 0; repetitions -= steps_in_one_launch) {
    collector_.step_environments(static_cast<int>(std::min(repetitions, steps_in_one_launch)));
  }
  collector_.observe();
}

}  // namespace polyak::cuda
