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
#include "kernels/fused/known_shapes.cuh"
#include "kernels/fused/training_precision.hpp"

namespace polyak::kernels::fused {

template <Environment E>
__device__ POLYAK_INLINE BlockEnvironments<E> environments_of_block(
    const Training& arguments, const typename E::Parameters& parameters,
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

/// Whole iterations of one agent, by the blocks that have it.
template <Environment E, Precision precision, class Shape>
__device__ POLYAK_INLINE void train_agent(const Training& arguments,
                                          const typename E::Parameters& parameters) {
  POLYAK_DYNAMIC_SHARED(float, shared);
  POLYAK_SHARED(AdamStep, steps, [4]);
  POLYAK_SHARED(Transfers, transfers, );
  POLYAK_SHARED(BlockEnvironments<E>, environments, );
  const Plan& plan = Shape::plan(arguments.plan);
  if constexpr (Shape::is_known) {
    BlockMemory memory;
    memory.initialise(plan, shared, arguments.scratch);
    if (threadIdx.x == 0) environments = environments_of_block<E>(arguments, parameters, memory);
    __syncthreads();
    AgentTraining<E, precision, Shape>(arguments, environments, memory, steps, &transfers).run();
  } else {
    // What is the same for all threads of the block takes no registers.
    POLYAK_SHARED(BlockMemory, memory, );
    if (threadIdx.x == 0) {
      memory.initialise(plan, shared, arguments.scratch);
      environments = environments_of_block<E>(arguments, parameters, memory);
    }
    __syncthreads();
    AgentTraining<E, precision, Shape>(arguments, environments, memory, steps, &transfers).run();
  }
}

template <Environment E, Precision precision, class Shape>
__global__ void __launch_bounds__(Shape::max_threads, 1)
    train_agents(const __grid_constant__ Training arguments,
                 const typename E::Parameters parameters) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 900
  // Known shapes are laid out for the shared memory and the clusters of newer devices.
  if constexpr (Shape::is_known) {
    __trap();
  } else {
    train_agent<E, precision, Shape>(arguments, parameters);
  }
#else
  train_agent<E, precision, Shape>(arguments, parameters);
#endif
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

/// Calls visit.operator()<Shape>() with the shape of the kernel for this plan: its own if there is
/// one, else any.
template <Environment E, Precision precision, class Visit>
auto visit_shape(const Plan& plan, const Visit& visit) {
  return find_shape(plan, KnownShapes<E, precision>{}, visit);
}

/// Lets the kernel use as much shared memory and as large clusters as the plan asks for.
inline cudaError_t prepare_kernel(const void* kernel, const Plan& plan) {
  constexpr int portable_cluster_blocks = 8;
  if (const cudaError_t status = cudaFuncSetAttribute(
          kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, plan.shared_bytes)) {
    return status;
  }
  if (plan.cluster_blocks <= portable_cluster_blocks) return cudaSuccess;
  return cudaFuncSetAttribute(kernel, cudaFuncAttributeNonPortableClusterSizeAllowed, 1);
}

template <Environment E, Precision precision>
cudaError_t launch_for(const Training& arguments, cudaStream_t stream) {
  const Plan& plan = arguments.plan;
  const bool fits = has_parameters_for(arguments.environment, E::parameters.size()) &&
                    plan.observation_size == E::observation_size &&
                    plan.action_size == E::action_size && plan.threads <= AnyShape::max_threads;
  if (!fits) return cudaErrorInvalidValue;
  if (arguments.agents == 0 || arguments.iterations == 0) return cudaSuccess;
  return visit_shape<E, precision>(plan, [&]<class Shape>() {
    const auto kernel = train_agents<E, precision, Shape>;
    if (const cudaError_t status = prepare_kernel(reinterpret_cast<const void*>(kernel), plan)) {
      return status;
    }
    cudaLaunchAttribute attribute{};
    const cudaLaunchConfig_t config =
        training_launch_config(plan, arguments.agents, stream, attribute);
    return cudaLaunchKernelEx(&config, kernel, arguments, parameters_of<E>(arguments.environment));
  });
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
bool has_own_kernel_with(std::string_view environment, const Plan& plan) {
  return visit_environment<FusedEnvironments>(environment, [&]<class E>() {
    return visit_shape<E, precision>(plan, [&]<class Shape>() { return Shape::is_known; });
  });
}

inline cudaError_t count_resident_clusters(const void* kernel, const Plan& plan, int* clusters) {
  if (const cudaError_t status = prepare_kernel(kernel, plan)) return status;
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
}

template <Precision precision>
cudaError_t resident_with(std::string_view environment, const Plan& plan, int* clusters) {
  return visit_environment<FusedEnvironments>(environment, [&]<class E>() {
    return visit_shape<E, precision>(plan, [&]<class Shape>() {
      const auto kernel = train_agents<E, precision, Shape>;
      return count_resident_clusters(reinterpret_cast<const void*>(kernel), plan, clusters);
    });
  });
}

}  // namespace polyak::kernels::fused
