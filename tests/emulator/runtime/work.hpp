#pragma once

#include <cuda_runtime.h>

#include <functional>

namespace polyak::emulator {

/// Something that a stream does in its turn.
using Work = std::function<void()>;

/// Gives `stream` work: runs it at once, queues it (Options::lazy_streams), or adds a node of this
/// type to the graph that the stream captures. An Error that the work throws comes out here, or,
/// if it is queued, out of the call that waits for it.
cudaError_t enqueue(cudaStream_t stream, cudaGraphNodeType type, Work work);

}  // namespace polyak::emulator
