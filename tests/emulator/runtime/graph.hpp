#pragma once

// Graphs as stream capture makes them. Internal to the runtime.

#include <cuda_runtime.h>

#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "emulator/runtime/work.hpp"

namespace polyak::emulator {

/// How many nodes of each stream something is ordered behind.
using CaptureClock = std::map<cudaStream_t, unsigned>;

/// Adds what `other` is ordered behind.
void merge(CaptureClock& clock, const CaptureClock& other);

}  // namespace polyak::emulator

struct CUgraphNode_st {
  cudaGraphNodeType type = cudaGraphNodeTypeEmpty;
  polyak::emulator::Work work;
  cudaStream_t stream = nullptr;  // only to tell streams apart: it may be gone
  unsigned position = 0;          // within its stream, from 1
  polyak::emulator::CaptureClock predecessors;
};

struct CUgraph_st {
  std::vector<std::shared_ptr<CUgraphNode_st>> nodes;
  // The edges behind which a kernel may be launched before the one in front has ended.
  std::set<std::pair<cudaGraphNode_t, cudaGraphNode_t>> programmatic;
  std::set<std::pair<cudaGraphNode_t, cudaGraphNode_t>> removed;  // and not added again
};

namespace polyak::emulator {

/// A graph made ready to run.
struct GraphPlan {
  std::vector<std::shared_ptr<CUgraphNode_st>> nodes;
  std::vector<std::vector<unsigned>> successors;
  std::vector<unsigned> predecessor_counts;
  std::vector<bool> overlaps;  // behind a programmatic edge
};

/// Whether the second node is ordered behind the first.
bool precedes(const CUgraphNode_st& first, const CUgraphNode_st& second);

/// An edge, by the numbers of its nodes.
using GraphEdge = std::pair<unsigned, unsigned>;

/// The edges as capture makes them: from the last node of each stream that a node is ordered
/// behind, without those that follow from others.
std::vector<GraphEdge> captured_edges(const CUgraph_st& graph);

GraphPlan make_plan(const CUgraph_st& graph);

/// Runs all nodes, in an order that depends on the options as far as the edges allow it.
void run_plan(const GraphPlan& plan);

}  // namespace polyak::emulator
