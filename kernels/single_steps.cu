// Independent environment steps (Environment::step).
//
//   states [count, state_size], actions [count, action_size] in environment units, and the results
//   in the same order (single_steps.hpp).
//
// One thread per step; grid (steps). Bound by memory.
#include "kernels/environment_launch.cuh"
#include "kernels/random.cuh"
#include "kernels/single_steps.hpp"

namespace polyak::kernels {
namespace {

template <Environment E>
__global__ void __launch_bounds__(environment_threads)
    single_steps(const SingleSteps arguments, const typename E::Parameters parameters) {
  wait_for_previous_kernel();
  const std::int64_t index = global_thread();
  if (index >= arguments.count) return;
  using State = typename E::State;
  const State state = reinterpret_cast<const State*>(arguments.states)[index];
  const EnvironmentStep<State> result = step_environment<E>(
      parameters, state, arguments.actions + index * E::action_size,
      environment_random(CurandRandom{arguments.seed}, index, 0, Purpose::evaluation_step));
  reinterpret_cast<State*>(arguments.next_states)[index] = result.next;
  arguments.rewards[index] = result.reward;
  arguments.terminated[index] = result.terminated ? 1 : 0;
  E::observe(result.next, arguments.observations + index * E::observation_size);
}

}  // namespace

cudaError_t launch_single_steps(const SingleSteps& arguments, cudaStream_t stream) {
  return visit_environment(arguments.environment.name, [&]<class E>() {
    if (!has_parameters_for(arguments.environment, E::parameters.size())) {
      return cudaErrorInvalidValue;
    }
    if (arguments.count == 0) return cudaSuccess;
    const cudaLaunchConfig_t config = environment_launch_config(1, arguments.count, stream);
    return cudaLaunchKernelEx(&config, single_steps<E>, arguments,
                              parameters_of<E>(arguments.environment));
  });
}

}  // namespace polyak::kernels
