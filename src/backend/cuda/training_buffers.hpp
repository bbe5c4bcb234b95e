// A training in device memory, whichever engine runs it.
#pragma once

#include "agent/agent.hpp"
#include "backend/cuda/device/memory_budget.hpp"
#include "kernels/environments.hpp"
#include "kernels/replay.hpp"
#include "kernels/update_totals.hpp"
#include "polyak/config.hpp"

namespace polyak::cuda {

/// One kind of network of every agent: each array [agents, layout.stride], the running statistics
/// of batch normalisation [agents, layout.statistics_stride].
struct NetworkBuffers {
  NetworkBuffers(const NetworkLayout& network_layout, int agents, MemoryBudget& budget);
  NetworkLayout layout;
  DeviceBuffer<float> parameters, target, first_moment, second_moment;
  DeviceBuffer<float> gradient;
  DeviceBuffer<float> statistics, target_statistics;
};

/// The environments of every agent: each array [agents, environments, ...].
struct EnvironmentBuffers {
  EnvironmentBuffers(const Config& config, MemoryBudget& budget);
  DeviceBuffer<float> states;             // [.., state_size]
  DeviceBuffer<float> exploration_noise;  // [.., action_size]
  DeviceBuffer<std::int32_t> episode_steps;
  DeviceBuffer<double> episode_returns;
  DeviceBuffer<float> recurrent_states;  // [.., recurrent_state_floats()], or empty
  DeviceBuffer<EpisodeTotals> totals;    // of the episodes finished since the last report

  kernels::EnvironmentArrays view() const {
    return {states.data(), exploration_noise.data(), episode_steps.data(), episode_returns.data(),
            totals.data()};
  }
};

/// The replays of every agent.
struct ReplayBuffers {
  ReplayBuffers(const Config& config, MemoryBudget& budget);
  std::int64_t environments, rows_per_environment;
  RowLayout layout;
  DeviceBuffer<float> rows;  // [agents, environments, rows_per_environment, layout.floats()]
  DeviceBuffer<std::int64_t> rows_written;     // [agents, environments]
  DeviceBuffer<std::int64_t> max_closed_rows;  // [agents]

  kernels::Replays view() const {
    return {rows.data(),  rows_written.data(),  max_closed_rows.data(),
            environments, rows_per_environment, layout};
  }
};

/// What may differ between agents: each array [agents].
struct AgentSettings {
  AgentSettings(const Config& config, MemoryBudget& budget);
  DeviceBuffer<std::uint64_t> seed;
  DeviceBuffer<ExplorationPlan> exploration;
  DeviceBuffer<ReturnSettings> returns;

  /// A field's values [agents] on the device, for example values_of(&Config::tau). Every field of
  /// this type is there: the table of the fields is the list of what is uploaded.
  const float* values_of(PerAgent<float> Config::*field) const;

  void upload_from(const Config& config, const Stream& stream) const;

 private:
  std::int64_t agents_;
  DeviceBuffer<float> values_;  // [fields, agents]
};

/// Running observation normalisation: each array [agents, observation_size], or empty without it.
struct NormalisationBuffers {
  NormalisationBuffers(const Config& config, MemoryBudget& budget);
  int observation_size;
  DeviceBuffer<Moments> moments;
  DeviceBuffer<float> mean, scale;  // of the normalisers

  kernels::Normalisers view() const { return {mean.data(), scale.data(), observation_size}; }
};

/// Everything that outlives an iteration. Constructed with a measuring budget, all is empty.
struct TrainingBuffers {
  TrainingBuffers(const Config& config, MemoryBudget& budget);
  NetworkBuffers actor, critic;
  EnvironmentBuffers environments;
  ReplayBuffers replay;
  NormalisationBuffers normalisation;
  AgentSettings settings;
  DeviceBuffer<std::int64_t> vector_steps, updates;   // [1]: made so far, as graphs see them
  DeviceBuffer<kernels::UpdateTotals> update_totals;  // [agents], since the last report
  DeviceBuffer<EpisodeTotals> episode_totals;         // [agents]: scratch of the reports
  DeviceBuffer<std::int32_t> bad_parameters;          // [agents]: scratch of the reports
};

/// Waits for the stream and copies the training, its counters included, to the host.
TrainingState download_state(const TrainingBuffers& training, const Stream& stream);

/// The same without the replay's rows.
TrainingState download_state_without_rows(const TrainingBuffers& training, const Stream& stream);

/// Replaces the training by `state`, its counters included, clears the totals, and waits. RunError
/// if the state belongs to another configuration.
void upload_state(const TrainingState& state, int agents, const TrainingBuffers& training,
                  const Stream& stream);

/// The same with a state without rows: those on the device stay.
void upload_state_without_rows(const TrainingState& state, int agents,
                               const TrainingBuffers& training, const Stream& stream);

/// The same with an initial_state_with_first_rows: the replay is never in the host's memory.
void upload_first_state(const TrainingState& state, int agents, const TrainingBuffers& training,
                        const Stream& stream);

}  // namespace polyak::cuda
