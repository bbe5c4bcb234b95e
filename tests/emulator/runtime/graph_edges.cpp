// A captured graph's edges: asked for, and given another kind.
#include <algorithm>

#include "emulator/runtime/errors.hpp"
#include "emulator/runtime/graph.hpp"
#include "emulator/runtime/host_call.hpp"

namespace polyak::emulator {
namespace {

/// The number of the node that is the `position`th of its stream.
unsigned find_node(const CUgraph_st& graph, cudaStream_t stream, unsigned position) {
  const auto found = std::find_if(graph.nodes.begin(), graph.nodes.end(), [&](const auto& node) {
    return node->stream == stream && node->position == position;
  });
  return static_cast<unsigned>(found - graph.nodes.begin());
}

}  // namespace

bool precedes(const CUgraphNode_st& first, const CUgraphNode_st& second) {
  const auto found = second.predecessors.find(first.stream);
  return found != second.predecessors.end() && found->second >= first.position;
}

std::vector<GraphEdge> captured_edges(const CUgraph_st& graph) {
  std::vector<GraphEdge> edges;
  for (unsigned to = 0; to < graph.nodes.size(); ++to) {
    std::vector<unsigned> last;
    for (const auto& [stream, count] : graph.nodes[to]->predecessors) {
      if (count > 0) last.push_back(find_node(graph, stream, count));
    }
    for (const unsigned from : last) {
      const bool follows_from_others = std::any_of(last.begin(), last.end(), [&](unsigned other) {
        return precedes(*graph.nodes[from], *graph.nodes[other]);
      });
      if (!follows_from_others) edges.emplace_back(from, to);
    }
  }
  return edges;
}

}  // namespace polyak::emulator

#if CUDART_VERSION >= 13000

using namespace polyak::emulator;

namespace {

using Edge = std::pair<cudaGraphNode_t, cudaGraphNode_t>;

std::set<Edge> edges_of(const CUgraph_st& graph) {
  std::set<Edge> edges;
  for (const auto& [from, to] : captured_edges(graph)) {
    edges.emplace(graph.nodes[from].get(), graph.nodes[to].get());
  }
  return edges;
}

/// A programmatic edge leads from kernel to kernel, out of the port of that name.
bool is_valid(const Edge& edge, const cudaGraphEdgeData& data) {
  if (data.type == cudaGraphDependencyTypeDefault) return data.from_port == 0;
  return data.type == cudaGraphDependencyTypeProgrammatic &&
         data.from_port == cudaGraphKernelNodePortProgrammatic &&
         edge.first->type == cudaGraphNodeTypeKernel &&
         edge.second->type == cudaGraphNodeTypeKernel;
}

}  // namespace

extern "C" {

cudaError_t cudaGraphGetEdges(cudaGraph_t graph, cudaGraphNode_t* from, cudaGraphNode_t* to,
                              cudaGraphEdgeData* data, size_t* count) {
  const HostCall call;
  if (graph == nullptr || count == nullptr) return report(cudaErrorInvalidValue);
  const std::vector<GraphEdge> edges = captured_edges(*graph);
  if (from == nullptr && to == nullptr) {
    *count = edges.size();
    return cudaSuccess;
  }
  if (from == nullptr || to == nullptr) return report(cudaErrorInvalidValue);
  *count = std::min(*count, edges.size());
  for (std::size_t i = 0; i < *count; ++i) {
    from[i] = graph->nodes[edges[i].first].get();
    to[i] = graph->nodes[edges[i].second].get();
    if (data != nullptr) data[i] = {};
  }
  return cudaSuccess;
}

/// Nothing but an edge that is there and full; it must be added again before the graph is used.
cudaError_t cudaGraphRemoveDependencies(cudaGraph_t graph, const cudaGraphNode_t* from,
                                        const cudaGraphNode_t* to, const cudaGraphEdgeData* data,
                                        size_t count) {
  const HostCall call;
  if (graph == nullptr) return report(cudaErrorInvalidValue);
  const std::set<Edge> edges = edges_of(*graph);
  for (std::size_t i = 0; i < count; ++i) {
    const Edge edge(from[i], to[i]);
    const bool full = data == nullptr || data[i].type == cudaGraphDependencyTypeDefault;
    const bool present = edges.contains(edge) && !graph->programmatic.contains(edge);
    if (!full || !present || !graph->removed.insert(edge).second) {
      return report(cudaErrorInvalidValue);
    }
  }
  return cudaSuccess;
}

/// Nothing but an edge that was removed.
cudaError_t cudaGraphAddDependencies(cudaGraph_t graph, const cudaGraphNode_t* from,
                                     const cudaGraphNode_t* to, const cudaGraphEdgeData* data,
                                     size_t count) {
  const HostCall call;
  if (graph == nullptr) return report(cudaErrorInvalidValue);
  for (std::size_t i = 0; i < count; ++i) {
    const Edge edge(from[i], to[i]);
    const cudaGraphEdgeData kind = data == nullptr ? cudaGraphEdgeData{} : data[i];
    if (!is_valid(edge, kind) || graph->removed.erase(edge) == 0) {
      return report(cudaErrorInvalidValue);
    }
    if (kind.type == cudaGraphDependencyTypeProgrammatic) graph->programmatic.insert(edge);
  }
  return cudaSuccess;
}

}  // extern "C"

#endif
