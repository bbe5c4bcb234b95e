#include "backend/cuda/cuda_backend.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "backend/cuda/device_info.hpp"
#include "backend/cuda/episode_runner.hpp"
#include "backend/cuda/layered/iteration_graphs.hpp"
#include "backend/cuda/layered/layered_engine.hpp"
#include "backend/cuda/report_reader.hpp"
#include "backend/cuda/training_buffers.hpp"
#include "backend/cuda/training_memory.hpp"

namespace polyak {
namespace {

using namespace cuda;

/// A population on one GPU. The host queues graphs and counts along; it waits only where it is
/// asked for something that the device must answer.
class CudaBackend final : public Backend {
 public:
  CudaBackend(const Config& config, MemoryBudget budget)
      : config_(config),
        derived_(derive(config)),
        environment_parameters_(environment_parameter_values(config)),
        training_(config, budget),
        engine_(config, stream_, training_, LayeredBuffers(config, budget)),
        graphs_(stream_,
                {.vector_step = [this](bool warmup) { engine_.vector_step(warmup); },
                 .update = [this] { engine_.update(); }},
                engine_.launches_per_update()),
        reports_(config) {
    training_.settings.upload_from(config, stream_);
    upload_first_state(initial_state_with_first_rows(config), config.agents, training_, stream_);
    engine_.observe();
    stream_.synchronize();
  }

  std::string description() const override { return device_name() + ", layered engine"; }

  void advance(std::int64_t iterations) override {
    // One call may run while the next is queued, but no further ahead: the caller's clock and its
    // chance to stop must keep up with the device.
    Event& before_last = queued_[turn_];
    before_last.wait();
    for (std::int64_t i = 0; i < iterations; ++i) queue_iteration();
    before_last.record(stream_);
    turn_ = 1 - turn_;
  }

  std::vector<AgentMetrics> metrics() override { return reports_.read(training_, stream_); }

  std::vector<float> evaluate(std::span<const float> starts) override {
    return episode_returns(
        {config_.environment, environment_parameters_, derived_.time_limit, training_.actor.layout,
         config_.agents, training_.actor.parameters.data(), starts},
        stream_);
  }

  TrainingState export_state() override { return download_state(training_, stream_); }

  void import_state(const TrainingState& state) override {
    upload_state(state, config_.agents, training_, stream_);
    engine_.observe();
    stream_.synchronize();
    vector_steps_ = state.vector_steps;
  }

  std::vector<float> actor_parameters() override {
    std::vector<float> parameters(static_cast<std::size_t>(training_.actor.parameters.size()));
    download(parameters, training_.actor.parameters, stream_);
    stream_.synchronize();
    return parameters;
  }

  void run_phase(Phase phase, std::int64_t repetitions) override {
    if (vector_steps_ == 0 && (phase == Phase::sample || phase == Phase::update)) {
      play({.warmup = true, .vector_steps = 1, .updates = 0});
    }
    switch (phase) {
      case Phase::environment_step:
        step_environments(repetitions);
        break;
      case Phase::act:
        repeat(act_graph_, repetitions, [this] { engine_.act(); });
        break;
      case Phase::vector_step:
        play({.warmup = false, .vector_steps = repetitions, .updates = 0});
        break;
      case Phase::sample:
        repeat(sample_graph_, repetitions, [this] {
          engine_.sample();
          // The next draw is another one, or the caches would make it look cheap.
          engine_.count_update();
        });
        break;
      case Phase::update:
        play({.warmup = false, .vector_steps = 0, .updates = repetitions});
        break;
      case Phase::iteration:
        advance(repetitions);
        break;
    }
    stream_.synchronize();
  }

 private:
  void queue_iteration() {
    const std::int64_t iteration = vector_steps_ / derived_.vector_steps_per_iteration;
    const bool learns = iteration >= derived_.first_update_iteration;
    play({.warmup = iteration < derived_.warmup_iterations,
          .vector_steps = derived_.vector_steps_per_iteration,
          .updates = learns ? derived_.updates_per_iteration : 0});
  }

  void play(const IterationWork& work) {
    graphs_.play(work);
    vector_steps_ += work.vector_steps;
  }

  /// Queues `work` so many times, mostly from a graph of several.
  template <class Work>
  void repeat(std::optional<Graph>& graph, std::int64_t repetitions, const Work& work) {
    constexpr std::int64_t in_one_graph = 32;
    if (repetitions >= in_one_graph && !graph) {
      graph.emplace(stream_, [&] {
        for (std::int64_t i = 0; i < in_one_graph; ++i) work();
      });
    }
    for (; repetitions >= in_one_graph; repetitions -= in_one_graph) graph->launch(stream_);
    for (; repetitions > 0; --repetitions) work();
  }

  void step_environments(std::int64_t repetitions) {
    constexpr std::int64_t steps_in_one_launch = 1000;
    engine_.act();
    for (; repetitions > 0; repetitions -= steps_in_one_launch) {
      engine_.step_environments(static_cast<int>(std::min(repetitions, steps_in_one_launch)));
    }
    engine_.observe();
  }

  // The stream comes first: it must outlive what is queued on it.
  Stream stream_;
  Config config_;
  DerivedConfig derived_;
  std::vector<float> environment_parameters_;
  TrainingBuffers training_;
  LayeredEngine engine_;
  IterationGraphs graphs_;
  std::optional<Graph> act_graph_, sample_graph_;
  ReportReader reports_;
  std::array<Event, 2> queued_;  // the ends of the last two calls of advance()
  std::size_t turn_ = 0;
  std::int64_t vector_steps_ = 0;  // queued so far, as the device's counter will say
};

}  // namespace

std::unique_ptr<Backend> make_cuda_backend(const Config& config) {
  select_device();
  require_memory(config);
  return std::make_unique<CudaBackend>(config, MemoryBudget(MemoryBudget::Mode::allocate));
}

}  // namespace polyak
