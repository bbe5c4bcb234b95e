#pragma once

// Graphs as stream capture makes them. Internal to the runtime.

#include <cuda_runtime.h>

#include <map>
#include <memory>
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
};

namespace polyak::emulator {

/// A graph made ready to run.
struct GraphPlan {
  std::vector<std::shared_ptr<CUgraphNode_st>> nodes;
  std::vector<std::vector<unsigned>> successors;
  std::vector<unsigned> predecessor_counts;
};

GraphPlan make_plan(const CUgraph_st& graph);

/// Runs all nodes, in an order that depends on the options as far as the edges allow it.
void run_plan(const GraphPlan& plan);

}  // namespace polyak::emulator
