// The seam between the trainer and the devices. Coarse on purpose: one virtual call per phase, so
// that an engine may fuse what it likes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/agent.hpp"
#include "polyak/config.hpp"
#include "polyak/metrics.hpp"
#include "polyak/policy.hpp"
#include "polyak/population.hpp"

namespace polyak {

/// A part of an iteration that can be run by itself, for measuring.
enum class Phase {
  environment_step,  // step every environment with the actions at hand, without storing
  act,               // the actor's forward pass for every environment, with exploration
  vector_step,       // act, step and store: what collecting data costs
  sample,            // draw and gather one batch per agent
  update,            // one update, the sampling included
  iteration,         // a whole iteration
};

/// The random numbers that environments whose steps depend on chance take in whole episodes: those
/// of `seed`, of episode first_episode + i from start state i, the same for every agent.
struct EpisodeRandom {
  std::uint64_t seed = 0;
  std::int64_t first_episode = 0;
};

/// A training on one device. Not thread-safe. Failures of the device throw RunError.
class Backend {
 public:
  virtual ~Backend() = default;

  /// What runs where, in words: "cpu, 2 threads, AVX-512" or "NVIDIA H200, layered engine".
  virtual std::string description() const = 0;

  /// Runs whole iterations. Returns when the work is done, or queued on the device.
  virtual void advance(std::int64_t iterations) = 0;

  /// What happened since the last call, one entry per agent; waits for the device.
  virtual std::vector<AgentMetrics> metrics() = 0;

  /// Returns of the online actors without noise from given start states, one whole episode each.
  ///   starts  [count, state_size]
  /// Result: [agents, count]. Leaves the training as it was.
  virtual std::vector<float> evaluate(std::span<const float> starts, EpisodeRandom random) = 0;
  std::vector<float> evaluate(std::span<const float> starts) { return evaluate(starts, {}); }

  /// RunError with the bytes needed and available if there is too little memory to evaluate from so
  /// many start states.
  virtual void require_evaluation_memory(std::int64_t starts) = 0;

  virtual TrainingState export_state() = 0;
  virtual void import_state(const TrainingState& state) = 0;

  /// The same without the rows of the replay, of which there may be more than the host has room
  /// for twice: replay_rows is empty. To import a training, write its rows first.
  virtual TrainingState export_state_without_rows() = 0;
  virtual void import_state_without_rows(const TrainingState& state) = 0;

  /// The same for who needs no state of his own, for which a host that computes may have no memory:
  /// it shows its own, with the rows in it. While `change` runs, write_rows may be called, too.
  virtual void look_at_state(const std::function<void(const TrainingState& state)>& look) {
    look(export_state_without_rows());
  }
  virtual void change_state(const std::function<void(TrainingState& state)>& change) {
    TrainingState state = export_state_without_rows();
    change(state);
    import_state_without_rows(state);
  }

  /// Copies values of replay_rows, from its value `first` on; waits for the device.
  virtual void read_rows(std::int64_t first, std::span<float> values) = 0;
  virtual void write_rows(std::int64_t first, std::span<const float> values) = 0;

  /// As much of one agent as `part` says: of everything, the state of a population of one; of the
  /// networks, all else is empty. For those who move agents between devices.
  virtual TrainingState export_agent(int agent, AgentPart part) = 0;
  TrainingState export_agent(int agent) { return export_agent(agent, AgentPart::everything); }
  /// What the agent has seen stays as it is where the state has only networks.
  virtual void import_agent(int agent, const TrainingState& state) = 0;

  /// Each pair's agent `to` takes over from `from`, without a detour over the host. No agent is
  /// `to` in two pairs, and none is `to` in one and `from` in another.
  virtual void copy_agents(std::span<const AgentCopy> copies) = 0;

  /// Goes on with the first config.agents of its agents, as many as before or fewer, and with
  /// config's values of the fields that may differ between agents. All else of the configuration is
  /// what it was. Call metrics() first: what has not been asked for is forgotten.
  virtual void reconfigure(const Config& config) = 0;

  /// The online actors' parameters: [agents, actor layout stride].
  virtual std::vector<float> actor_parameters() = 0;

  /// The running statistics of the online actors' batch normalisation, empty without it: [agents,
  /// actor layout statistics_stride].
  virtual std::vector<float> actor_statistics() = 0;

