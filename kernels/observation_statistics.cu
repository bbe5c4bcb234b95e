// Running mean and variance per agent and feature, merged with those of a vector step's
// observations (Chan, Golub & LeVeque 1979), and x <- (x - mean) / sqrt(variance + 1e-8).
//
//   observation, normalised [streams, observation_size] per agent as row-major matrices; moments
//   and normalisers [agents, observation_size] (observation_statistics.hpp).
//
// One block per agent, feature after feature; a thread has one of the running sums, which are in
// double, of polyak/core/summation.hpp: first the mean, then the squared deviations from it. Bound
// by the latency of two reductions per feature.
#include "kernels/agent_views.cuh"
#include "kernels/observation_statistics.hpp"
#include "kernels/reduction.cuh"

namespace polyak::kernels {
namespace {

constexpr int threads = row_sum_threads;

/// The moments of one feature over the agent's streams, to every thread. A barrier must come before
/// the next call.
__device__ Moments moments_of_streams(const NormaliseObservations& arguments, std::int64_t agent,
                                      int feature) {
  const auto sum_over_streams = [&](const auto& term) {
    double sum = 0.0;
    visit_rows_of_sum({static_cast<int>(arguments.streams)}, [&](int stream) {
      sum += term(static_cast<double>(row_of(arguments.observation, agent, stream)[feature]));
    });
    return sum_of_row_sums(sum);
  };
  const double mean =
      sum_over_streams([](double value) { return value; }) / static_cast<double>(arguments.streams);
  __syncthreads();
  const double squares =
      sum_over_streams([mean](double value) { return (value - mean) * (value - mean); });
  return {mean, squares};
}

__global__ void __launch_bounds__(threads)
    normalise_observations(const NormaliseObservations arguments) {
  const std::int64_t agent = blockIdx.x;
  const std::int64_t first = agent * arguments.observation_size;
  const double streams = static_cast<double>(arguments.streams);
  const double count = static_cast<double>(*arguments.vector_steps) * streams;
#pragma unroll 1
  for (int feature = 0; feature < arguments.observation_size; ++feature) {
    Moments added{};
    if (arguments.fold) added = moments_of_streams(arguments, agent, feature);
    if (threadIdx.x == 0) {
      Moments& moments = arguments.moments[first + feature];
      if (arguments.fold) moments = merge_moments(count, moments, streams, added);
      const double new_count = arguments.fold ? count + streams : count;
      arguments.normalisers.mean[first + feature] = static_cast<float>(moments.mean);
      arguments.normalisers.scale[first + feature] = observation_scale(new_count, moments);
    }
    __syncthreads();
  }
  const ObservationNormaliser normalise{arguments.normalisers.mean + first,
                                        arguments.normalisers.scale + first};
  for (std::int64_t stream = threadIdx.x; stream < arguments.streams; stream += threads) {
    const float* const from = row_of(arguments.observation, agent, stream);
    float* const to = row_of(arguments.normalised, agent, stream);
    for (int feature = 0; feature < arguments.observation_size; ++feature) {
      to[feature] = normalise(feature, from[feature]);
    }
  }
}

}  // namespace

cudaError_t launch_normalise_observations(const NormaliseObservations& arguments,
                                          cudaStream_t stream) {
  if (arguments.agents == 0 || arguments.streams == 0) return cudaSuccess;
  const cudaLaunchConfig_t config = launch_config(grid_size(arguments.agents), threads, stream);
  return cudaLaunchKernelEx(&config, normalise_observations, arguments);
}

}  // namespace polyak::kernels
