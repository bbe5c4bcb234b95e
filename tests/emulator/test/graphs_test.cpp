#include <functional>
#include <memory>
#include <set>
#include <utility>

#include "emulator/test/kernels/kernels.cuh"
#include "emulator/test/launch_helpers.hpp"

namespace polyak::emulator_tests {
namespace {

void launch_count_up(float* out, float offset, cudaStream_t stream) {
  LaunchShape shape = LaunchShape(dim3(1), dim3(4)).stream(stream);
  check(cudaLaunchKernelEx(shape.config(), count_up, out, 4, offset));
}

void launch_scale_and_shift(float* x, float scale, float shift, cudaStream_t stream) {
  LaunchShape shape = LaunchShape(dim3(1), dim3(4)).stream(stream);
  check(cudaLaunchKernelEx(shape.config(), scale_and_shift, x, 4, scale, shift));
}

void launch_subtract(const float* a, const float* b, float* out, cudaStream_t stream) {
  LaunchShape shape = LaunchShape(dim3(1), dim3(4)).stream(stream);
  check(cudaLaunchKernelEx(shape.config(), subtract, a, b, out, 4));
}

/// A captured graph, ready to run.
class Graph {
 public:
  Graph(cudaStream_t stream, const std::function<void()>& work) {
    check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
    work();
    check(cudaStreamEndCapture(stream, &graph_));
    check(cudaGraphInstantiate(&executable_, graph_, 0));
  }
  ~Graph() {
    cudaGraphExecDestroy(executable_);
    cudaGraphDestroy(graph_);
  }
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  void launch(cudaStream_t stream) const { check(cudaGraphLaunch(executable_, stream)); }
  std::size_t node_count() const {
    std::size_t count = 0;
    check(cudaGraphGetNodes(graph_, nullptr, &count));
    return count;
  }
  cudaGraphNodeType type_of(std::size_t index) const {
    std::vector<cudaGraphNode_t> nodes(node_count());
    std::size_t count = nodes.size();
    check(cudaGraphGetNodes(graph_, nodes.data(), &count));
    cudaGraphNodeType type{};
    check(cudaGraphNodeGetType(nodes[index], &type));
    return type;
  }

 private:
  cudaGraph_t graph_ = nullptr;
  cudaGraphExec_t executable_ = nullptr;
};

TEST(Graphs, ReplayWhatAStreamWasGiven) {
  const Stream stream;
  const DeviceArray<float> x(4);
  const Graph graph(stream, [&] {
    launch_scale_and_shift(x.data(), 2.0f, 1.0f, stream);
    launch_scale_and_shift(x.data(), 1.0f, 1.0f, stream);
  });
  check(cudaMemset(x.data(), 0, x.bytes()));
  check(cudaDeviceSynchronize());
  for (int i = 0; i < 3; ++i) graph.launch(stream);
  check(cudaStreamSynchronize(stream));
  EXPECT_EQ(x.read(), std::vector<float>(4, 14.0f));
}

TEST(Graphs, ListTheirNodes) {
  const Stream stream;
  const DeviceArray<float> x(4);
  const DeviceArray<float> y(4);
  const Graph graph(stream, [&] {
    check(cudaMemsetAsync(x.data(), 0, x.bytes(), stream));
    check(cudaMemcpyAsync(y.data(), x.data(), x.bytes(), cudaMemcpyDeviceToDevice, stream));
    launch_scale_and_shift(y.data(), 1.0f, 1.0f, stream);
  });
  ASSERT_EQ(graph.node_count(), 3u);
  EXPECT_EQ(graph.type_of(0), cudaGraphNodeTypeMemset);
  EXPECT_EQ(graph.type_of(1), cudaGraphNodeTypeMemcpy);
  EXPECT_EQ(graph.type_of(2), cudaGraphNodeTypeKernel);
  graph.launch(stream);
  check(cudaStreamSynchronize(stream));
  EXPECT_EQ(y.read(), std::vector<float>(4, 1.0f));
}

/// Two branches write `x` and `y`; after they have joined, their difference is taken.
class ForkedGraph : public testing::Test {
 protected:
  void fork_and_join(bool with_join) {
    check(cudaEventRecord(forked_, stream_));
    check(cudaStreamWaitEvent(side_, forked_, 0));
    launch_count_up(x_.data(), 5.0f, stream_);
    launch_count_up(y_.data(), 2.0f, side_);
    check(cudaEventRecord(joined_, side_));
    if (with_join) check(cudaStreamWaitEvent(stream_, joined_, 0));
    launch_subtract(x_.data(), y_.data(), out_.data(), stream_);
    if (!with_join) check(cudaStreamWaitEvent(stream_, joined_, 0));
  }

