// Adam (Kingma & Ba 2015, arXiv 1412.6980, algorithm 1; polyak/core/adam.hpp) and the target
// networks' Polyak averaging: target <- target + tau (parameter - target).
//
//   every array [agents, parameters_per_agent]; learning rates and taus [agents] (adam.hpp).
//
// Thread t of block (x, agent) handles four neighbouring parameters, in 16-byte accesses. Thread 0
// computes the step's corrections, powers in double, while the others' loads are under way. Bound
// by memory: 7 (with target 9) floats per parameter.
#include "kernels/adam.hpp"
#include "kernels/launch.cuh"
#include "polyak/core/adam.hpp"

namespace polyak::kernels {
namespace {

constexpr int threads = 256;

__device__ float4 average_of_four(const float4& target, const float4& parameter, float tau) {
  return {polyak_average(target.x, parameter.x, tau), polyak_average(target.y, parameter.y, tau),
          polyak_average(target.z, parameter.z, tau), polyak_average(target.w, parameter.w, tau)};
}

__device__ float4 load_four(const float* array, std::int64_t quad) {
  return reinterpret_cast<const float4*>(array)[quad];
}
__device__ void store_four(float* array, std::int64_t quad, const float4& values) {
  reinterpret_cast<float4*>(array)[quad] = values;
}

/// What all threads of a block share.
struct SharedStep {
  AdamStep adam;
  float learning_rate;
};

__device__ SharedStep make_step(const Adam& arguments, std::int64_t agent) {
  const std::int64_t updates = *arguments.updates;
  const float rate =
      decayed_learning_rate(arguments.learning_rate[agent], updates, arguments.decay_updates);
  return {make_adam_step(rate, arguments.beta1, arguments.beta2, arguments.epsilon,
                         (updates + 1) / arguments.updates_per_step),
          rate};
}

/// Of the four parameters that begin with number 4 * quad of the agent's.
__device__ Regularisation regularisation_of(const Adam& arguments, std::int64_t agent,
                                            std::int64_t quad, float learning_rate) {
  float scale = 1.0f, decay = 0.0f;
  if (arguments.gradient_scale != nullptr) {
    const std::int64_t network = quad * 4 * arguments.networks / arguments.parameters_per_agent;
    scale = arguments.gradient_scale[agent * arguments.networks + network];
  }
  if (arguments.weight_decay != nullptr) decay = arguments.weight_decay[agent];
  return make_regularisation(scale, decay, arguments.decoupled_weight_decay, learning_rate);
}

__device__ void regularise(const Regularisation& rule, float4& gradient, float4& parameter) {
  if (!rule.is_needed()) return;
  polyak::regularise(rule, gradient.x, parameter.x);
  polyak::regularise(rule, gradient.y, parameter.y);
  polyak::regularise(rule, gradient.z, parameter.z);
  polyak::regularise(rule, gradient.w, parameter.w);
}

__global__ void __launch_bounds__(threads) adam(const Adam arguments) {
  wait_for_previous_kernel();
  POLYAK_SHARED(SharedStep, shared_step, );
  const std::int64_t agent = blockIdx.y;
  const std::int64_t quads_per_agent = arguments.parameters_per_agent / 4;
  const std::int64_t quad = agent * quads_per_agent + global_thread();
  const bool in_range = global_thread() < quads_per_agent;
  float4 gradient{}, parameter{}, first_moment{}, second_moment{};
  if (in_range) {
    gradient = load_four(arguments.gradient, quad);
    parameter = load_four(arguments.parameters, quad);
    first_moment = load_four(arguments.first_moment, quad);
    second_moment = load_four(arguments.second_moment, quad);
  }
  if (threadIdx.x == 0) shared_step = make_step(arguments, agent);
  __syncthreads();
  if (!in_range) return;
  const AdamStep& step = shared_step.adam;
  regularise(regularisation_of(arguments, agent, global_thread(), shared_step.learning_rate),
             gradient, parameter);
  adam_update(step, gradient.x, parameter.x, first_moment.x, second_moment.x);
  adam_update(step, gradient.y, parameter.y, first_moment.y, second_moment.y);
  adam_update(step, gradient.z, parameter.z, first_moment.z, second_moment.z);
  adam_update(step, gradient.w, parameter.w, first_moment.w, second_moment.w);
  store_four(arguments.parameters, quad, parameter);
  store_four(arguments.first_moment, quad, first_moment);
  store_four(arguments.second_moment, quad, second_moment);
  if (arguments.target != nullptr) {
    const float4 target = load_four(arguments.target, quad);
    store_four(arguments.target, quad, average_of_four(target, parameter, arguments.tau[agent]));
  }
}

__global__ void __launch_bounds__(threads) polyak_average_kernel(const PolyakAverage arguments) {
  wait_for_previous_kernel();
  const std::int64_t agent = blockIdx.y;
  const std::int64_t quads_per_agent = arguments.parameters_per_agent / 4;
  if (global_thread() >= quads_per_agent) return;
  const std::int64_t quad = agent * quads_per_agent + global_thread();
  const float4 target = load_four(arguments.target, quad);
  const float4 parameter = load_four(arguments.parameters, quad);
  store_four(arguments.target, quad, average_of_four(target, parameter, arguments.tau[agent]));
}

dim3 grid_of(int agents, std::int64_t parameters_per_agent) {
  return {grid_size(divide_up(parameters_per_agent / 4, threads)), grid_size(agents), 1};
}

}  // namespace

cudaError_t launch_adam(const Adam& arguments, cudaStream_t stream) {
  if (arguments.parameters_per_agent % (4 * arguments.networks) != 0) return cudaErrorInvalidValue;
  if (arguments.agents == 0 || arguments.parameters_per_agent == 0) return cudaSuccess;
  const dim3 grid = grid_of(arguments.agents, arguments.parameters_per_agent);
  const cudaLaunchConfig_t config = launch_config(grid, threads, stream);
  return cudaLaunchKernelEx(&config, adam, arguments);
}

cudaError_t launch_polyak_average(const PolyakAverage& arguments, cudaStream_t stream) {
  if (arguments.parameters_per_agent % 4 != 0) return cudaErrorInvalidValue;
  if (arguments.agents == 0 || arguments.parameters_per_agent == 0) return cudaSuccess;
  const dim3 grid = grid_of(arguments.agents, arguments.parameters_per_agent);
  const cudaLaunchConfig_t config = launch_config(grid, threads, stream);
  return cudaLaunchKernelEx(&config, polyak_average_kernel, arguments);
}

}  // namespace polyak::kernels
