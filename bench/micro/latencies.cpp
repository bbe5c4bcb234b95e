// How long one thing takes that must wait for the one before: what a training of small networks, a
// chain of some 25 dependent steps, is made of.
#include <memory>
#include <span>
#include <string>

#include "backend/cuda/device/check.hpp"
#include "micro/latency_kernels.hpp"
#include "micro/operands.hpp"
#include "micro/operation.hpp"
#include "polyak/core/error.hpp"

namespace polyak::bench {
namespace {

/// So many that the launch is a small part.
int steps(Sizes sizes, int full) { return sizes == Sizes::full ? full : 4; }

int attribute(cudaDeviceAttr which) {
  int device = 0, value = 0;
  cuda::check(cudaGetDevice(&device), "cudaGetDevice");
  cuda::check(cudaDeviceGetAttribute(&value, which, device), "cudaDeviceGetAttribute");
  return value;
}

Operation graph_nodes(cuda::Launches launches) {
  constexpr int nodes = 16;
  return {launches == cuda::Launches::in_turn ? "latency: graph node to node"
                                              : "latency: graph node to node, overlapping",
          "empty kernels",
          Bound::latency,
          nodes,
          "nodes",
          [](const cuda::Stream& stream, std::int64_t) {
            for (int i = 0; i < nodes; ++i) {
              cuda::check(launch_nothing(stream.get()), "launch_nothing");
            }
          },
          launches};
}

Operation block_barriers(int threads, int count) {
  return {"latency: block barrier",
          std::to_string(threads) + " threads",
          Bound::latency,
          static_cast<double>(count),
          "barriers",
          [=](const cuda::Stream& stream, std::int64_t) {
            cuda::check(launch_block_barriers(threads, count, stream.get()),
                        "launch_block_barriers");
          }};
}

constexpr int threads_of_several_blocks = 256;

Operation cluster_barriers(int blocks, int count) {
  return {"latency: cluster barrier",
          std::to_string(blocks) + " x " + std::to_string(threads_of_several_blocks) + " threads",
          Bound::latency,
          static_cast<double>(count),
          "barriers",
          [=](const cuda::Stream& stream, std::int64_t) {
            cuda::check(
                launch_cluster_barriers(blocks, threads_of_several_blocks, count, stream.get()),
                "launch_cluster_barriers");
          }};
}

Operation grid_barriers(int count) {
  const auto arrivals =
      std::make_shared<cuda::DeviceBuffer<unsigned>>(filled(1, 0u, "arrivals at a barrier"));
  const int blocks = attribute(cudaDevAttrMultiProcessorCount);
  return {"latency: grid barrier",
          std::to_string(blocks) + " x " + std::to_string(threads_of_several_blocks) + " threads",
          Bound::latency,
          static_cast<double>(count),
          "barriers",
          [=](const cuda::Stream& stream, std::int64_t) {
            cuda::check(launch_grid_barriers(arrivals->data(), blocks, threads_of_several_blocks,
                                             count, stream.get()),
                        "launch_grid_barriers");
          }};
}

Operation messages(int count) {
  const auto result =
      std::make_shared<cuda::DeviceBuffer<unsigned>>(filled(1, 0u, "messages' result"));
  const cuda::Stream first;
  cuda::check(launch_messages(result->data(), count, first.get()), "launch_messages");
  unsigned arrived = 0;
  cuda::download(std::span(&arrived, 1), *result, first);
  first.synchronize();
  if (arrived != static_cast<unsigned>(count)) {
    throw RunError(std::to_string(count) + " messages between blocks ended as " +
                   std::to_string(arrived));
  }
  return {"latency: store to another block",
          "st.async, mbarrier",
          Bound::latency,
          static_cast<double>(count),
          "messages",
          [=](const cuda::Stream& stream, std::int64_t) {
            cuda::check(launch_messages(result->data(), count, stream.get()), "launch_messages");
          }};
}

Operation loads(const std::string& from, std::int64_t lines, int count) {
  const auto chain =
      std::make_shared<cuda::DeviceBuffer<unsigned>>(lines * chain_line_words, "a chain");
  const auto place = std::make_shared<cuda::DeviceBuffer<unsigned>>(filled(1, 0u, "a place"));
  const cuda::Stream maker;
  cuda::check(launch_make_chain(chain->data(), lines, maker.get()), "launch_make_chain");
  maker.synchronize();
  return {"latency: load from " + from,
          std::to_string(chain->bytes()) + " bytes",
          Bound::latency,
          static_cast<double>(count),
          "loads",
          [=](const cuda::Stream& stream, std::int64_t) {
            cuda::check(launch_follow_chain(chain->data(), place->data(), count, stream.get()),
                        "launch_follow_chain");
          }};
}

/// Whether the device has clusters, and room for one of so many blocks.
bool has_room_for_cluster(int blocks) {
  constexpr int first_with_clusters = 9;  // Hopper
  if (attribute(cudaDevAttrComputeCapabilityMajor) < first_with_clusters) return false;
  const cuda::Stream stream;
  const cudaError_t status =
      launch_cluster_barriers(blocks, threads_of_several_blocks, 1, stream.get());
  if (status == cudaErrorInvalidClusterSize) {
    (void)cudaGetLastError();
    return false;
  }
  cuda::check(status, "launch_cluster_barriers");
  stream.synchronize();
  return true;
}

}  // namespace

std::vector<OperationMaker> latency_operations(Sizes sizes) {
  std::vector<OperationMaker> operations = {
      [] { return graph_nodes(cuda::Launches::in_turn); },
      [] { return graph_nodes(cuda::Launches::overlapping); }};
  for (const int threads : {128, 256, 512, 1024}) {
    operations.emplace_back([=] { return block_barriers(threads, steps(sizes, 4096)); });
  }
  for (const int blocks : {2, 4, 8, 16}) {
    if (!has_room_for_cluster(blocks)) continue;
    operations.emplace_back([=] { return cluster_barriers(blocks, steps(sizes, 1024)); });
  }
  operations.emplace_back([=] { return grid_barriers(steps(sizes, 512)); });
  if (has_room_for_cluster(2)) {
    operations.emplace_back([=] { return messages(steps(sizes, 1024)); });
  }
  // One far smaller than the cache, and one of which a measurement sees but a part.
  const bool full = sizes == Sizes::full;
  operations.emplace_back([=] { return loads("L2", full ? 1 << 14 : 8, steps(sizes, 1024)); });
  operations.emplace_back([=] { return loads("memory", full ? 1 << 21 : 64, steps(sizes, 1024)); });
  return operations;
}

}  // namespace polyak::bench