  std::size_t results_of(const Graph& graph) {
    return distinct_results([&] {
      check(cudaMemset(y_.data(), 0, y_.bytes()));
      check(cudaDeviceSynchronize());
      graph.launch(stream_);
      check(cudaStreamSynchronize(stream_));
      return out_.read();
    });
  }

  Stream stream_;
  Stream side_;
  Event forked_{cudaEventDisableTiming};
  Event joined_{cudaEventDisableTiming};
  DeviceArray<float> x_{4};
  DeviceArray<float> y_{4};
  DeviceArray<float> out_{4};
};

TEST_F(ForkedGraph, RunsBranchesInAnyOrder) {
  const Graph graph(stream_, [&] { fork_and_join(true); });
  EXPECT_EQ(graph.node_count(), 3u);
  EXPECT_EQ(results_of(graph), 1u);
  EXPECT_EQ(out_.read(), std::vector<float>(4, 3.0f));
}

TEST_F(ForkedGraph, MissingJoinShowsInTheBits) {
  const Graph graph(stream_, [&] { fork_and_join(false); });
  EXPECT_GE(results_of(graph), 2u);
}

TEST_F(ForkedGraph, JoinOfHalfABranchShowsInTheBits) {
  const Graph graph(stream_, [&] {
    check(cudaEventRecord(forked_, stream_));
    check(cudaStreamWaitEvent(side_, forked_, 0));
    launch_count_up(x_.data(), 5.0f, stream_);
    launch_count_up(y_.data(), 1.0f, side_);
    check(cudaEventRecord(joined_, side_));
    launch_count_up(y_.data(), 2.0f, side_);
    check(cudaStreamWaitEvent(stream_, joined_, 0));
    launch_subtract(x_.data(), y_.data(), out_.data(), stream_);
    check(cudaEventRecord(joined_, side_));
    check(cudaStreamWaitEvent(stream_, joined_, 0));
  });
  EXPECT_GE(results_of(graph), 2u);
}

TEST_F(ForkedGraph, RefusesABranchThatNeverJoins) {
  check(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeGlobal));
  check(cudaEventRecord(forked_, stream_));
  check(cudaStreamWaitEvent(side_, forked_, 0));
  launch_count_up(y_.data(), 2.0f, side_);
  cudaGraph_t graph = nullptr;
  EXPECT_EQ(cudaStreamEndCapture(stream_, &graph), cudaErrorStreamCaptureUnjoined);
  EXPECT_EQ(graph, nullptr);
  EXPECT_EQ(cudaGetLastError(), cudaErrorStreamCaptureUnjoined);
  check(cudaStreamSynchronize(side_));
}

/// Does something that capture forbids and expects the capture to be lost.
void expect_refusal(const std::function<cudaError_t(cudaStream_t)>& forbidden,
                    cudaError_t refusal = cudaErrorStreamCaptureUnsupported) {
  const Stream stream(cudaStreamDefault);
  check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
  EXPECT_EQ(forbidden(stream), refusal);
  cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
  check(cudaStreamIsCapturing(stream, &status));
  EXPECT_EQ(status, cudaStreamCaptureStatusInvalidated);
  cudaGraph_t graph = nullptr;
  EXPECT_EQ(cudaStreamEndCapture(stream, &graph), cudaErrorStreamCaptureInvalidated);
  EXPECT_EQ(graph, nullptr);
  EXPECT_EQ(cudaGetLastError(), cudaErrorStreamCaptureInvalidated);
  check(cudaStreamIsCapturing(stream, &status));
  EXPECT_EQ(status, cudaStreamCaptureStatusNone);
}

TEST(Capture, RefusesAllocation) {
  void* memory = nullptr;
  expect_refusal([&](cudaStream_t) { return cudaMalloc(&memory, 4); });
  expect_refusal([&](cudaStream_t) { return cudaMallocHost(&memory, 4); });
  check(cudaMalloc(&memory, 4));
  expect_refusal([&](cudaStream_t) { return cudaFree(memory); });
  check(cudaFree(memory));
}

TEST(Capture, RefusesSynchronisation) {
  expect_refusal([](cudaStream_t stream) { return cudaStreamSynchronize(stream); });
  expect_refusal([](cudaStream_t stream) { return cudaStreamQuery(stream); });
  expect_refusal([](cudaStream_t) { return cudaDeviceSynchronize(); });
}

TEST(Capture, RefusesSynchronousCopies) {
  const DeviceArray<float> x(1);
  float host = 0.0f;
  expect_refusal([&](cudaStream_t) {
    return cudaMemcpy(&host, x.data(), sizeof host, cudaMemcpyDeviceToHost);
  });
  expect_refusal([&](cudaStream_t) { return cudaMemset(x.data(), 0, sizeof host); });
}

TEST(Capture, RefusesWorkInTheLegacyStream) {
  const DeviceArray<float> x(1);
  expect_refusal(
      [&](cudaStream_t) {
        LaunchShape shape(dim3(1), dim3(1));
        return cudaLaunchKernelEx(shape.config(), count_up, x.data(), 1, 0.0f);
      },
      cudaErrorStreamCaptureImplicit);
}

TEST(Capture, RefusesToWaitForWorkOutsideIt) {
  const Stream other;
  const Event event;
  check(cudaEventRecord(event, other));
  expect_refusal([&](cudaStream_t stream) { return cudaStreamWaitEvent(stream, event, 0); },
                 cudaErrorStreamCaptureIsolation);
}

TEST(Capture, RefusesToWaitForAnEventWithinIt) {
  const Stream stream;
  const Event event;
  const Graph graph(stream, [&] {
    check(cudaEventRecord(event, stream));
    EXPECT_EQ(cudaEventSynchronize(event), cudaErrorCapturedEvent);
    EXPECT_EQ(cudaEventQuery(event), cudaErrorCapturedEvent);
  });
  EXPECT_EQ(cudaGetLastError(), cudaErrorCapturedEvent);
}

TEST(Capture, AllowsAllocationInRelaxedMode) {
  const Stream stream;
  check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeRelaxed));
  void* memory = nullptr;
  check(cudaMalloc(&memory, 4));
  cudaGraph_t graph = nullptr;
  check(cudaStreamEndCapture(stream, &graph));
  check(cudaGraphDestroy(graph));
  check(cudaFree(memory));
}

