// DDPG and TD3, one kernel per operation: any network size. Queues work; never waits for the
// device.
#pragma once

#include <cstdint>
#include <vector>

#include "backend/cuda/device/side_stream.hpp"
#include "backend/cuda/device/stream.hpp"
#include "backend/cuda/layered/linear_operations.hpp"
#include "backend/cuda/layered/network_pass.hpp"
#include "backend/cuda/layered/optimiser.hpp"
#include "backend/cuda/training_buffers.hpp"
#include "config/derived.hpp"
#include "kernels/losses.hpp"
#include "kernels/streams.hpp"
#include "polyak/config.hpp"

namespace polyak::cuda {

/// The engine's scratch memory: what happens between the arrays of a training.
struct LayeredBuffers {
  LayeredBuffers(const Config& config, MemoryBudget& budget);

  // One batch of batch_steps() for every agent. The critic reads [what the actor reads | action];
  // in `next` and `policy` the actions are written by the actors.
  BatchMatrix transition, next, policy;            // [batch, the critic's inputs]
  DeviceBuffer<float> reward, bootstrap_discount;  // [agents, batch]: SampledReturn
  DeviceBuffer<std::int32_t> owners;               // of transitions, or empty: Draws
  DeviceBuffer<float> target;                      // [agents, batch]: y
  DeviceBuffer<float> next_value;                  // [agents, critics, batch]: Q'(o', actor'(o'))
  DeviceBuffer<float> value, value_gradient;       // [agents, critics, batch]: Q(o, a), dL/dQ
  DeviceBuffer<float> policy_value;                // [agents, batch]: Q(o, actor(o))
  DeviceBuffer<float> policy_value_gradient;  // [agents, batch]: dL/dQ of the actor, a constant
                                              // for single transitions
  // Of sequences, or empty:
  DeviceBuffer<Sequence> sequences;          // [agents, batch_size]
  DeviceBuffer<std::int32_t> learned_steps;  // [agents]: rows with weight 1
  DeviceBuffer<float> weight;                // [agents, batch]: 1 if learnt from
  DeviceBuffer<std::int32_t> bootstrap_row;  // [agents, batch]: of next_value
  BatchMatrix action_gradient;  // [batch, action_size]: before the actor's output activation
  HiddenLayers actor_hidden, target_actor_hidden;
  std::vector<HiddenLayers> critic_hidden, target_critic_hidden;  // [critics]
  DeviceBuffer<std::int64_t> updates;          // [1]: made before the one under way, counted or not
  DeviceBuffer<kernels::LossSums> loss_parts;  // [agents, loss_blocks]
  DeviceBuffer<unsigned> loss_arrivals;        // [agents]

  // Acting in every stream.
  BatchMatrix observation;      // [environments, observation_size]: as the environments have them
  BatchMatrix normalised;       // [environments, observation_size]: as the actors see them, if
                                // observations are normalised
  BatchMatrix recurrent_input;  // [environments, the actor's inputs], of recurrent policies
  std::vector<CellBuffers> acting_critic_cells;  // [critics] where the replay stores states
  BatchMatrix policy_action;                     // [environments, action_size]: the actors' output
  BatchMatrix action;  // [environments, action_size]: with exploration, for benchmarks
  HiddenLayers acting_hidden;
  DeviceBuffer<unsigned> stream_arrivals;  // [1]

  LinearWorkspace linear;
  OptimiserBuffers optimiser;
};

/// The algorithm. Every function queues one step of it for all agents on the stream.
class LayeredEngine {
 public:
  LayeredEngine(const Config& config, const Stream& stream, const TrainingBuffers& training,
                LayeredBuffers buffers);

  /// The actors' first observations, after the environments' states were written from outside.
  void observe() const;

  /// Every stream acts, steps and stores. Counts the vector step.
  void vector_step(bool warmup) const;

  /// Update `number` (0 for the first) of every agent: critics, actor, targets, as far as they are
  /// due. Counts the update.
  void update(std::int64_t number) const;

  /// About how many kernels an update launches in which all learn.
  std::int64_t launches_per_update() const;

  // Parts, for benchmarks.
  void act() const;
  void step_environments(int steps) const;
  void sample() const;
  void count_update() const;

 private:
  void begin_states(const Stream& stream);
  void sample_transitions() const;
  void sample_sequences() const;
  void load_stored_states() const;
  void follow_streams(const kernels::ConstMatrices& observation) const;
  kernels::Draws draws() const;
  void normalise_observations(bool fold) const;
  void run_actor() const;
  void evaluate_batch(const DueInUpdate& due) const;
  void smooth_next_actions() const;
  void bootstrap_targets() const;
  void learn_critics(const DueInUpdate& due) const;
  void learn_actor(const DueInUpdate& due) const;
  void take_actor_loss() const;
  ForwardPass value_pass(int critic) const;
  ForwardPass policy_value_pass() const;
  std::int64_t batch_norm_launches() const;
  kernels::EnvironmentChoice environment() const;
  kernels::ExplorationArrays exploration(bool warmup) const;
  kernels::Matrices column(const DeviceBuffer<float>& values) const;
  kernels::Matrices critic_column(const DeviceBuffer<float>& values, int critic) const;
  kernels::LossScratch loss_scratch() const;

  Config config_;
  std::vector<float> environment_parameters_;
  int time_limit_;
  int batch_;  // rows of one agent's
  bool has_target_noise_;
  cudaStream_t stream_;
  const TrainingBuffers& training_;
  LayeredBuffers buffers_;
  LinearOperations operations_;
  NetworkPass acting_, actor_, target_actor_;
  std::vector<NetworkPass> critics_, target_critics_;
  std::vector<CellPass> acting_critic_cells_;  // where the replay stores states
  Optimiser optimiser_;
  mutable SideStream reporting_;
};

}  // namespace polyak::cuda
