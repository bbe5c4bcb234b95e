// Work that is recorded once and replayed with one call.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <functional>
#include <memory>

#include "backend/cuda/device/stream.hpp"

namespace polyak::cuda {

/// An executable CUDA graph. Move-only. Its kernels keep the arguments that they were recorded
/// with, so everything that changes from replay to replay must be in device memory.
class Graph {
 public:
  /// Records what `work` queues on `stream`, without running it.
  Graph(const Stream& stream, const std::function<void()>& work);

  /// Queues one replay.
  void launch(const Stream& stream) const;

 private:
  struct Destroy {
    void operator()(cudaGraphExec_t graph) const noexcept { (void)cudaGraphExecDestroy(graph); }
  };
  std::unique_ptr<CUgraphExec_st, Destroy> executable_;
};

/// How many kernels and copies `work` queues on `stream`, without running it.
std::int64_t count_launches(const Stream& stream, const std::function<void()>& work);

}  // namespace polyak::cuda
