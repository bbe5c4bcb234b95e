#include "backend/cuda/device/side_stream.hpp"

namespace polyak::cuda {

void SideStream::branch_off(cudaStream_t main) {
  branched_.record(main);
  branched_.hold_back(stream_.get());
}

void SideStream::join(cudaStream_t main) {
  joined_.record(stream_.get());
  joined_.hold_back(main);
}

}  // namespace polyak::cuda
