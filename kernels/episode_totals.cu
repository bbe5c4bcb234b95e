// Sums of the environments' episode totals per agent.
//
//   environment totals [agents, environments], agent totals [agents] (episode_totals.hpp).
//
// One block per agent; a thread adds the environments of one of the running sums of
// polyak/core/summation.hpp and sets them to zero. Bound by memory.
#include <cstdint>

#include "kernels/episode_totals.hpp"
#include "kernels/launch.cuh"
#include "kernels/reduction.cuh"

namespace polyak::kernels {
namespace {

constexpr int threads = row_sum_threads;
constexpr std::int64_t never = INT64_MAX;  // later than every step

__global__ void __launch_bounds__(threads)
    gather_episode_totals(const GatherEpisodeTotals arguments) {
  wait_for_previous_kernel();
  const std::int64_t agent = blockIdx.x;
  EpisodeTotals* const of_environments =
      arguments.environment_totals + agent * arguments.environments;
  EpisodeTotals sum{};
  sum.non_finite_step = never;
  visit_rows_of_sum({static_cast<int>(arguments.environments)}, [&](int environment) {
    const EpisodeTotals totals = of_environments[environment];
    sum.return_sum += totals.return_sum;
    sum.episodes += totals.episodes;
    sum.steps += totals.steps;
    sum.saturated_actions += totals.saturated_actions;
    if (totals.non_finite_step != 0 && totals.non_finite_step < sum.non_finite_step) {
      sum.non_finite_step = totals.non_finite_step;
    }
    of_environments[environment] = EpisodeTotals{};
  });
  const double return_sum = sum_of_row_sums(sum.return_sum);
  __syncthreads();
  const std::int64_t episodes = block_sum<threads>(sum.episodes);
  __syncthreads();
  const std::int64_t steps = block_sum<threads>(sum.steps);
  __syncthreads();
  const std::int64_t saturated = block_sum<threads>(sum.saturated_actions);
  __syncthreads();
  const std::int64_t first = block_min<threads>(sum.non_finite_step);
  if (threadIdx.x == 0) {
    arguments.agent_totals[agent] = {return_sum, episodes, steps, first == never ? 0 : first,
                                     saturated};
  }
}

}  // namespace

cudaError_t launch_gather_episode_totals(const GatherEpisodeTotals& arguments,
                                         cudaStream_t stream) {
  if (arguments.agents == 0) return cudaSuccess;
  const cudaLaunchConfig_t config = launch_config(grid_size(arguments.agents), threads, stream);
  return cudaLaunchKernelEx(&config, gather_episode_totals, arguments);
}

}  // namespace polyak::kernels
