// One whole update of DDPG for wide networks (Lillicrap et al. 2015, arXiv 1509.02971, algorithm
// 1).
//
//   grid (agents * groups * blocks), clusters of `blocks`; see clustered_update.hpp for the arrays,
//   clustered/block_memory.hpp for who computes what, clustered/agent_update.cuh for the algorithm.
//
// Bound by the arithmetic of the hidden layers' products, which a cluster's blocks share by
// features and clusters by rows; next by the barriers between layers, which each cost some hundred
// clocks. Each product's weights come from the L2 cache in the time of the product before.
#include "kernels/clustered/agent_update.cuh"
#include "kernels/clustered_update.hpp"
#include "kernels/launch.cuh"

namespace polyak::kernels {
namespace {

using clustered::BlockMemory, clustered::Sizes;

template <class S>
__global__ void __launch_bounds__(clustered::threads, 1)
    clustered_update(const __grid_constant__ ClusteredUpdate arguments) {
  wait_for_previous_kernel();
  static_assert(sizeof(BlockMemory<S>) <= 227 * 1024, "what a block of an H100 can have");
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 900
  __trap();  // no clusters
#else
  if (arguments.agents > 0) clustered::AgentUpdate<S>(arguments).run();
#endif
}

/// The kernels that there are, of each width and rows the one with the largest cluster first.
template <class...>
struct SizesList {};
using AllSizes = SizesList<Sizes<256, 32, 16>, Sizes<256, 32, 8>, Sizes<256, 16, 16>,
                           Sizes<128, 32, 8>, Sizes<128, 16, 8>>;

/// Calls visit.operator()<S>() for the sizes of this width and batch, until one returns true.
template <class... All, class Visit>
bool visit_sizes(SizesList<All...>, int width, int batch, const Visit& visit) {
  const int rows = RowOrder{batch}.group_places();
  return ((All::width == width && All::rows == rows && visit.template operator()<All>()) || ...);
}

template <class S>
cudaLaunchConfig_t launch_config_of(int agents, int batch, cudaStream_t stream,
                                    cudaLaunchAttribute (&attributes)[2]) {
  const std::int64_t blocks = std::int64_t{agents} * RowOrder{batch}.groups() * S::blocks;
  cudaLaunchConfig_t config =
      launch_config(grid_size(blocks), clustered::threads, stream, sizeof(BlockMemory<S>));
  attributes[0].id = cudaLaunchAttributeClusterDimension;
  attributes[0].val.clusterDim = {S::blocks, 1, 1};
  attributes[1].id = cudaLaunchAttributeCooperative;
  attributes[1].val.cooperative = 1;
  config.attrs = attributes;
  config.numAttrs = 2;
  return config;
}

template <class S>
cudaError_t prepare_kernel() {
  constexpr int portable_blocks = 8;
  if (const cudaError_t status =
          cudaFuncSetAttribute(clustered_update<S>, cudaFuncAttributeMaxDynamicSharedMemorySize,
                               sizeof(BlockMemory<S>))) {
    return status;
  }
  if (S::blocks <= portable_blocks) return cudaSuccess;
  return cudaFuncSetAttribute(clustered_update<S>, cudaFuncAttributeNonPortableClusterSizeAllowed,
                              1);
}

/// How many clusters are on the device at a time; 0 where it has none of this size, or too little
/// shared memory.
template <class S>
cudaError_t count_clusters(int batch, int* clusters) {
  *clusters = 0;
  cudaLaunchAttribute attributes[2];
  const cudaLaunchConfig_t config = launch_config_of<S>(1, batch, nullptr, attributes);
  cudaError_t status = prepare_kernel<S>();
  if (status == cudaSuccess) {
    status = cudaOccupancyMaxActiveClusters(clusters, clustered_update<S>, &config);
  }
  if (status != cudaErrorInvalidClusterSize && status != cudaErrorInvalidValue) return status;
  (void)cudaGetLastError();
  *clusters = 0;
  return cudaSuccess;
}

/// In a grid for so many agents.
cudaError_t launch(const ClusteredUpdate& arguments, int agents, cudaStream_t stream) {
  cudaError_t status = cudaErrorInvalidValue;
  visit_sizes(AllSizes{}, arguments.width, arguments.batch, [&]<class S>() {
    if (S::blocks != arguments.cluster_blocks) return false;
    status = prepare_kernel<S>();
    cudaLaunchAttribute attributes[2];
    const cudaLaunchConfig_t config =
        launch_config_of<S>(agents, arguments.batch, stream, attributes);
    if (status == cudaSuccess) status = cudaLaunchKernelEx(&config, clustered_update<S>, arguments);
    return true;
  });
  return status;
}

}  // namespace

bool has_clustered_update(int width, int batch, int observation_size, int action_size) {
  return batch > 0 && action_size <= clustered::max_actions &&
         observation_size + action_size <= clustered::max_inputs &&
         visit_sizes(AllSizes{}, width, batch, [&]<class S>() { return S::width == width; });
}

cudaError_t choose_cluster_blocks(int width, int batch, int agents, int* blocks) {
  *blocks = 0;
  constexpr int first_with_clusters = 9;
  int device = 0, major = 0;
  if (const cudaError_t status = cudaGetDevice(&device)) return status;
  if (const cudaError_t status =
          cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device)) {
    return status;
  }
  if (major < first_with_clusters) return cudaSuccess;
  const std::int64_t needed = std::int64_t{agents} * RowOrder{batch}.groups();
  cudaError_t status = cudaSuccess;
  visit_sizes(AllSizes{}, width, batch, [&]<class S>() {
    int clusters = 0;
    status = count_clusters<S>(batch, &clusters);
    if (status == cudaSuccess && clusters >= needed) *blocks = S::blocks;
    return status != cudaSuccess || *blocks > 0;
  });
  return status;
}

cudaError_t probe_clustered_update(int width, int batch, int agents, int cluster_blocks,
                                   cudaStream_t stream) {
  ClusteredUpdate nothing{};
  nothing.width = width;
  nothing.batch = batch;
  nothing.cluster_blocks = cluster_blocks;
  return launch(nothing, agents, stream);
}

cudaError_t launch_clustered_update(const ClusteredUpdate& arguments, cudaStream_t stream) {
  if (!has_clustered_update(arguments.width, arguments.batch, arguments.observation_size,
                            arguments.action_size)) {
    return cudaErrorInvalidValue;
  }
  if (arguments.agents == 0) return cudaSuccess;
  return launch(arguments, arguments.agents, stream);
}

}  // namespace polyak::kernels
