#include "backend/cuda/device/overlapping_launches.hpp"

#include <map>
#include <vector>

#include "backend/cuda/device/check.hpp"

namespace polyak::cuda {

#if CUDART_VERSION >= 13000

namespace {

bool is_kernel(cudaGraphNode_t node) {
  cudaGraphNodeType type{};
  check(cudaGraphNodeGetType(node, &type), "cudaGraphNodeGetType");
  return type == cudaGraphNodeTypeKernel;
}

/// From whose end to whose start.
struct Edges {
  std::vector<cudaGraphNode_t> from, to;
};

Edges edges_of(cudaGraph_t graph) {
  std::size_t count = 0;
  check(cudaGraphGetEdges(graph, nullptr, nullptr, nullptr, &count), "cudaGraphGetEdges");
  Edges edges{std::vector<cudaGraphNode_t>(count), std::vector<cudaGraphNode_t>(count)};
  if (count == 0) return edges;
  // The kinds must be asked for, or an edge of another kind than the ordinary would be an error.
  std::vector<cudaGraphEdgeData> kinds(count);
  check(cudaGraphGetEdges(graph, edges.from.data(), edges.to.data(), kinds.data(), &count),
        "cudaGraphGetEdges");
  return edges;
}

/// The edges between two kernels, each with no other edge on that side.
Edges chain_of(const Edges& edges) {
  std::map<cudaGraphNode_t, int> leaving, arriving;
  for (std::size_t i = 0; i < edges.from.size(); ++i) {
    ++leaving[edges.from[i]];
    ++arriving[edges.to[i]];
  }
  Edges chain;
  for (std::size_t i = 0; i < edges.from.size(); ++i) {
    cudaGraphNode_t const from = edges.from[i], to = edges.to[i];
    if (leaving[from] > 1 || arriving[to] > 1 || !is_kernel(from) || !is_kernel(to)) continue;
    chain.from.push_back(from);
    chain.to.push_back(to);
  }
  return chain;
}

}  // namespace

bool can_overlap_launches() {
  constexpr int first_that_does = 9;
  int device = 0, major = 0;
  check(cudaGetDevice(&device), "cudaGetDevice");
  check(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device),
        "cudaDeviceGetAttribute");
  return major >= first_that_does;
}

cudaError_t overlap_launches(cudaGraph_t graph, std::int64_t& overlapping) {
  overlapping = 0;
  if (!can_overlap_launches()) return cudaSuccess;
  const Edges chain = chain_of(edges_of(graph));
  const std::size_t count = chain.from.size();
  if (count == 0) return cudaSuccess;
  cudaGraphEdgeData programmatic{};
  programmatic.from_port = cudaGraphKernelNodePortProgrammatic;
  programmatic.type = cudaGraphDependencyTypeProgrammatic;
  const std::vector<cudaGraphEdgeData> before(count), after(count, programmatic);
  if (const cudaError_t status = cudaGraphRemoveDependencies(
          graph, chain.from.data(), chain.to.data(), before.data(), count)) {
    return status;
  }
  if (const cudaError_t status = cudaGraphAddDependencies(graph, chain.from.data(), chain.to.data(),
                                                          after.data(), count)) {
    return status;
  }
  overlapping = static_cast<std::int64_t>(count);
  return cudaSuccess;
}

#else

bool can_overlap_launches() { return false; }

cudaError_t overlap_launches(cudaGraph_t, std::int64_t& overlapping) {
  overlapping = 0;
  return cudaSuccess;
}

#endif

}  // namespace polyak::cuda
