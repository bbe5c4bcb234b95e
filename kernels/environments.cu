// The environments: acting, stepping, storing (polyak/environment/vector_step.hpp).
//
//   states [agents, environments, state_size], replay rows [agents, environments,
//   rows_per_environment, row], actions and observations as row-major matrices [environments,
//   features] per agent (environments.hpp).
//
// One thread per environment, grid (environments, agents). vector_step and choose_actions are bound
// by memory: the environments' rows are far apart, a replay row is one or two sectors.
// step_environments keeps its state in registers and is bound by arithmetic.
#include "kernels/agent_views.cuh"
#include "kernels/environment_launch.cuh"
#include "kernels/environments.hpp"
#include "kernels/random.cuh"
#include "kernels/reduction.cuh"

namespace polyak::kernels {
namespace {

template <Environment E>
__device__ void observe_environment(const float* states, const StridedBatch& observation,
                                    std::int64_t agent, std::int64_t environments,
                                    std::int64_t environment) {
  const auto* const all_states = reinterpret_cast<const typename E::State*>(states);
  float values[E::observation_size];
  E::observe(all_states[agent * environments + environment], values);
  float* const row = row_of(observation, agent, environment);
  for (int i = 0; i < E::observation_size; ++i) row[i] = values[i];
}

/// The environment's action from the policy; nothing in warm-up, when there is no policy to ask.
__device__ const float* policy_action_of(const ConstStridedBatch& actions, bool warmup,
                                         std::int64_t agent, std::int64_t environment) {
  return warmup ? nullptr : row_of(actions, agent, environment);
}

template <Environment E>
__global__ void __launch_bounds__(environment_threads) observe(const Observe arguments) {
  wait_for_previous_kernel();
  const std::int64_t environment = global_thread();
  if (environment >= arguments.environments) return;
  observe_environment<E>(arguments.states, arguments.observation, blockIdx.y,
                         arguments.environments, environment);
}

/// max_closed_rows = max(max_closed_rows, every thread's value): one atomic per block, because
/// atomics at one address are done one by one. The maximum of integers does not depend on the
/// order.
__device__ void raise_max_closed_rows(const Replays& replays, std::int64_t agent,
                                      std::int64_t closed) {
  POLYAK_SHARED(std::int64_t, warp_max_rows, [environment_threads / 32]);
  std::int64_t max_rows = warp_max(closed);
  if (threadIdx.x % 32 == 0) warp_max_rows[threadIdx.x / 32] = max_rows;
  __syncthreads();
  if (threadIdx.x != 0) return;
  for (unsigned warp = 1; warp < blockDim.x / 32; ++warp) {
    max_rows = max_rows < warp_max_rows[warp] ? warp_max_rows[warp] : max_rows;
  }
  atomicMax(reinterpret_cast<long long*>(replays.max_closed_rows + agent),
            static_cast<long long>(max_rows));
}

template <Environment E>
__global__ void __launch_bounds__(environment_threads)
    vector_step(const VectorStep arguments, const typename E::Parameters parameters) {
  wait_for_previous_kernel();
  const std::int64_t agent = blockIdx.y;
  const std::int64_t environment = global_thread();
  const Replays& replays = arguments.replays;
  std::int64_t closed = 0;
  if (environment < replays.environments) {
    const ReplayView replay = replay_of(replays, agent);
    const EnvironmentsView<E> environments =
        environments_of<E>(arguments.environments, replays.environments, agent);
    const EnvironmentSettings<E> settings =
        settings_of<E>(parameters, arguments.environment.time_limit, arguments.exploration, agent);
    const CurandRandom random{arguments.seed[agent]};
    const std::int64_t step = *arguments.vector_steps;
    float action[E::action_size];
    const float* const policy_action =
        policy_action_of(arguments.policy_action, settings.warmup, agent, environment);
    choose_action(settings, policy_action, environment, step, random,
                  environments.exploration_noise + environment * E::action_size, action);
    if (!settings.warmup)
      note_saturation<E::action_size>(policy_action, environments.totals[environment]);
    step_and_store(settings, environments, replay, action, environment, step, random);
    observe_environment<E>(arguments.environments.states, arguments.observation, agent,
                           replays.environments, environment);
    closed = closed_rows(replay, environment);
  }
  raise_max_closed_rows(replays, agent, closed);
  // Every block has read the counter when the last one comes here.
  if (is_last_block(arguments.arrivals, gridDim.x * gridDim.y) && threadIdx.x == 0) {
    ++*arguments.vector_steps;
  }
}

template <Environment E>
__global__ void __launch_bounds__(environment_threads)
    choose_actions(const ChooseActions arguments, const typename E::Parameters parameters) {
  wait_for_previous_kernel();
  const std::int64_t agent = blockIdx.y;
  const std::int64_t environment = global_thread();
  if (environment >= arguments.environments) return;
  const EnvironmentSettings<E> settings =
      settings_of<E>(parameters, arguments.environment.time_limit, arguments.exploration, agent);
  float* const noise =
      arguments.exploration_noise + (agent * arguments.environments + environment) * E::action_size;
  float action[E::action_size];
  const float* const policy_action =
      policy_action_of(arguments.policy_action, settings.warmup, agent, environment);
  choose_action(settings, policy_action, environment, *arguments.vector_steps,
                CurandRandom{arguments.seed[agent]}, noise, action);
  float* const result = row_of(arguments.action, agent, environment);
  for (int i = 0; i < E::action_size; ++i) result[i] = action[i];
}

template <Environment E>
__global__ void __launch_bounds__(environment_threads)
    step_environments(const StepEnvironments arguments, const typename E::Parameters parameters) {
  wait_for_previous_kernel();
  const std::int64_t agent = blockIdx.y;
  const std::int64_t environment = global_thread();
  if (environment >= arguments.environments) return;
  float action[E::action_size];
  const float* const given = row_of(arguments.action, agent, environment);
  for (int i = 0; i < E::action_size; ++i) action[i] = given[i];
  const std::int64_t at = agent * arguments.environments + environment;
  typename E::State& stored = reinterpret_cast<typename E::State*>(arguments.states)[at];
  typename E::State state = stored;
  double episode_return = arguments.episode_returns[at];
  const CurandRandom random{arguments.seed[agent]};
  const std::int64_t first_step = *arguments.vector_steps;
  for (int step = 0; step < arguments.steps; ++step) {
    const auto result = step_normalised<E>(
        parameters, state, action,
        environment_random(random, environment, first_step + step, Purpose::environment_step));
    state = result.next;
    episode_return += static_cast<double>(result.reward);
  }
  stored = state;
  arguments.episode_returns[at] = episode_return;
}

template <Environment E>
cudaError_t check_parameters(const EnvironmentChoice& environment) {
  return has_parameters_for(environment, E::parameters.size()) ? cudaSuccess
                                                               : cudaErrorInvalidValue;
}

}  // namespace

cudaError_t launch_observe(const Observe& arguments, cudaStream_t stream) {
  return visit_environment(arguments.environment.name, [&]<class E>() {
    if (arguments.agents == 0 || arguments.environments == 0) return cudaSuccess;
    const cudaLaunchConfig_t config =
        environment_launch_config(arguments.agents, arguments.environments, stream);
    return cudaLaunchKernelEx(&config, observe<E>, arguments);
  });
}

cudaError_t launch_vector_step(const VectorStep& arguments, cudaStream_t stream) {
  return visit_environment(arguments.environment.name, [&]<class E>() {
    const std::int64_t environments = arguments.replays.environments;
    if (const cudaError_t status = check_parameters<E>(arguments.environment)) return status;
    if (arguments.agents == 0 || environments == 0) return cudaSuccess;
    const cudaLaunchConfig_t config =
        environment_launch_config(arguments.agents, environments, stream);
    return cudaLaunchKernelEx(&config, vector_step<E>, arguments,
                              parameters_of<E>(arguments.environment));
  });
}

cudaError_t launch_choose_actions(const ChooseActions& arguments, cudaStream_t stream) {
  return visit_environment(arguments.environment.name, [&]<class E>() {
    if (const cudaError_t status = check_parameters<E>(arguments.environment)) return status;
    if (arguments.agents == 0 || arguments.environments == 0) return cudaSuccess;
    const cudaLaunchConfig_t config =
        environment_launch_config(arguments.agents, arguments.environments, stream);
    return cudaLaunchKernelEx(&config, choose_actions<E>, arguments,
                              parameters_of<E>(arguments.environment));
  });
}

cudaError_t launch_step_environments(const StepEnvironments& arguments, cudaStream_t stream) {
  return visit_environment(arguments.environment.name, [&]<class E>() {
    if (const cudaError_t status = check_parameters<E>(arguments.environment)) return status;
    if (arguments.agents == 0 || arguments.environments == 0) return cudaSuccess;
    const cudaLaunchConfig_t config =
        environment_launch_config(arguments.agents, arguments.environments, stream);
    return cudaLaunchKernelEx(&config, step_environments<E>, arguments,
                              parameters_of<E>(arguments.environment));
  });
}

}  // namespace polyak::kernels
