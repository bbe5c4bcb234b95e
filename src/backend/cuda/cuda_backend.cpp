#include "backend/cuda/cuda_backend.hpp"

#include <algorithm>
#include <array>

#include "agent/batch_norm.hpp"
#include "agent/policy_actions.hpp"
#include "backend/checks/memory_check.hpp"
#include "backend/cuda/agent_transfer.hpp"
#include "backend/cuda/device_info.hpp"
#include "backend/cuda/engine.hpp"
#include "backend/cuda/episode_runner.hpp"
#include "backend/cuda/report_reader.hpp"
#include "backend/cuda/training_buffers.hpp"
#include "backend/cuda/training_memory.hpp"
#include "config/derived.hpp"

namespace polyak {
namespace {

using namespace cuda;

/// A population on one GPU, which each call makes current: another backend may have another one.
/// The host queues iterations and counts along; it waits only where it is asked for something that
/// the device must answer.
class CudaBackend final : public Backend {
 public:
  CudaBackend(const Config& config, MemoryBudget budget)
      : config_(config),
        derived_(derive(config)),
        environment_parameters_(environment_parameter_values(config)),
        training_(config, budget),
        engine_(make_engine(config, stream_, training_, budget)),
        reports_(config) {
    training_.settings.upload_from(config, stream_);
    upload_first_state(initial_state_with_first_rows(config), config.agents, training_, stream_);
    engine_->observe();
    stream_.synchronize();
  }

  /// What the members give back goes to the GPU that it is of.
  ~CudaBackend() override { (void)cudaSetDevice(config_.device.gpu); }

  std::string description() const override {
    use_device(config_.device.gpu);
    return device_name() + ", " + engine_->description();
  }

  void advance(std::int64_t iterations) override {
    use_device(config_.device.gpu);
    // One call may run while the next is queued, but no further ahead: the caller's clock and its
    // chance to stop must keep up with the device.
    Event& before_last = queued_[turn_];
    before_last.wait();
    while (iterations > 0) iterations -= queue_equal_iterations(iterations);
    before_last.record(stream_);
    turn_ = 1 - turn_;
  }

  std::vector<AgentMetrics> metrics() override {
    use_device(config_.device.gpu);
    const std::int64_t own = policy_actions(config_, vector_steps_reported_, done_.vector_steps);
    vector_steps_reported_ = done_.vector_steps;
    return reports_.read(training_, own, stream_);
  }

  std::vector<float> evaluate(std::span<const float> starts, EpisodeRandom random) override {
    use_device(config_.device.gpu);
    if (!config_.batch_norm) {
      return run_episodes(training_.actor.layout, training_.actor.parameters, starts, random);
    }
    const PlainNetworks actors =
        fold_batch_norm(training_.actor.layout, actor_parameters(), actor_statistics());
    const DeviceBuffer<float> parameters(static_cast<std::int64_t>(actors.parameters.size()),
                                         "the actors of an evaluation");
    upload(parameters, actors.parameters, stream_);
    return run_episodes(actors.layout, parameters, starts, random);
  }

  void require_evaluation_memory(std::int64_t starts) override {
    use_device(config_.device.gpu);
    polyak::require_evaluation_memory(config_.agents, starts);
    polyak::require_memory(evaluation_needs(config_.agents, starts), available_memory(),
                           {"this evaluation", "use fewer episodes", " on " + device_name()});
  }

  TrainingState export_state() override {
    use_device(config_.device.gpu);
    return download_state(training_, stream_);
  }

  void import_state(const TrainingState& state) override {
    use_device(config_.device.gpu);
    upload_state(state, config_.agents, training_, stream_);
    begin_from(state);
  }

  TrainingState export_state_without_rows() override {
    use_device(config_.device.gpu);
    return download_state_without_rows(training_, stream_);
  }

  void import_state_without_rows(const TrainingState& state) override {
    use_device(config_.device.gpu);
    upload_state_without_rows(state, config_.agents, training_, stream_);
    begin_from(state);
  }

  void read_rows(std::int64_t first, std::span<float> values) override {
    use_device(config_.device.gpu);
    copy_bytes(values.data(), training_.replay.rows.data() + first,
               static_cast<std::int64_t>(values.size_bytes()), cudaMemcpyDeviceToHost, stream_);
    stream_.synchronize();
  }

  void write_rows(std::int64_t first, std::span<const float> values) override {
    use_device(config_.device.gpu);
    copy_bytes(training_.replay.rows.data() + first, values.data(),
               static_cast<std::int64_t>(values.size_bytes()), cudaMemcpyHostToDevice, stream_);
    stream_.synchronize();
  }

  TrainingState export_agent(int agent, AgentPart part) override {
    use_device(config_.device.gpu);
    return download_agent(training_, config_.agents, agent, part, stream_);
  }

  void import_agent(int agent, const TrainingState& state) override {
    use_device(config_.device.gpu);
    upload_agent(state, config_.agents, agent, training_, stream_);
    engine_->observe();
    stream_.synchronize();
  }

