#include "kernels/launch.cuh"
#include "kernels/transfer_barrier.cuh"
#include "kernels/transfer_barrier.hpp"

namespace polyak::test {
namespace {

constexpr int max_blocks = 8, place_floats = 8, threads = 64;

/// As a network learns: what arrives is used, and only then does an answer let the others go on.
struct Exchange {
  kernels::TransferBarrier data, answers;
};

__global__ void __launch_bounds__(threads)
    exchange_numbers(const int blocks, const int phases, float* received) {
  POLYAK_SHARED(Exchange, exchange, );
  POLYAK_SHARED(float4, places, [max_blocks][place_floats / 4]);
  POLYAK_SHARED(float, answers, [max_blocks]);
  const int thread = static_cast<int>(threadIdx.x), own = static_cast<int>(blockIdx.x);
  const auto expect = [&] {
    exchange.data.expect(static_cast<unsigned>(blocks) * transferred_floats * sizeof(float));
    exchange.answers.expect(static_cast<unsigned>(blocks) * sizeof(float));
  };
  if (thread == 0) {
    exchange.data.initialise();
    exchange.answers.initialise();
    expect();
  }
  kernels::cluster_sync();
  float* const place = reinterpret_cast<float*>(places[own]);
  for (int phase = 0; phase < phases; ++phase) {
    if (thread < blocks) {
      const auto rank = static_cast<unsigned>(thread);
      const auto value = [&](int i) { return transferred_value(phase, own, thread, i); };
      exchange.data.store(reinterpret_cast<float4*>(place),
                          float4{value(0), value(1), value(2), value(3)}, rank);
      exchange.data.store(reinterpret_cast<float2*>(place + 4), float2{value(4), value(5)}, rank);
      exchange.data.store(place + 6, value(6), rank);
    }
    exchange.data.wait(static_cast<unsigned>(phase));
    if (thread < blocks) {
      const float* const from = reinterpret_cast<const float*>(places[thread]);
      float* const to = received + ((phase * blocks + own) * blocks + thread) * transferred_floats;
      for (int i = 0; i < transferred_floats; ++i) to[i] = from[i];
    }
    __syncthreads();
    if (thread < blocks) exchange.answers.store(answers + own, 1.0f, static_cast<unsigned>(thread));
    exchange.answers.wait(static_cast<unsigned>(phase));
    if (thread == 0) expect();
  }
  kernels::cluster_sync();
}

}  // namespace

cudaError_t launch_transfers(int blocks, int phases, float* received) {
  cudaLaunchConfig_t config =
      kernels::launch_config(static_cast<unsigned>(blocks), threads, nullptr);
  cudaLaunchAttribute attribute{};
  attribute.id = cudaLaunchAttributeClusterDimension;
  attribute.val.clusterDim = {static_cast<unsigned>(blocks), 1, 1};
  config.attrs = &attribute;
  config.numAttrs = 1;
  return cudaLaunchKernelEx(&config, exchange_numbers, blocks, phases, received);
}

}  // namespace polyak::test
