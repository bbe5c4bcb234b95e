#include <chrono>
#include <cstdint>
#include <memory>

#include "emulator/runtime/capture.hpp"
#include "emulator/runtime/errors.hpp"
#include "emulator/runtime/host_call.hpp"
#include "emulator/runtime/stream.hpp"

namespace polyak::emulator {
/// What remains of an event for the work that refers to it, even when its handle is destroyed.
struct EventState {
  bool keeps_time = true;
  std::uint64_t recorded = 0;   // how often it was given to a stream
  std::uint64_t completed = 0;  // how often a stream came to it
  cudaStream_t stream = nullptr;
  std::chrono::steady_clock::time_point time;
  std::weak_ptr<Capture> capture;  // that it was last recorded in
  bool captured = false;
  CaptureClock clock;

  bool pending() const { return completed < recorded; }
};

namespace {

/// Runs the stream of the event until the event has completed `count` times.
void run_until(const EventState& state, std::uint64_t count) {
  while (state.completed < count) {
    CUstream_st* stream = find_stream(state.stream);
    if (stream == nullptr || stream->queue.empty()) return;  // discarded after a failure
    run_next(*stream);
  }
}

void record_in_capture(EventState& state, CUstream_st& stream) {
  state.captured = true;
  state.capture = stream.capture;
  state.clock = stream.capture->clocks[&stream];
}

/// Makes the stream part of the event's capture, or orders it behind the event there.
cudaError_t wait_in_capture(const EventState& state, CUstream_st& stream) {
  const std::shared_ptr<Capture> capture = state.capture.lock();
  if (!capture) return cudaErrorCapturedEvent;
  if (stream.capture && stream.capture != capture) {
    stream.capture->invalidated = true;
    capture->invalidated = true;
    return cudaErrorStreamCaptureMerge;
  }
  if (stream.is_legacy) {
    capture->invalidated = true;
    return cudaErrorStreamCaptureImplicit;
  }
  stream.capture = capture;
  merge(capture->clocks[&stream], state.clock);
  return cudaSuccess;
}

}  // namespace
}  // namespace polyak::emulator

struct CUevent_st {
  std::shared_ptr<polyak::emulator::EventState> state;
};

using namespace polyak::emulator;

extern "C" {

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned flags) {
  const HostCall call;
  if (event == nullptr) return report(cudaErrorInvalidValue);
  *event = new CUevent_st{std::make_shared<EventState>()};
  (*event)->state->keeps_time = (flags & cudaEventDisableTiming) == 0;
  return cudaSuccess;
}

cudaError_t cudaEventCreate(cudaEvent_t* event) {
  const HostCall call;
  return cudaEventCreateWithFlags(event, cudaEventDefault);
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  const HostCall call;
  if (event == nullptr) return report(cudaErrorInvalidResourceHandle);
  delete event;
  return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t handle) {
  const HostCall call;
  CUstream_st* stream = find_stream(handle);
  if (event == nullptr || stream == nullptr) return report(cudaErrorInvalidResourceHandle);
  const std::shared_ptr<EventState> state = event->state;
  if (stream->capture) {
    record_in_capture(*state, *stream);
    return cudaSuccess;
  }
  state->captured = false;
  state->stream = stream;
  ++state->recorded;
  return enqueue(stream, cudaGraphNodeTypeEventRecord, [state, count = state->recorded] {
    state->completed = count;
    state->time = std::chrono::steady_clock::now();
  });
}

cudaError_t cudaStreamWaitEvent(cudaStream_t handle, cudaEvent_t event, unsigned) {
  const HostCall call;
  CUstream_st* stream = find_stream(handle);
  if (event == nullptr || stream == nullptr) return report(cudaErrorInvalidResourceHandle);
  const std::shared_ptr<EventState> state = event->state;
  if (state->captured) return report(wait_in_capture(*state, *stream));
  if (stream->capture) {
    stream->capture->invalidated = true;
    return report(cudaErrorStreamCaptureIsolation);
  }
  return enqueue(stream, cudaGraphNodeTypeWaitEvent,
                 [state, count = state->recorded] { run_until(*state, count); });
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  const HostCall call;
  if (event == nullptr) return report(cudaErrorInvalidResourceHandle);
  if (event->state->captured) return report(cudaErrorCapturedEvent);
  throw_postponed_error();
  run_until(*event->state, event->state->recorded);
  return cudaSuccess;
}

/// Does one piece of work, so that a host that asks again and again gets its answer.
cudaError_t cudaEventQuery(cudaEvent_t event) {
  const HostCall call;
  if (event == nullptr) return report(cudaErrorInvalidResourceHandle);
  const EventState& state = *event->state;
  if (state.captured) return report(cudaErrorCapturedEvent);
  throw_postponed_error();
  if (!state.pending()) return cudaSuccess;
  CUstream_st* stream = find_stream(state.stream);
  if (stream != nullptr && !stream->queue.empty()) run_next(*stream);
  return cudaErrorNotReady;
}

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end) {
  const HostCall call;
  if (milliseconds == nullptr) return report(cudaErrorInvalidValue);
  if (start == nullptr || end == nullptr) return report(cudaErrorInvalidResourceHandle);
  const EventState& first = *start->state;
  const EventState& last = *end->state;
  const bool measurable = first.keeps_time && last.keeps_time && first.recorded > 0 &&
                          last.recorded > 0 && !first.captured && !last.captured;
  if (!measurable) return report(cudaErrorInvalidResourceHandle);
  if (first.pending() || last.pending()) return report(cudaErrorNotReady);
  *milliseconds = std::chrono::duration<float, std::milli>(last.time - first.time).count();
  return cudaSuccess;
}

}  // extern "C"
