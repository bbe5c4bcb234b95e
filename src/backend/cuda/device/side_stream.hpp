// A second queue for work that the main one need not wait for.
#pragma once

#include "backend/cuda/device/stream.hpp"

namespace polyak::cuda {

/// A stream that branches off another one and joins it again, in a captured graph too. Move-only.
class SideStream {
 public:
  /// What is queued from now on starts after all that `main` holds now.
  void branch_off(cudaStream_t main);

  /// What `main` is given from now on starts after all that was queued here.
  void join(cudaStream_t main);

  cudaStream_t get() const { return stream_.get(); }

 private:
  Stream stream_;
  Event branched_, joined_;
};

}  // namespace polyak::cuda
