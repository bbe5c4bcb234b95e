// Running mean and variance per agent and feature, merged with those of a vector step's
// observations (Chan, Golub & LeVeque 1979), and x <- (x - mean) / sqrt(variance + 1e-8).
//
//   observation, normalised [environments, observation_size] per agent as row-major matrices;
//   moments and normalisers [agents, observation_size] (observation_statistics.hpp).
//
// One block per agent, feature after feature; a thread has one of the running sums, which are in
// double, of polyak/core/summation.hpp: first the mean, then the squared deviations from it. Bound
// by the latency of two reductions per feature.
#include "kernels/agent_views.cuh"
#include "kernels/launch.cuh"
#include "kernels/observation_statistics.hpp"
#include "kernels/reduction.cuh"

namespace polyak::kernels {
namespace {

constexpr int threads = row_sum_threads;

/// The moments of one feature over the agent's environments, to every thread. A barrier must come
/// before the next call.
__device__ Moments moments_of_environments(const NormaliseObservations& arguments,
                                           std::int64_t agent, int feature) {
  const auto sum_over_environments = [&](const auto& term) {
    double sum = 0.0;
    visit_rows_of_sum({static_cast<int>(arguments.environments)}, [&](int environment) {
      sum += term(static_cast<double>(row_of(arguments.observation, agent, environment)[feature]));
    });
    return sum_of_row_sums(sum);
  };
  const double mean = sum_over_environments([](double value) { return value; }) /
                      static_cast<double>(arguments.environments);
  __syncthreads();
  const double squares =
      sum_over_environments([mean](double value) { return (value - mean) * (value - mean); });
  return {mean, squares};
}

__global__ void __launch_bounds__(threads)
    normalise_observations(const NormaliseObservations arguments) {
  wait_for_previous_kernel();
  const std::int64_t agent = blockIdx.x;
  const std::int64_t first = agent * arguments.observation_size;
  const double environments = static_cast<double>(arguments.environments);
  const double count = static_cast<double>(*arguments.vector_steps) * environments;
#pragma unroll 1
  for (int feature = 0; feature < arguments.observation_size; ++feature) {
    Moments added{};
    if (arguments.fold) added = moments_of_environments(arguments, agent, feature);
    if (threadIdx.x == 0) {
      Moments& moments = arguments.moments[first + feature];
      if (arguments.fold) moments = merge_moments(count, moments, environments, added);
      const double new_count = arguments.fold ? count + environments : count;
      arguments.normalisers.mean[first + feature] = static_cast<float>(moments.mean);
      arguments.normalisers.scale[first + feature] = observation_scale(new_count, moments);
    }
    __syncthreads();
  }
  const ObservationNormaliser normalise{arguments.normalisers.mean + first,
                                        arguments.normalisers.scale + first};
  for (std::int64_t environment = threadIdx.x; environment < arguments.environments;
       environment += threads) {
    const float* const from = row_of(arguments.observation, agent, environment);
    float* const to = row_of(arguments.normalised, agent, environment);
    for (int feature = 0; feature < arguments.observation_size; ++feature) {
      to[feature] = normalise(feature, from[feature]);
    }
  }
}

}  // namespace

cudaError_t launch_normalise_observations(const NormaliseObservations& arguments,
                                          cudaStream_t stream) {
  if (arguments.agents == 0 || arguments.environments == 0) return cudaSuccess;
  const cudaLaunchConfig_t config = launch_config(grid_size(arguments.agents), threads, stream);
  return cudaLaunchKernelEx(&config, normalise_observations, arguments);
}

}  // namespace polyak::kernels
