// Work that is recorded once and replayed with one call.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <functional>
#include <memory>

#include "backend/cuda/device/stream.hpp"

namespace polyak::cuda {

/// How kernels follow each other in a graph: each launched when the one before it has ended, or
/// scheduled while that one drains (kernels/dependent_launch.cuh), which all of them must then wait
/// for first.
enum class Launches { in_turn, overlapping };

/// An executable CUDA graph. Move-only. Its kernels keep the arguments that they were recorded
/// with, so everything that changes from replay to replay must be in device memory.
class Graph {
 public:
  /// Records what `work` queues on `stream`, without running it. Launches overlap where the device
  /// and the toolkit can do it, else they come in turn.
  Graph(const Stream& stream, const std::function<void()>& work,
        Launches launches = Launches::in_turn);

  /// Queues one replay.
  void launch(const Stream& stream) const;

  /// How many of its kernels may be scheduled while the one before drains.
  std::int64_t overlapping_launches() const { return overlapping_launches_; }

 private:
  struct Destroy {
    void operator()(cudaGraphExec_t graph) const noexcept { (void)cudaGraphExecDestroy(graph); }
  };
  std::unique_ptr<CUgraphExec_st, Destroy> executable_;
  std::int64_t overlapping_launches_ = 0;
};

/// How many kernels and copies `work` queues on `stream`, without running it.
std::int64_t count_launches(const Stream& stream, const std::function<void()>& work);

}  // namespace polyak::cuda
