#pragma once

// Streams and their queues. Internal to the runtime.

#include <cuda_runtime.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "emulator/runtime/work.hpp"

namespace polyak::emulator {
struct Capture;

struct QueuedWork {
  std::uint64_t sequence = 0;  // over all streams, in the order of the host's calls
  Work work;
};
}  // namespace polyak::emulator

struct CUstream_st {
  /// Ordered with the legacy default stream, as all streams are but those made non-blocking.
  bool joins_legacy = true;
  bool is_legacy = false;
  std::deque<polyak::emulator::QueuedWork> queue;
  std::shared_ptr<polyak::emulator::Capture> capture;
};

namespace polyak::emulator {

/// The stream behind a handle, special handles included; null if there is none.
CUstream_st* find_stream(cudaStream_t handle);

/// Every stream that exists, the default ones first.
const std::vector<CUstream_st*>& all_streams();

/// Runs the oldest work of the stream, and first what it must come after.
void run_next(CUstream_st& stream);

/// Runs everything that the stream, or the device, has been given.
void finish(CUstream_st& stream);
void finish_all();

/// Like finish_all, but never throws: for calls that destructors make.
cudaError_t finish_all_quietly();

}  // namespace polyak::emulator
