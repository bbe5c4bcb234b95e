// Drawing transitions uniformly from the replays (polyak/core/replay.hpp), and counting what can be
// drawn.
//
//   replay rows [agents, environments, rows_per_environment, row]; a row is [observation | action |
//   reward | kind]; the outputs are row-major matrices [batch, features] and vectors [batch] per
//   agent (replay.hpp).
//
// claim_transitions: one thread per row of the batch, grid (batch / 64, agents). The rows propose
// to the transitions of their draws in order, and a transition takes the earliest row (Gale &
// Shapley 1962; as all transitions rank the rows alike, the outcome is that of the rows choosing in
// turn, whatever the order of the threads). Bound by the latency of an atomic operation per draw.
//
// sample_batch: one thread per row of the batch, grid (batch / 64, agents), small blocks so that a
// small batch spreads over the device. Every thread draws its row; then its warp gathers the 32
// rows together, neighbouring lanes moving neighbouring floats. Bound by the latency of three
// dependent loads at random addresses (the ring's length, the row's kind, the row); a batch of
// 65,536 rows is in flight at once.
//
// count_closed_rows: one block per agent, thread t counts environments t, t + 256, ...; bound by
// latency.
#include "kernels/agent_views.cuh"
#include "kernels/launch.cuh"
#include "kernels/random.cuh"
#include "kernels/reduction.cuh"
#include "kernels/replay.hpp"

namespace polyak::kernels {
namespace {

constexpr int sample_threads = 64;

/// One agent's part of the draws, as the functions that CPU and GPU share see it.
struct AgentDraws {
  ReplayView replay;
  std::int64_t max_closed_rows;
  CurandRandom random;
  std::uint64_t update;
  std::int32_t* claims;

