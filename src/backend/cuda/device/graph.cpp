#include "backend/cuda/device/graph.hpp"

#include "backend/cuda/device/check.hpp"
#include "backend/cuda/device/overlapping_launches.hpp"

namespace polyak::cuda {
namespace {

struct DestroyRecording {
  void operator()(cudaGraph_t graph) const noexcept { (void)cudaGraphDestroy(graph); }
};
using Recording = std::unique_ptr<CUgraph_st, DestroyRecording>;

Recording record(const Stream& stream, const std::function<void()>& work) {
  // Relaxed: cuBLAS and the runtime may load code when a kernel is first used, here, which the
  // stricter modes forbid.
  check(cudaStreamBeginCapture(stream.get(), cudaStreamCaptureModeRelaxed),
        "cudaStreamBeginCapture");
  cudaGraph_t graph = nullptr;
  try {
    work();
  } catch (...) {
    // Take the stream out of capture, or nothing could ever run on it again.
    (void)cudaStreamEndCapture(stream.get(), &graph);
    const Recording discarded(graph);
    throw;
  }
  check(cudaStreamEndCapture(stream.get(), &graph), "cudaStreamEndCapture");
  return Recording(graph);
}

}  // namespace

Graph::Graph(const Stream& stream, const std::function<void()>& work, Launches launches) {
  cudaGraphExec_t executable = nullptr;
  if (launches == Launches::overlapping) {
    const Recording recording = record(stream, work);
    if (overlap_launches(recording.get(), overlapping_launches_) == cudaSuccess &&
        cudaGraphInstantiate(&executable, recording.get(), 0) == cudaSuccess) {
      executable_.reset(executable);
      return;
    }
    (void)cudaGetLastError();  // a driver that cannot do it: in turn
    overlapping_launches_ = 0;
  }
  const Recording recording = record(stream, work);
  check(cudaGraphInstantiate(&executable, recording.get(), 0), "cudaGraphInstantiate");
  executable_.reset(executable);
}

void Graph::launch(const Stream& stream) const {
  check(cudaGraphLaunch(executable_.get(), stream.get()), "cudaGraphLaunch");
}

std::int64_t count_launches(const Stream& stream, const std::function<void()>& work) {
  const Recording recording = record(stream, work);
  std::size_t count = 0;
  check(cudaGraphGetNodes(recording.get(), nullptr, &count), "cudaGraphGetNodes");
  return static_cast<std::int64_t>(count);
}

}  // namespace polyak::cuda
