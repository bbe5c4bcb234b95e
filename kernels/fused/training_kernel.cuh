#pragma once

// The fused engine's kernel: whole iterations of an agent in one cluster of blocks, the networks in
// shared memory where they fit (fused/plan.hpp).
//
//   grid (agents * cluster_blocks), a cluster or a single block per agent; see training.hpp for the
//   arrays, agent_training.cuh for the algorithm and for who computes what.
//
// Bound by the latency of some 25 dependent steps per update for one agent, by arithmetic for a
// population, and by reading weights from the L2 cache where they do not fit shared memory.

#include "kernels/environment_launch.cuh"
#include "kernels/fused/agent_training.cuh"
#include "kernels/fused/training_precision.hpp"

namespace polyak::kernels::fused {

inline constexpr int max_threads = 512;

template <Environment E>
__device__ BlockEnvironments<E> environments_of_block(const Training& arguments,
                                                      const typename E::Parameters& parameters,
                                                      const BlockMemory& memory) {
  const Replays& replays = arguments.replays;
  const int blocks = arguments.plan.cluster_blocks;
  const std::int64_t share = (replays.environments + blocks - 1) / blocks;
  const std::int64_t first = memory.block * share;
  const std::int64_t end =
      first + share < replays.environments ? first + share : replays.environments;
  return {first,
          end,
          environments_of<E>(arguments.environments, replays.environments, memory.agent),
          settings_of<E>(parameters, arguments.environment.time_limit, arguments.exploration,
                         memory.agent),
          replay_of(replays, memory.agent),
          arguments.returns[memory.agent],
          replays.max_closed_rows + memory.agent};
}

template <Environment E, Precision precision>
__global__ void __launch_bounds__(max_threads, 1)
    train_agents(const __grid_constant__ Training arguments,
                 const typename E::Parameters parameters) {
  POLYAK_DYNAMIC_SHARED(float, shared);
  POLYAK_SHARED(AdamStep, steps, [2]);
  // What is the same for all threads of the block takes no registers.
  POLYAK_SHARED(BlockMemory, memory, );
  POLYAK_SHARED(BlockEnvironments<E>, environments, );
  if (threadIdx.x == 0) {
    memory.initialise(arguments.plan, shared, arguments.scratch);
    environments = environments_of_block<E>(arguments, parameters, memory);
  }
  __syncthreads();
  AgentTraining<E, precision> training(arguments, environments, memory, steps);
  training.run();
}

/// The launch of a plan; `attribute` must live as long as the result.
inline cudaLaunchConfig_t training_launch_config(const Plan& plan, int agents, cudaStream_t stream,
                                                 cudaLaunchAttribute& attribute) {
  const std::int64_t blocks = static_cast<std::int64_t>(agents) * plan.cluster_blocks;
  cudaLaunchConfig_t config = launch_config(grid_size(blocks), plan.threads, stream,
                                            static_cast<std::size_t>(plan.shared_bytes));
  attribute.id = cudaLaunchAttributeClusterDimension;
  attribute.val.clusterDim = {static_cast<unsigned>(plan.cluster_blocks), 1, 1};
  config.attrs = &attribute;
  config.numAttrs = plan.cluster_blocks > 1 ? 1 : 0;
  return config;
}

/// Lets the kernel use as much shared memory and as large clusters as the plan asks for.
template <Environment E, Precision precision>
cudaError_t prepare_kernel(const Plan& plan) {
  constexpr int portable_cluster_blocks = 8;
  if (const cudaError_t status =
          cudaFuncSetAttribute(train_agents<E, precision>,
                               cudaFuncAttributeMaxDynamicSharedMemorySize, plan.shared_bytes)) {
    return status;
  }
  if (plan.cluster_blocks <= portable_cluster_blocks) return cudaSuccess;
  return cudaFuncSetAttribute(train_agents<E, precision>,
                              cudaFuncAttributeNonPortableClusterSizeAllowed, 1);
}

template <Environment E, Precision precision>
cudaError_t launch_for(const Training& arguments, cudaStream_t stream) {
  const Plan& plan = arguments.plan;
  const bool fits = has_parameters_for(arguments.environment, E::parameters.size()) &&
                    plan.observation_size == E::observation_size &&
                    plan.action_size == E::action_size && plan.threads <= max_threads;
  if (!fits) return cudaErrorInvalidValue;
  if (arguments.agents == 0 || arguments.iterations == 0) return cudaSuccess;
  if (const cudaError_t status = prepare_kernel<E, precision>(plan)) return status;
  cudaLaunchAttribute attribute{};
  const cudaLaunchConfig_t config =
      training_launch_config(plan, arguments.agents, stream, attribute);
  return cudaLaunchKernelEx(&config, train_agents<E, precision>, arguments,
                            parameters_of<E>(arguments.environment));
}

template <Precision precision>
cudaError_t launch_with(const Training& arguments, cudaStream_t stream) {
  return visit_environment<FusedEnvironments>(arguments.environment.name, [&]<class E>() {
    return launch_for<E, precision>(arguments, stream);
  });
}

/// 0 where the device refuses clusters of that size altogether.
inline cudaError_t resident_clusters_of(const void* kernel, const cudaLaunchConfig_t& config,
                                        int* clusters) {
  const cudaError_t status = cudaOccupancyMaxActiveClusters(clusters, kernel, &config);
  if (status != cudaErrorInvalidClusterSize) return status;
  (void)cudaGetLastError();
  *clusters = 0;
  return cudaSuccess;
}

template <Precision precision>
cudaError_t resident_with(std::string_view environment, const Plan& plan, int* clusters) {
  return visit_environment<FusedEnvironments>(environment, [&]<class E>() {
    if (const cudaError_t status = prepare_kernel<E, precision>(plan)) return status;
    const void* const kernel = reinterpret_cast<const void*>(train_agents<E, precision>);
    cudaLaunchAttribute attribute{};
    const cudaLaunchConfig_t config = training_launch_config(plan, 1, nullptr, attribute);
    if (plan.cluster_blocks > 1) return resident_clusters_of(kernel, config, clusters);
    int device = 0, multiprocessors = 0;
    cudaError_t status = cudaGetDevice(&device);
    if (status == cudaSuccess) {
      status = cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount, device);
    }
    if (status == cudaSuccess) {
      status = cudaOccupancyMaxActiveBlocksPerMultiprocessor(clusters, kernel, plan.threads,
                                                             config.dynamicSmemBytes);
    }
    *clusters *= multiprocessors;
    return status;
  });
}

}  // namespace polyak::kernels::fused