  /// The first acceptable draw of a row of the batch.
  template <class Accept>
  __device__ ReplayIndex first_draw(int row, const Accept& accept) const {
    const auto generate = [&](std::uint32_t draw) {
      return random(static_cast<std::uint32_t>(row), update, Purpose::replay_sample, draw);
    };
    return sample_transition(replay, max_closed_rows, generate, accept);
  }
};

__device__ AgentDraws draws_of(const Draws& draws, std::int64_t agent) {
  const Replays& replays = draws.replays;
  const std::int64_t places = replays.environments * replays.rows_per_environment;
  return {replay_of(replays, agent),
          replays.max_closed_rows[agent],
          {draws.seed[agent]},
          static_cast<std::uint64_t>(*draws.updates),
          draws.claims == nullptr ? nullptr : draws.claims + agent * places};
}

__global__ void __launch_bounds__(sample_threads) claim_transitions(const Draws arguments) {
  wait_for_previous_kernel();
  const int batch = arguments.batch;
  if (global_thread() >= batch) return;
  const AgentDraws draws = draws_of(arguments, blockIdx.y);
  // Where an earlier row takes a transition, the thread that displaced the row with the older claim
  // goes on with that row's draws. They may begin with the first one again: a transition that was
  // refused once is refused now.
  for (int claim = batch - static_cast<int>(global_thread()); claim != 0;) {
    int displaced = 0;
    draws.first_draw(batch - claim, [&](const ReplayIndex& index) {
      displaced = atomicMax(draws.claims + draws.replay.place(index), claim);
      return displaced < claim;
    });
    claim = displaced;
  }
}

/// The transition that row `row` of the batch has.
__device__ ReplayIndex drawn_transition(const AgentDraws& draws, int row, int batch) {
  if (draws.claims == nullptr) {
    return draws.first_draw(row, [](const ReplayIndex&) { return true; });
  }
  const int claim = batch - row;
  // Only the comparison of the row with the claim succeeds, and clears it for the next batch.
  return draws.first_draw(row, [&](const ReplayIndex& index) {
    return atomicCAS(draws.claims + draws.replay.place(index), claim, 0) == claim;
  });
}

/// What a warp has drawn: two rows of the replay for each of its rows of the batch.
struct DrawnRows {
  const float* row[32];
  const float* last_row[32];
};

__device__ void draw_row(const SampleBatch& arguments, const AgentDraws& draws, std::int64_t agent,
                         int batch_row, int slot, DrawnRows& drawn) {
  const ReplayView& replay = draws.replay;
  const int batch = arguments.draws.batch;
  const ReplayIndex index = drawn_transition(draws, batch_row, batch);
  const SampledReturn sampled = sampled_return(replay, index, arguments.returns[agent]);
  drawn.row[slot] = replay.row(index.environment, index.number);
  drawn.last_row[slot] = replay.row(index.environment, sampled.last);
  const std::int64_t at = agent * batch + batch_row;
  arguments.reward[at] = sampled.reward;
  arguments.bootstrap_discount[at] = sampled.bootstrap_discount;
}

__global__ void __launch_bounds__(sample_threads) sample_batch(const SampleBatch arguments) {
  wait_for_previous_kernel();
  POLYAK_SHARED(DrawnRows, drawn_by_warps, [sample_threads / 32]);
  const std::int64_t agent = blockIdx.y;
  const AgentDraws draws = draws_of(arguments.draws, agent);
  if (agent == 0 && global_thread() == 0) *arguments.updates_copy = *arguments.draws.updates;
  const int thread = static_cast<int>(threadIdx.x);
  const int lane = thread % 32;
  DrawnRows& drawn = drawn_by_warps[thread / 32];
  const int first_row = static_cast<int>(blockIdx.x) * sample_threads + thread / 32 * 32;
  const int rows = min(32, arguments.draws.batch - first_row);
  if (lane < rows) draw_row(arguments, draws, agent, first_row + lane, lane, drawn);
  __syncwarp();

  const ObservationNormaliser normalise = normaliser_of(arguments.normalisers, agent);
  const int observation_size = draws.replay.layout.observation_size;
  const int width = observation_size + draws.replay.layout.action_size;
  for (int at = lane; at < rows * width; at += 32) {
    const int slot = at / width, feature = at % width;
    const int batch_row = first_row + slot;
    const float value = drawn.row[slot][feature];
    float* const transition = row_of(arguments.transition, agent, batch_row);
    if (feature >= observation_size) {
      transition[feature] = value;
      continue;
    }
    const float observation = normalise(feature, value);
    transition[feature] = observation;
    row_of(arguments.observation, agent, batch_row)[feature] = observation;
    row_of(arguments.next_observation, agent, batch_row)[feature] =
        normalise(feature, drawn.last_row[slot][feature]);
  }
}

constexpr int count_threads = 256;

__global__ void __launch_bounds__(count_threads) count_closed_rows(const Replays replays) {
  wait_for_previous_kernel();
  POLYAK_SHARED(std::int64_t, warp_max_rows, [count_threads / 32]);
  const std::int64_t agent = blockIdx.x;
  const ReplayView replay = replay_of(replays, agent);
  std::int64_t max_rows = 0;
  for (std::int64_t environment = threadIdx.x; environment < replays.environments;
       environment += count_threads) {
    const std::int64_t closed = closed_rows(replay, environment);
    max_rows = closed > max_rows ? closed : max_rows;
  }
  max_rows = warp_max(max_rows);
  if (threadIdx.x % 32 == 0) warp_max_rows[threadIdx.x / 32] = max_rows;
  __syncthreads();
  if (threadIdx.x != 0) return;
  for (const std::int64_t other : warp_max_rows) max_rows = other > max_rows ? other : max_rows;
  replays.max_closed_rows[agent] = max_rows;
}

/// One thread for every row of every batch.
cudaLaunchConfig_t launch_for(const Draws& draws, cudaStream_t stream) {
  const dim3 grid(grid_size(divide_up(draws.batch, sample_threads)), grid_size(draws.agents));
  return launch_config(grid, sample_threads, stream);
}

}  // namespace

cudaError_t launch_count_closed_rows(int agents, const Replays& replays, cudaStream_t stream) {
  if (agents == 0) return cudaSuccess;
  const cudaLaunchConfig_t config = launch_config(grid_size(agents), count_threads, stream);
  return cudaLaunchKernelEx(&config, count_closed_rows, replays);
}

cudaError_t launch_claim_transitions(const Draws& arguments, cudaStream_t stream) {
  if (arguments.agents == 0 || arguments.batch == 0) return cudaSuccess;
  const cudaLaunchConfig_t config = launch_for(arguments, stream);
  return cudaLaunchKernelEx(&config, claim_transitions, arguments);
}

cudaError_t launch_sample_batch(const SampleBatch& arguments, cudaStream_t stream) {
  if (arguments.draws.agents == 0 || arguments.draws.batch == 0) return cudaSuccess;
  const cudaLaunchConfig_t config = launch_for(arguments.draws, stream);
  return cudaLaunchKernelEx(&config, sample_batch, arguments);
}

}  // namespace polyak::kernels