  /// What the online actors' observations are normalised by at present.
  virtual ObservationNormalisers observation_normalisers() = 0;

  /// Whether run_phase can run this phase by itself: an engine may have fused it with others.
  virtual bool has_phase(Phase) const { return true; }

  /// Runs one phase `repetitions` times and waits for the end; the training's state is unspecified
  /// afterwards (but valid). For benchmarks.
  virtual void run_phase(Phase phase, std::int64_t repetitions) = 0;
};

/// One step of one environment, as rollout --transitions needs it.
struct TransitionResult {
  std::vector<float> next_states;        // [count, state_size]
  std::vector<float> rewards;            // [count]
  std::vector<std::uint8_t> terminated;  // [count]
  std::vector<float> observations;       // [count, observation_size], of the next states
};

/// Whole noise-free episodes of one policy.
struct Trajectories {
  // Episode i has lengths[i] steps; arrays are padded to [count, time_limit].
  std::vector<std::int32_t> lengths;     // [count]
  std::vector<float> states;             // [count, time_limit + 1, state_size]
  std::vector<float> actions;            // [count, time_limit, action_size], in environment units
  std::vector<float> rewards;            // [count, time_limit]
  std::vector<std::uint8_t> terminated;  // [count]: the last step terminated
};

/// What a device can do with an environment and a finished policy.
class Simulator {
 public:
  virtual ~Simulator() = default;
  /// One independent step from each state with each action (environment units): the first step of
  /// an episode.
  ///   states [count, state_size], actions [count, action_size]
  virtual TransitionResult step(std::span<const float> states, std::span<const float> actions) = 0;
  /// Whole episodes from the start states [count, state_size].
  virtual Trajectories rollout(const Policy& policy, std::span<const float> starts) = 0;
  /// Returns only: [count].
  virtual std::vector<float> evaluate(const Policy& policy, std::span<const float> starts) = 0;
};

/// Which environment a Simulator runs.
struct SimulatorConfig {
  std::string environment;
  std::vector<float> parameters;  // [EnvironmentInfo::parameters]
  int time_limit;
  int threads;             // CPU: 0 means all cores
  std::uint64_t seed = 0;  // EpisodeRandom::seed of rollouts, evaluations and single steps
};

/// One device as the machine offers it.
struct DeviceDescription {
  DeviceKind kind;
  std::string name;
  std::int64_t memory_total = 0, memory_available = 0;  // bytes
  std::vector<std::string> details;                     // lines for `polyak info`
};

/// The devices that can be used here, GPUs first. `cuda_absence` says in one line why there is no
/// GPU among them (not built in, no driver, no device), empty if there is one.
struct DeviceList {
  std::vector<DeviceDescription> devices;
  std::string cuda_absence;
};
DeviceList list_devices();

/// How many GPUs CUDA shows here.
int count_gpus();

/// Why the GPU of this number cannot be used here, in one line; empty if it can.
std::string why_no_gpu(int gpu = 0);

/// The device that `requested` means here; UsageError if it asks for a GPU that is not there.
Device resolve_device(const Device& requested);

/// A training in the state initial_state(config). Checks the memory first: RunError with the bytes
/// needed and available if it does not fit.
std::unique_ptr<Backend> make_backend(const Config& config);

/// The same by this process alone, whatever others take part in trainings.
std::unique_ptr<Backend> make_local_backend(const Config& config);

/// What each device trains of it: all, or a share of the agents where there are several.
std::vector<Config> device_shares(const Config& config);

/// RunErrors instead of results that are NaN or infinite, and instead of running out of memory. Of
/// all GPUs it takes the first.
std::unique_ptr<Simulator> make_simulator(const Device& device, const SimulatorConfig& config);

/// RunError with the bytes needed and available if make_backend, or make_local_backend,
/// would refuse for want of memory.
void require_training_memory(const Config& config);
void require_local_memory(const Config& config);

/// What make_backend would allocate, on all of its devices; a need beyond 64 bits is the largest
/// number there is.
std::vector<MemoryNeed> memory_needs(const Config& config);
/// The same of one of device_shares().
std::vector<MemoryNeed> memory_needs_on_device(const Config& share);

/// The sum, or the largest number there is if it is more.
std::int64_t total_bytes(std::span<const MemoryNeed> needs);

}  // namespace polyak
