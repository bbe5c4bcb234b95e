#include "backend/cuda/device/stream.hpp"

#include "backend/cuda/device/check.hpp"

namespace polyak::cuda {

Stream::Stream() {
  cudaStream_t stream = nullptr;
  check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
  stream_.reset(stream);
}

void Stream::synchronize() const {
  check(cudaStreamSynchronize(stream_.get()), "cudaStreamSynchronize");
}

Event::Event() {
  cudaEvent_t event = nullptr;
  check(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), "cudaEventCreateWithFlags");
  event_.reset(event);
}

void Event::record(cudaStream_t stream) {
  check(cudaEventRecord(event_.get(), stream), "cudaEventRecord");
}

void Event::hold_back(cudaStream_t stream) const {
  check(cudaStreamWaitEvent(stream, event_.get(), 0), "cudaStreamWaitEvent");
}

void Event::wait() const { check(cudaEventSynchronize(event_.get()), "cudaEventSynchronize"); }

}  // namespace polyak::cuda