TEST(Capture, NeedsAStreamOfItsOwn) {
  EXPECT_EQ(cudaStreamBeginCapture(nullptr, cudaStreamCaptureModeGlobal),
            cudaErrorStreamCaptureUnsupported);
  const Stream stream;
  cudaGraph_t graph = nullptr;
  EXPECT_EQ(cudaStreamEndCapture(stream, &graph), cudaErrorIllegalState);
  EXPECT_EQ(cudaGetLastError(), cudaErrorIllegalState);
}

TEST(Capture, RunsNothing) {
  const Stream stream;
  const DeviceArray<float> x(std::vector<float>(4, 0.0f));
  const Graph graph(stream, [&] { launch_count_up(x.data(), 1.0f, stream); });
  check(cudaStreamSynchronize(stream));
  EXPECT_EQ(x.read(), std::vector<float>(4, 0.0f));
}

TEST(Capture, ThrowsAKernelsErrorWhenTheGraphRuns) {
  const Stream stream;
  const Graph graph(stream, [&] {
    LaunchShape shape = LaunchShape(dim3(1), dim3(1)).stream(stream);
    check(cudaLaunchKernelEx(shape.config(), bug_traps));
  });
  expect_kernel_error(
      [&] {
        graph.launch(stream);
        check(cudaStreamSynchronize(stream));
      },
      {"bug_traps: the kernel trapped"});
}

#if CUDART_VERSION >= 13000