  void copy_agents(std::span<const AgentCopy> copies) override {
    use_device(config_.device.gpu);
    cuda::copy_agents(copies, config_.agents, training_, stream_);
    engine_->observe();
    stream_.synchronize();
  }

  void reconfigure(const Config& config) override {
    use_device(config.device.gpu);
    stream_.synchronize();
    // Its graphs and its memory are of the population as it was.
    engine_.reset();
    keep_first_agents(training_, config_.agents, config.agents);
    config_ = config;
    MemoryBudget budget(MemoryBudget::Mode::allocate);
    training_.settings = AgentSettings(config, budget);
    training_.settings.upload_from(config, stream_);
    engine_ = make_engine(config, stream_, training_, budget);
    reports_ = ReportReader(config);
    zero(training_.environments.totals, stream_);
    zero(training_.update_totals, stream_);
    engine_->observe();
    stream_.synchronize();
    vector_steps_reported_ = done_.vector_steps;
  }

  std::vector<float> actor_parameters() override { return to_host(training_.actor.parameters); }
  std::vector<float> actor_statistics() override { return to_host(training_.actor.statistics); }

  ObservationNormalisers observation_normalisers() override {
    return {to_host(training_.normalisation.mean), to_host(training_.normalisation.scale)};
  }

  bool has_phase(Phase phase) const override { return engine_->has_phase(phase); }

  void run_phase(Phase phase, std::int64_t repetitions) override {
    use_device(config_.device.gpu);
    if (done_.vector_steps == 0 && (phase == Phase::sample || phase == Phase::update)) {
      play({.warmup = true, .vector_steps = 1, .updates = 0}, 1);
    }
    switch (phase) {
      case Phase::environment_step:
      case Phase::act:
      case Phase::sample:
        engine_->run_part(phase, repetitions);
        break;
      case Phase::vector_step:
        play({.warmup = false, .vector_steps = 1, .updates = 0}, repetitions);
        break;
      case Phase::update:
        play({.warmup = false, .vector_steps = 0, .updates = 1}, repetitions);
        break;
      case Phase::iteration:
        advance(repetitions);
        break;
    }
    stream_.synchronize();
  }

 private:
  /// A state that has been uploaded.
  void begin_from(const TrainingState& state) {
    engine_->observe();
    stream_.synchronize();
    done_ = {state.vector_steps, state.updates};
    vector_steps_reported_ = state.vector_steps;
  }

  std::vector<float> run_episodes(const NetworkLayout& layout, const DeviceBuffer<float>& actors,
                                  std::span<const float> starts, EpisodeRandom random) const {
    return episode_returns({config_.environment, environment_parameters_,
                            derived_.evaluation_time_limit, layout, config_.agents, actors.data(),
                            training_.normalisation.view(), config_.reward_scale, starts, random},
                           stream_);
  }

  /// Waits for the device.
  std::vector<float> to_host(const DeviceBuffer<float>& buffer) const {
    use_device(config_.device.gpu);
    std::vector<float> values(static_cast<std::size_t>(buffer.size()));
    download(values, buffer, stream_);
    stream_.synchronize();
    return values;
  }

  /// Queues the next iterations that are all alike, `most` at most; returns how many.
  std::int64_t queue_equal_iterations(std::int64_t most) {
    const std::int64_t iteration = done_.vector_steps / derived_.vector_steps_per_iteration;
    std::int64_t count = most;
    for (const std::int64_t change :
         {derived_.warmup_iterations, derived_.first_update_iteration}) {
      if (iteration < change) count = std::min(count, change - iteration);
    }
    const bool learns = iteration >= derived_.first_update_iteration;
    play({.warmup = iteration < derived_.warmup_iterations,
          .vector_steps = derived_.vector_steps_per_iteration,
          .updates = learns ? derived_.updates_per_iteration : 0},
         count);
    return count;
  }

  void play(const IterationWork& work, std::int64_t repetitions) {
    engine_->play(work, repetitions, done_);
    done_.vector_steps += repetitions * work.vector_steps;
    done_.updates += repetitions * work.updates;
  }

  // The stream comes first: it must outlive what is queued on it.
  Stream stream_;
  Config config_;
  DerivedConfig derived_;
  std::vector<float> environment_parameters_;
  TrainingBuffers training_;
  std::unique_ptr<TrainingEngine> engine_;
  ReportReader reports_;
  std::array<Event, 2> queued_;  // the ends of the last two calls of advance()
  std::size_t turn_ = 0;
  Progress done_{};                         // queued so far, as the device's counters will say
  std::int64_t vector_steps_reported_ = 0;  // queued when metrics() was last called
};

}  // namespace

std::unique_ptr<Backend> make_cuda_backend(const Config& config) {
  select_device(config.device.gpu);
  require_precision(config.precision);
  require_memory(config);
  return std::make_unique<CudaBackend>(config, MemoryBudget(MemoryBudget::Mode::allocate));
}

}  // namespace polyak
