#include "emulator/runtime/stream.hpp"

#include <algorithm>
#include <exception>
#include <random>
#include <utility>

#include "emulator/options.hpp"
#include "emulator/runtime/capture.hpp"
#include "emulator/runtime/errors.hpp"
#include "emulator/runtime/host_call.hpp"

namespace polyak::emulator {
namespace {

CUstream_st* legacy_stream() {
  static CUstream_st stream{.joins_legacy = false, .is_legacy = true, .queue = {}, .capture = {}};
  return &stream;
}

CUstream_st* per_thread_stream() {
  static CUstream_st stream;
  return &stream;
}

std::vector<CUstream_st*>& streams() {
  static std::vector<CUstream_st*> list{legacy_stream(), per_thread_stream()};
  return list;
}

std::uint64_t next_sequence = 0;

void run_before(CUstream_st& stream, std::uint64_t sequence) {
  while (!stream.queue.empty() && stream.queue.front().sequence < sequence) run_next(stream);
}

/// The legacy stream waits for all blocking streams, and they for it.
void run_what_legacy_order_demands(const CUstream_st& stream, std::uint64_t sequence) {
  if (stream.joins_legacy) run_before(*legacy_stream(), sequence);
  if (!stream.is_legacy) return;
  for (CUstream_st* other : streams()) {
    if (other->joins_legacy) run_before(*other, sequence);
  }
}

bool anything_queued() {
  return std::any_of(streams().begin(), streams().end(),
                     [](const CUstream_st* stream) { return !stream->queue.empty(); });
}

/// After a failed kernel nothing else runs, as on a device.
void discard_all_work() {
  for (CUstream_st* stream : streams()) stream->queue.clear();
}

std::vector<CUstream_st*> streams_with_work() {
  std::vector<CUstream_st*> result;
  for (CUstream_st* stream : streams()) {
    if (!stream->queue.empty()) result.push_back(stream);
  }
  return result;
}

}  // namespace

CUstream_st* find_stream(cudaStream_t handle) {
  if (handle == nullptr || handle == cudaStreamLegacy) return legacy_stream();
  if (handle == cudaStreamPerThread) return per_thread_stream();
  const auto found = std::find(streams().begin(), streams().end(), handle);
  return found == streams().end() ? nullptr : *found;
}

const std::vector<CUstream_st*>& all_streams() { return streams(); }

void run_next(CUstream_st& stream) {
  QueuedWork next = std::move(stream.queue.front());
  stream.queue.pop_front();
  try {
    run_what_legacy_order_demands(stream, next.sequence);
    next.work();
  } catch (...) {
    discard_all_work();
    throw;
  }
}

void finish(CUstream_st& stream) {
  throw_postponed_error();
  while (!stream.queue.empty()) run_next(stream);
}

void finish_all() {
  throw_postponed_error();
  std::mt19937_64 random(options().seed);
  for (auto busy = streams_with_work(); !busy.empty(); busy = streams_with_work()) {
    std::size_t chosen = 0;
    if (options().order == Order::reverse) chosen = busy.size() - 1;
    if (is_drawn_by_lot(options().order)) chosen = random() % busy.size();
    run_next(*busy[chosen]);
  }
}

cudaError_t finish_all_quietly() {
  try {
    finish_all();
  } catch (const std::exception& exception) {
    return postpone_kernel_error(exception.what());
  }
  return cudaSuccess;
}

cudaError_t enqueue(cudaStream_t handle, cudaGraphNodeType type, Work work) {
  CUstream_st* stream = find_stream(handle);
  if (stream == nullptr) return report(cudaErrorInvalidResourceHandle);
  if (stream->capture) return capture_work(*stream->capture, stream, type, std::move(work));
  if (stream->is_legacy) {
    if (const cudaError_t status = refuse_legacy_work()) return status;
  }
  throw_postponed_error();
  if (options().lazy_streams) {
    stream->queue.push_back({next_sequence++, std::move(work)});
  } else {
    if (anything_queued()) finish_all();  // the option has just been switched off
    work();
  }
  return cudaSuccess;
}

}  // namespace polyak::emulator

using namespace polyak::emulator;

extern "C" {

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* handle, unsigned flags) {
  const HostCall call;
  if (handle == nullptr || flags > cudaStreamNonBlocking) return report(cudaErrorInvalidValue);
  *handle = new CUstream_st;
  (*handle)->joins_legacy = flags != cudaStreamNonBlocking;
  streams().push_back(*handle);
  return cudaSuccess;
}

cudaError_t cudaStreamCreate(cudaStream_t* handle) {
  const HostCall call;
  return cudaStreamCreateWithFlags(handle, cudaStreamDefault);
}

cudaError_t cudaStreamCreateWithPriority(cudaStream_t* handle, unsigned flags, int) {
  const HostCall call;
  return cudaStreamCreateWithFlags(handle, flags);
}

cudaError_t cudaStreamDestroy(cudaStream_t handle) {
  const HostCall call;
  CUstream_st* stream = find_stream(handle);
  const bool destructible =
      stream != nullptr && stream != legacy_stream() && stream != per_thread_stream();
  if (!destructible) return report(cudaErrorInvalidResourceHandle);
  leave_capture(stream);
  const cudaError_t status = finish_all_quietly();
  streams().erase(std::find(streams().begin(), streams().end(), stream));
  delete stream;
  return status;
}

cudaError_t cudaStreamSynchronize(cudaStream_t handle) {
  const HostCall call;
  CUstream_st* stream = find_stream(handle);
  if (stream == nullptr) return report(cudaErrorInvalidResourceHandle);
  if (const cudaError_t status = refuse_stream_wait(stream)) return status;
  finish(*stream);
  return cudaSuccess;
}

/// Does one piece of the stream's work, so that a host that asks again and again gets its answer.
cudaError_t cudaStreamQuery(cudaStream_t handle) {
  const HostCall call;
  CUstream_st* stream = find_stream(handle);
  if (stream == nullptr) return report(cudaErrorInvalidResourceHandle);
  if (const cudaError_t status = refuse_stream_wait(stream)) return status;
  throw_postponed_error();
  if (stream->queue.empty()) return cudaSuccess;
  run_next(*stream);
  return cudaErrorNotReady;
}

cudaError_t cudaDeviceSynchronize() {
  const HostCall call;
  if (const cudaError_t status = refuse_device_wait()) return status;
  finish_all();
  return cudaSuccess;
}

cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void* data) {
  const HostCall call;
  if (function == nullptr) return report(cudaErrorInvalidValue);
  return enqueue(stream, cudaGraphNodeTypeHost, [function, data] { function(data); });
}

}  // extern "C"
