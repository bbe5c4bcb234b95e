#pragma once

// Stream capture: the rules about what may be called while it lasts. Internal to the runtime.

#include <cuda_runtime.h>

#include <map>
#include <memory>
#include <thread>

#include "emulator/runtime/graph.hpp"

namespace polyak::emulator {

/// A capture from its beginning to its end. A stream joins it by waiting for an event that was
/// recorded in it.
struct Capture {
  cudaStream_t origin = nullptr;
  cudaStreamCaptureMode mode = cudaStreamCaptureModeGlobal;
  std::thread::id thread;
  bool invalidated = false;
  std::unique_ptr<CUgraph_st> graph;
  /// For every stream of the capture, what its next node is ordered behind.
  std::map<cudaStream_t, CaptureClock> clocks;
};

/// Adds a node behind all that `stream` has been given.
cudaError_t capture_work(Capture& capture, cudaStream_t stream, cudaGraphNodeType type, Work work);

/// For calls that allocate or that wait for more than one stream: refused, and the capture is
/// lost, while there is one whose mode forbids them.
cudaError_t refuse_unsafe_call();

/// For calls that wait for the whole device: refused while there is any capture.
cudaError_t refuse_device_wait();

/// For work in the legacy stream: refused while a stream that synchronises with it captures.
cudaError_t refuse_legacy_work();

/// For calls that wait for one stream: refused while that stream captures.
cudaError_t refuse_stream_wait(cudaStream_t stream);

/// Marks the capture that `stream` takes part in as lost, when the stream is destroyed.
void leave_capture(cudaStream_t stream);

}  // namespace polyak::emulator
