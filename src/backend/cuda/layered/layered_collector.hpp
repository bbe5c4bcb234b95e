// Acting in the environments of every agent, one kernel per operation.
#pragma once

#include <vector>

#include "backend/cuda/device/stream.hpp"
#include "backend/cuda/layered/network_pass.hpp"
#include "backend/cuda/training_buffers.hpp"
#include "kernels/environments.hpp"
#include "polyak/config.hpp"

namespace polyak::cuda {

/// The scratch memory of acting.
struct CollectorBuffers {
  CollectorBuffers(const Config& config, MemoryBudget& budget);

  BatchMatrix observation;      // [environments, observation_size]: as the environments have them
  BatchMatrix normalised;       // [environments, observation_size]: as the actors see them, if
                                // observations are normalised
  BatchMatrix recurrent_input;  // [environments, the actor's inputs], of recurrent policies
  BatchMatrix policy_action;    // [environments, action_size]: the actors' output
  BatchMatrix action;           // [environments, action_size]: with exploration, for benchmarks
  HiddenLayers acting_hidden;
  std::vector<CellBuffers> acting_critic_cells;  // [critics] where the replay stores states
  DeviceBuffer<unsigned> arrivals;               // [1]
};

/// Queues work on one stream; never waits for the device.
class LayeredCollector {
 public:
  LayeredCollector(const Config& config, const Stream& stream, const TrainingBuffers& training,
                   const LinearOperations& operations, CollectorBuffers buffers);

  /// The actors' first observations, after the environments' states were written from outside.
  void observe() const;

  /// Every environment acts, steps and stores. Counts the vector step.
  void vector_step(bool warmup) const;

  // Parts, for benchmarks.
  void act() const;
  void step_environments(int steps) const;

 private:
  void keep_recurrent_states(const LinearOperations& operations);
  void follow_environments(const kernels::ConstStridedBatch& observation) const;
  void normalise_observations(bool fold) const;
  void run_actor() const;
  kernels::EnvironmentChoice environment() const;
  kernels::ExplorationArrays exploration(bool warmup) const;

  Config config_;
  std::vector<float> environment_parameters_;
  int time_limit_;
  cudaStream_t stream_;
  const TrainingBuffers& training_;
  CollectorBuffers buffers_;
  NetworkPass acting_;
  std::vector<CellPass> acting_critic_cells_;  // where the replay stores states
};

}  // namespace polyak::cuda