/// The edges of a graph that was captured and not yet made executable.
struct CapturedGraph {
  CapturedGraph(cudaStream_t stream, const std::function<void()>& work) {
    check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
    work();
    check(cudaStreamEndCapture(stream, &graph));
    std::size_t count = 0;
    check(cudaGraphGetEdges(graph, nullptr, nullptr, nullptr, &count));
    from.resize(count);
    to.resize(count);
    check(cudaGraphGetEdges(graph, from.data(), to.data(), nullptr, &count));
  }
  ~CapturedGraph() { cudaGraphDestroy(graph); }
  CapturedGraph(const CapturedGraph&) = delete;
  CapturedGraph& operator=(const CapturedGraph&) = delete;

  cudaError_t instantiate_and_launch(cudaStream_t stream) const {
    cudaGraphExec_t executable = nullptr;
    if (const cudaError_t status = cudaGraphInstantiate(&executable, graph, 0)) return status;
    // A launch may throw.
    const std::unique_ptr<CUgraphExec_st, decltype(&cudaGraphExecDestroy)> owner(
        executable, &cudaGraphExecDestroy);
    return cudaGraphLaunch(executable, stream);
  }

  cudaGraph_t graph = nullptr;
  std::vector<cudaGraphNode_t> from, to;
};

TEST(Graphs, ListTheEdgesThatDoNotFollowFromOthers) {
  const Stream stream, side;
  const Event parted, met;
  const DeviceArray<float> x(4), y(4);
  const CapturedGraph captured(stream, [&] {
    launch_scale_and_shift(x.data(), 2.0f, 1.0f, stream);
    check(cudaEventRecord(parted, stream));
    check(cudaStreamWaitEvent(side, parted));
    launch_scale_and_shift(y.data(), 2.0f, 1.0f, side);
    launch_scale_and_shift(y.data(), 2.0f, 1.0f, side);
    check(cudaEventRecord(met, side));
    launch_scale_and_shift(x.data(), 2.0f, 1.0f, stream);
    check(cudaStreamWaitEvent(stream, met));
    launch_subtract(x.data(), y.data(), y.data(), stream);
  });
  std::vector<cudaGraphNode_t> nodes(5);
  std::size_t count = nodes.size();
  check(cudaGraphGetNodes(captured.graph, nodes.data(), &count));
  std::set<std::pair<cudaGraphNode_t, cudaGraphNode_t>> edges;
  for (std::size_t i = 0; i < captured.from.size(); ++i) {
    edges.emplace(captured.from[i], captured.to[i]);
  }
  const std::set<std::pair<cudaGraphNode_t, cudaGraphNode_t>> expected = {{nodes[0], nodes[1]},
                                                                          {nodes[1], nodes[2]},
                                                                          {nodes[0], nodes[3]},
                                                                          {nodes[2], nodes[4]},
                                                                          {nodes[3], nodes[4]}};
  EXPECT_EQ(edges, expected);
}

TEST(Graphs, DemandThatKernelsWaitBehindProgrammaticEdges) {
  const Stream stream;
  const DeviceArray<float> x(4);
  const CapturedGraph captured(stream, [&] {
    launch_scale_and_shift(x.data(), 2.0f, 1.0f, stream);
    launch_scale_and_shift(x.data(), 2.0f, 1.0f, stream);
  });
  cudaGraphEdgeData edge{};
  EXPECT_EQ(
      cudaGraphAddDependencies(captured.graph, captured.from.data(), captured.to.data(), &edge, 1),
      cudaErrorInvalidValue)
      << "it is there already";
  check(cudaGraphRemoveDependencies(captured.graph, captured.from.data(), captured.to.data(), &edge,
                                    1));
  EXPECT_EQ(captured.instantiate_and_launch(stream), cudaErrorNotSupported);
  edge.from_port = cudaGraphKernelNodePortProgrammatic;
  edge.type = cudaGraphDependencyTypeProgrammatic;
  check(
      cudaGraphAddDependencies(captured.graph, captured.from.data(), captured.to.data(), &edge, 1));
  const auto run = [&] {
    check(captured.instantiate_and_launch(stream));
    check(cudaStreamSynchronize(stream));
  };
  EXPECT_THROW(run(), emulator::Error);
}

#endif

}  // namespace
}  // namespace polyak::emulator_tests
