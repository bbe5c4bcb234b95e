#include "emulator/runtime/capture.hpp"

#include <utility>

#include "emulator/runtime/errors.hpp"
#include "emulator/runtime/host_call.hpp"
#include "emulator/runtime/stream.hpp"

namespace polyak::emulator {
namespace {

/// Loses every capture that `concerns` is true for. Returns `refusal` if there was one.
template <class Condition>
cudaError_t refuse_during(Condition concerns, cudaError_t refusal) {
  bool refused = false;
  for (CUstream_st* stream : all_streams()) {
    if (!stream->capture || !concerns(*stream->capture)) continue;
    stream->capture->invalidated = true;
    refused = true;
  }
  return refused ? report(refusal) : cudaSuccess;
}

bool forbids_unsafe_calls(const Capture& capture) {
  if (capture.mode == cudaStreamCaptureModeGlobal) return true;
  return capture.mode == cudaStreamCaptureModeThreadLocal &&
         capture.thread == std::this_thread::get_id();
}

/// Whether the origin waits for all work of the other streams.
bool everything_joined(const Capture& capture) {
  const CaptureClock& origin = capture.clocks.at(capture.origin);
  for (const auto& [stream, clock] : capture.clocks) {
    const auto own = clock.find(stream);
    const auto seen = origin.find(stream);
    const unsigned work = own == clock.end() ? 0 : own->second;
    const unsigned joined = seen == origin.end() ? 0 : seen->second;
    if (joined < work) return false;
  }
  return true;
}

/// Why the capture cannot become a graph; success if it can.
cudaError_t verdict_on(const Capture& capture) {
  if (capture.invalidated) return cudaErrorStreamCaptureInvalidated;
  const bool any_thread = capture.mode == cudaStreamCaptureModeRelaxed;
  if (!any_thread && capture.thread != std::this_thread::get_id()) {
    return cudaErrorStreamCaptureWrongThread;
  }
  return everything_joined(capture) ? cudaSuccess : cudaErrorStreamCaptureUnjoined;
}

void detach_streams(const std::shared_ptr<Capture>& capture) {
  for (CUstream_st* stream : all_streams()) {
    if (stream->capture == capture) stream->capture.reset();
  }
}

}  // namespace

cudaError_t capture_work(Capture& capture, cudaStream_t stream, cudaGraphNodeType type, Work work) {
  if (capture.invalidated) return report(cudaErrorStreamCaptureInvalidated);
  CaptureClock& clock = capture.clocks[stream];
  auto node = std::make_shared<CUgraphNode_st>();
  node->type = type;
  node->work = std::move(work);
  node->stream = stream;
  node->predecessors = clock;
  node->position = ++clock[stream];
  capture.graph->nodes.push_back(std::move(node));
  return cudaSuccess;
}

cudaError_t refuse_unsafe_call() {
  return refuse_during(forbids_unsafe_calls, cudaErrorStreamCaptureUnsupported);
}

cudaError_t refuse_device_wait() {
  return refuse_during([](const Capture&) { return true; }, cudaErrorStreamCaptureUnsupported);
}

cudaError_t refuse_legacy_work() {
  return refuse_during([](const Capture& capture) { return capture.origin->joins_legacy; },
                       cudaErrorStreamCaptureImplicit);
}

cudaError_t refuse_stream_wait(cudaStream_t stream) {
  const Capture* own = stream->capture.get();
  return refuse_during([own](const Capture& capture) { return &capture == own; },
                       cudaErrorStreamCaptureUnsupported);
}

void leave_capture(cudaStream_t stream) {
  if (!stream->capture) return;
  stream->capture->invalidated = true;
  if (stream->capture->origin == stream) detach_streams(std::shared_ptr(stream->capture));
}

}  // namespace polyak::emulator

using namespace polyak::emulator;

extern "C" {

cudaError_t cudaStreamBeginCapture(cudaStream_t handle, cudaStreamCaptureMode mode) {
  const HostCall call;
  CUstream_st* stream = find_stream(handle);
  if (stream == nullptr) return report(cudaErrorInvalidResourceHandle);
  if (stream->is_legacy) return report(cudaErrorStreamCaptureUnsupported);
  if (stream->capture) return report(cudaErrorIllegalState);
  auto capture = std::make_shared<Capture>();
  capture->origin = stream;
  capture->mode = mode;
  capture->thread = std::this_thread::get_id();
  capture->graph = std::make_unique<CUgraph_st>();
  capture->clocks[stream] = {};
  stream->capture = std::move(capture);
  return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t handle, cudaGraph_t* graph) {
  const HostCall call;
  CUstream_st* stream = find_stream(handle);
  if (stream == nullptr) return report(cudaErrorInvalidResourceHandle);
  if (graph == nullptr) return report(cudaErrorInvalidValue);
  *graph = nullptr;
  const std::shared_ptr<Capture> capture = stream->capture;
  if (!capture) return report(cudaErrorIllegalState);
  if (capture->origin != stream) {
    capture->invalidated = true;
    return report(cudaErrorStreamCaptureUnmatched);
  }
  const cudaError_t verdict = verdict_on(*capture);
  detach_streams(capture);
  if (verdict == cudaSuccess) *graph = capture->graph.release();
  return report(verdict);
}

cudaError_t cudaStreamIsCapturing(cudaStream_t handle, cudaStreamCaptureStatus* status) {
  const HostCall call;
  CUstream_st* stream = find_stream(handle);
  if (stream == nullptr) return report(cudaErrorInvalidResourceHandle);
  if (status == nullptr) return report(cudaErrorInvalidValue);
  *status = cudaStreamCaptureStatusNone;
  if (stream->capture) {
    *status = stream->capture->invalidated ? cudaStreamCaptureStatusInvalidated
                                           : cudaStreamCaptureStatusActive;
  }
  return cudaSuccess;
}

}  // extern "C"
