#pragma once

// Whole noise-free episodes: observe, ask the policy, step, until every episode has ended.
//
//   start states [starts, state_size]; per agent the policy's tensors in a flat array; returns
//   [agents, starts]; trajectories [starts, time_limit, ...] (episodes.hpp).
//
// A block runs 4, 8 or 16 episodes of one agent side by side; grid (starts / that, agents). Thread
// t < episodes owns episode t, its state and its return. All threads run the policy
// (policy_layers.cuh), a recurrent one's cell first (policy_cell.cuh).

#include <algorithm>

#include "kernels/agent_views.cuh"
#include "kernels/environment_launch.cuh"
#include "kernels/policy_cell.cuh"
#include "kernels/random.cuh"

namespace polyak::kernels {

/// Arguments with the trajectories by value; no lengths: nothing is recorded.
struct EpisodeArguments {
  int time_limit;
  std::int64_t starts;
  const float* start_states;
  std::uint64_t seed;
  std::int64_t first_episode;
  PolicyArguments policies;
  float* returns;
  TrajectoryArrays trajectories;
  PolicyCell cell;
  const float* reward_scale;
};

/// Writes down the start of one episode.
template <Environment E>
__device__ void record_start(const EpisodeArguments& arguments, std::int64_t episode,
                             const typename E::State& state) {
  using State = typename E::State;
  State* const states = reinterpret_cast<State*>(arguments.trajectories.states);
  states[episode * (arguments.time_limit + 1)] = state;
  arguments.trajectories.lengths[episode] = 0;
  arguments.trajectories.terminated[episode] = 0;
}

/// Writes down one step of one episode.
template <Environment E>
__device__ void record_step(const EpisodeArguments& arguments, std::int64_t episode, int step,
                            const float* action, const EnvironmentStep<typename E::State>& result) {
  const TrajectoryArrays& trajectories = arguments.trajectories;
  const std::int64_t at = episode * arguments.time_limit + step;
  for (int i = 0; i < E::action_size; ++i) {
    trajectories.actions[at * E::action_size + i] =
        action_offset<E>(i) + action_scale<E>(i) * action[i];
  }
  trajectories.rewards[at] = result.reward;
  trajectories.terminated[episode] = result.terminated ? 1 : 0;
  trajectories.lengths[episode] = step + 1;
  // There is one state more than steps in every episode.
  reinterpret_cast<typename E::State*>(trajectories.states)[at + episode + 1] = result.next;
}

/// An episode's start: zeros in all that is remembered of it.
template <Environment E, int Episodes>
__device__ void clear_memory(float* memory) {
  for (int i = static_cast<int>(threadIdx.x); i < memory_floats<E, Episodes>;
       i += episode_threads) {
    memory[i] = 0.0f;
  }
  __syncthreads();
}

/// What the cell sees of this step at the next one, behind the observation.
template <Environment E, int Episodes>
__device__ void remember(float* observed, const float* action, float scaled_reward) {
  for (int i = 0; i < E::action_size; ++i) {
    observed[(E::observation_size + i) * Episodes] = action[i];
  }
  observed[(E::observation_size + E::action_size) * Episodes] = scaled_reward;
}

__device__ inline float reward_scale_of(const EpisodeArguments& arguments, std::int64_t agent) {
  return arguments.reward_scale == nullptr ? 1.0f : arguments.reward_scale[agent];
}

template <Environment E, int Episodes, bool recurrent>
__global__ void __launch_bounds__(episode_threads, 2)
    evaluate_episodes(const EpisodeArguments arguments, const typename E::Parameters parameters) {
  wait_for_previous_kernel();
  using State = typename E::State;
  constexpr int shared_floats =
      2 * activation_floats + (recurrent ? memory_floats<E, Episodes> : 0);
  POLYAK_SHARED(float4, shared_memory, [shared_floats / 4]);
  auto* const activations = reinterpret_cast<float(*)[activation_floats]>(shared_memory);
  constexpr int input_at = recurrent ? 2 : 0;
  float* const input = activations[input_at];  // of layer 0: [features, Episodes]
  float* observed = input;
  if constexpr (recurrent) {
    observed += arguments.cell.units * Episodes;
    clear_memory<E, Episodes>(input);
  }
  const std::int64_t agent = blockIdx.y;
  const int slot = static_cast<int>(threadIdx.x);
  const std::int64_t episode = static_cast<std::int64_t>(blockIdx.x) * Episodes + slot;
  const bool owns_slot = slot < Episodes;
  const bool owns_episode = owns_slot && episode < arguments.starts;
  const bool records = owns_episode && arguments.trajectories.lengths != nullptr;
  State state{};
  if (owns_episode) state = reinterpret_cast<const State*>(arguments.start_states)[episode];
  if (records) record_start<E>(arguments, episode, state);
  double episode_return = 0.0;
  bool running = owns_episode;
  const float* const policy =
      arguments.policies.parameters + agent * arguments.policies.agent_stride;
  const ObservationNormaliser normalise = normaliser_of(arguments.policies.normalisers, agent);
  for (int step = 0; step < arguments.time_limit; ++step) {
    if (owns_slot) {
      float observation[E::observation_size];
      E::observe(state, observation);
      for (int i = 0; i < E::observation_size; ++i) {
        observed[i * Episodes + slot] = normalise(i, observation[i]);
      }
    }
    if constexpr (recurrent) {
      run_cell<Episodes>(arguments.cell, policy, input, input + input_floats<E, Episodes>,
                         activations);
    }
    const int result_at = run_layers<Episodes, input_at>(arguments.policies, policy, activations);
    if (running) {
      float action[E::action_size];
      for (int i = 0; i < E::action_size; ++i) {
        action[i] = activations[result_at][i * Episodes + slot];
      }
      const EnvironmentStep<State> result = step_normalised<E>(
          parameters, state, action,
          environment_random(CurandRandom{arguments.seed}, arguments.first_episode + episode, step,
                             Purpose::evaluation_step));
      if (records) record_step<E>(arguments, episode, step, action, result);
      if constexpr (recurrent) {
        remember<E, Episodes>(observed + slot, action,
                              reward_scale_of(arguments, agent) * result.reward);
      }
      state = result.next;
      episode_return += static_cast<double>(result.reward);
      running = !result.terminated;
    }
    if (__syncthreads_or(running ? 1 : 0) == 0) break;
  }
  if (owns_episode) {
    arguments.returns[agent * arguments.starts + episode] = static_cast<float>(episode_return);
  }
}

inline PolicyArguments policy_arguments(const Policies& policies) {
  PolicyArguments arguments{
      policies.layer_count, {}, policies.parameters, policies.agent_stride, policies.normalisers};
  std::copy(policies.layers.begin(), policies.layers.end(), arguments.layers);
  return arguments;
}

template <Environment E, int Episodes, bool recurrent>
cudaError_t launch(const EvaluateEpisodes& arguments, cudaStream_t stream) {
  const EpisodeArguments kernel_arguments = {
      arguments.environment.time_limit,
      arguments.starts,
      arguments.start_states,
      arguments.seed,
      arguments.first_episode,
      policy_arguments(arguments.policies),
      arguments.returns,
      arguments.trajectories != nullptr ? *arguments.trajectories : TrajectoryArrays{},
      arguments.policies.cell,
      arguments.policies.reward_scale};
  const dim3 grid(grid_size(divide_up(arguments.starts, Episodes)), grid_size(arguments.agents));
  const cudaLaunchConfig_t config = launch_config(grid, episode_threads, stream);
  return cudaLaunchKernelEx(&config, evaluate_episodes<E, Episodes, recurrent>, kernel_arguments,
                            parameters_of<E>(arguments.environment));
}

/// Rows of shared memory that an operation of the policy writes or reads at most.
inline int max_features(const Policies& policies) {
  int widest = policies.layers[0].inputs;
  for (int number = 0; number < policies.layer_count; ++number) {
    widest = std::max(widest, policies.layers[static_cast<std::size_t>(number)].outputs);
  }
  return std::max(widest, max_gates * policies.cell.units);
}

template <bool recurrent>
cudaError_t launch_episodes(const EvaluateEpisodes& arguments, cudaStream_t stream) {
  return visit_environment(arguments.environment.name, [&]<class E>() {
    const int features = max_features(arguments.policies);
    if (features * 16 <= activation_floats) return launch<E, 16, recurrent>(arguments, stream);
    if (features * 8 <= activation_floats) return launch<E, 8, recurrent>(arguments, stream);
    return launch<E, 4, recurrent>(arguments, stream);
  });
}

/// Episodes of policies with a recurrent cell: instantiated in a file of their own, so that both
/// compile at the same time.
cudaError_t launch_recurrent_episodes(const EvaluateEpisodes& arguments, cudaStream_t stream);

}  // namespace polyak::kernels
