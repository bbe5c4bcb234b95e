#pragma once

// Launches of the fused engine's kernel (train_agents.cuh), for which each precision has a
// translation unit: a plan's own kernel if there is one, else the general one.

#include "kernels/environment_launch.cuh"
#include "kernels/fused/known_shapes.cuh"
#include "kernels/fused/train_agents.cuh"
#include "kernels/fused/training_precision.hpp"

namespace polyak::kernels::fused {

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

/// A compiled kernel as the function that it is.
template <Environment E>
using TrainingKernel = void (*)(const Training, const typename E::Parameters);

/// The kernel for this plan: the one that was compiled for it, one of known_shapes.cuh, or the
/// general one.
template <Environment E, Precision precision>
TrainingKernel<E> kernel_for(const Plan& plan, const void* compiled) {
  if (compiled != nullptr) {
    return reinterpret_cast<TrainingKernel<E>>(const_cast<void*>(compiled));
  }
  return visit_shape<E, precision>(
      plan, [&]<class Shape>() -> TrainingKernel<E> { return train_agents<E, precision, Shape>; });
}

template <Environment E, Precision precision>
cudaError_t launch_for(const Training& arguments, cudaStream_t stream, const void* compiled) {
  const Plan& plan = arguments.plan;
  const bool fits = has_parameters_for(arguments.environment, E::parameters.size()) &&
                    plan.observation_size == E::observation_size &&
                    plan.action_size == E::action_size && plan.threads <= AnyShape::max_threads;
  if (!fits) return cudaErrorInvalidValue;
  if (arguments.agents == 0 || arguments.iterations == 0) return cudaSuccess;
  const auto train_agents = kernel_for<E, precision>(plan, compiled);
  if (const cudaError_t status =
          prepare_kernel(reinterpret_cast<const void*>(train_agents), plan)) {
    return status;
  }
  cudaLaunchAttribute attribute{};
  const cudaLaunchConfig_t config =
      training_launch_config(plan, arguments.agents, stream, attribute);
  return cudaLaunchKernelEx(&config, train_agents, arguments,
                            parameters_of<E>(arguments.environment));
}

template <Precision precision>
cudaError_t launch_with(const Training& arguments, cudaStream_t stream, const void* compiled) {
  return visit_environment<FusedEnvironments>(arguments.environment.name, [&]<class E>() {
    return launch_for<E, precision>(arguments, stream, compiled);
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
cudaError_t resident_with(std::string_view environment, const Plan& plan, int* clusters,
                          const void* compiled) {
  return visit_environment<FusedEnvironments>(environment, [&]<class E>() {
    const auto kernel = kernel_for<E, precision>(plan, compiled);
    return count_resident_clusters(reinterpret_cast<const void*>(kernel), plan, clusters);
  });
}

}  // namespace polyak::kernels::fused
