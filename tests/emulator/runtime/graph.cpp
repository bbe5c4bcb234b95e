#include "emulator/runtime/graph.hpp"

#include <algorithm>
#include <random>
#include <set>

#include "emulator/engine/yielding.hpp"
#include "emulator/options.hpp"
#include "emulator/runtime/errors.hpp"
#include "emulator/runtime/host_call.hpp"

struct CUgraphExec_st {
  std::shared_ptr<const polyak::emulator::GraphPlan> plan;
};

namespace polyak::emulator {
namespace {

/// Takes one of the nodes that may run now.
unsigned take_next(std::set<unsigned>& ready, std::mt19937_64& random) {
  auto chosen = ready.begin();
  if (options().order == Order::reverse) chosen = std::prev(ready.end());
  if (is_drawn_by_lot(options().order)) {
    std::advance(chosen, static_cast<std::ptrdiff_t>(random() % ready.size()));
  }
  const unsigned node = *chosen;
  ready.erase(chosen);
  return node;
}

}  // namespace

void merge(CaptureClock& clock, const CaptureClock& other) {
  for (const auto& [stream, count] : other) clock[stream] = std::max(clock[stream], count);
}

GraphPlan make_plan(const CUgraph_st& graph) {
  const std::size_t count = graph.nodes.size();
  GraphPlan plan{graph.nodes, std::vector<std::vector<unsigned>>(count),
                 std::vector<unsigned>(count), std::vector<bool>(count)};
  for (unsigned later = 0; later < count; ++later) {
    for (unsigned earlier = 0; earlier < later; ++earlier) {
      if (!precedes(*graph.nodes[earlier], *graph.nodes[later])) continue;
      plan.successors[earlier].push_back(later);
      ++plan.predecessor_counts[later];
    }
  }
  for (unsigned node = 0; node < count; ++node) {
    plan.overlaps[node] =
        std::any_of(graph.programmatic.begin(), graph.programmatic.end(),
                    [&](const auto& edge) { return edge.second == graph.nodes[node].get(); });
  }
  return plan;
}

void run_plan(const GraphPlan& plan) {
  std::mt19937_64 random(options().seed);
  std::vector<unsigned> waits_for = plan.predecessor_counts;
  std::set<unsigned> ready;
  for (unsigned node = 0; node < plan.nodes.size(); ++node) {
    if (waits_for[node] == 0) ready.insert(node);
  }
  while (!ready.empty()) {
    const unsigned node = take_next(ready, random);
    const std::uint64_t waits = waits_for_previous_kernels();
    plan.nodes[node]->work();
    if (plan.overlaps[node] && waits_for_previous_kernels() == waits) {
      throw Error(
          "a kernel that may be launched before the one in front of it has ended does not wait");
    }
    for (unsigned successor : plan.successors[node]) {
      if (--waits_for[successor] == 0) ready.insert(successor);
    }
  }
}

}  // namespace polyak::emulator

using polyak::emulator::HostCall;
using polyak::emulator::report;

extern "C" {

cudaError_t cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t* nodes, size_t* count) {
  const HostCall call;
  if (graph == nullptr || count == nullptr) return report(cudaErrorInvalidValue);
  const std::size_t present = graph->nodes.size();
  if (nodes != nullptr) {
    for (std::size_t i = 0; i < *count; ++i) {
      nodes[i] = i < present ? graph->nodes[i].get() : nullptr;
    }
    *count = std::min(*count, present);
  } else {
    *count = present;
  }
  return cudaSuccess;
}

cudaError_t cudaGraphNodeGetType(cudaGraphNode_t node, cudaGraphNodeType* type) {
  const HostCall call;
  if (node == nullptr || type == nullptr) return report(cudaErrorInvalidValue);
  *type = node->type;
  return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph,
                                 unsigned long long) {
  const HostCall call;
  if (executable == nullptr || graph == nullptr) return report(cudaErrorInvalidValue);
  if (!graph->removed.empty()) return report(cudaErrorNotSupported);
  *executable = new CUgraphExec_st{
      std::make_shared<const polyak::emulator::GraphPlan>(polyak::emulator::make_plan(*graph))};
  return cudaSuccess;
}

cudaError_t cudaGraphInstantiateWithFlags(cudaGraphExec_t* executable, cudaGraph_t graph,
                                          unsigned long long flags) {
  const HostCall call;
  return cudaGraphInstantiate(executable, graph, flags);
}

cudaError_t cudaGraphUpload(cudaGraphExec_t executable, cudaStream_t) {
  const HostCall call;
  return report(executable == nullptr ? cudaErrorInvalidValue : cudaSuccess);
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  const HostCall call;
  if (executable == nullptr) return report(cudaErrorInvalidValue);
  // The plan outlives an executable that is destroyed before lazy work runs, as CUDA allows.
  return polyak::emulator::enqueue(stream, cudaGraphNodeTypeGraph, [plan = executable->plan] {
    polyak::emulator::run_plan(*plan);
  });
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  const HostCall call;
  if (graph == nullptr) return report(cudaErrorInvalidValue);
  delete graph;
  return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  const HostCall call;
  if (executable == nullptr) return report(cudaErrorInvalidValue);
  delete executable;
  return cudaSuccess;
}

}  // extern "C"
