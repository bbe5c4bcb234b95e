// A queue of work on the device, and points in it to wait for.
#pragma once

#include <cuda_runtime_api.h>

#include <memory>

namespace polyak::cuda {

/// A CUDA stream of its own, which does not wait for the default stream. Move-only.
class Stream {
 public:
  Stream();
  cudaStream_t get() const { return stream_.get(); }

  /// Waits until everything queued is done; RunError if any of it failed.
  void synchronize() const;

 private:
  struct Destroy {
    void operator()(cudaStream_t stream) const noexcept { (void)cudaStreamDestroy(stream); }
  };
  std::unique_ptr<CUstream_st, Destroy> stream_;
};

/// A point in a stream. Move-only.
class Event {
 public:
  Event();

  /// Places the event after everything that the stream holds now.
  void record(const Stream& stream) { record(stream.get()); }
  void record(cudaStream_t stream);

  /// Makes what `stream` is given from now on wait for the event.
  void hold_back(cudaStream_t stream) const;

  /// Waits until the device has reached the event; returns at once if it was never recorded.
  void wait() const;

 private:
  struct Destroy {
    void operator()(cudaEvent_t event) const noexcept { (void)cudaEventDestroy(event); }
  };
  std::unique_ptr<CUevent_st, Destroy> event_;
};

}  // namespace polyak::cuda
