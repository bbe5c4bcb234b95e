// Drawing transitions uniformly from the replays (polyak/core/replay.hpp), and counting what can be
// drawn.
//
//   replay rows [agents, streams, rows_per_stream, row]; a row is [observation | action | reward |
//   kind]; the outputs are row-major matrices [batch, features] and vectors [batch] per agent
//   (replay.hpp).
//
// sample_batch: one thread per row of the batch, grid (batch / 64, agents), small blocks so that a
// small batch spreads over the device. Every thread draws its row; then its warp gathers the 32
// rows together, neighbouring lanes moving neighbouring floats. Bound by the latency of three
// dependent loads at random addresses (the stream's length, the row's kind, the row); a batch of
// 65,536 rows is in flight at once.
//
// count_closed_rows: one block per agent, thread t counts streams t, t + 256, ...; bound by
// latency.
#include "kernels/agent_views.cuh"
#include "kernels/random.cuh"
#include "kernels/reduction.cuh"
#include "kernels/replay.hpp"

namespace polyak::kernels {
namespace {

constexpr int sample_threads = 64;

/// What a warp has drawn: two rows of the replay for each of its rows of the batch.
struct DrawnRows {
  const float* row[32];
  const float* next_row[32];
};

__device__ void draw_row(const SampleBatch& arguments, const ReplayView& replay, std::int64_t agent,
                         int batch_row, std::int64_t update, int slot, DrawnRows& drawn) {
  const CurandRandom random{arguments.seed[agent]};
  const auto generate = [&](std::uint32_t draw) {
    return random(static_cast<std::uint32_t>(batch_row), static_cast<std::uint64_t>(update),
                  Purpose::replay_sample, draw);
  };
  const ReplayIndex index =
      sample_transition(replay, arguments.replays.most_closed_rows[agent], generate);
  const float* const row = replay.row(index.stream, index.number);
  drawn.row[slot] = row;
  drawn.next_row[slot] = replay.row(index.stream, index.number + 1);
  const std::int64_t at = agent * arguments.batch + batch_row;
  arguments.reward[at] = row[replay.layout.reward_offset()];
  arguments.terminated[at] = row_kind(replay, row) == RowKind::terminated ? 1 : 0;
}

__global__ void __launch_bounds__(sample_threads) sample_batch(const SampleBatch arguments) {
  POLYAK_SHARED(DrawnRows, drawn_by_warps, [sample_threads / 32]);
  const std::int64_t agent = blockIdx.y;
  const std::int64_t update = *arguments.updates;
  if (agent == 0 && global_thread() == 0) *arguments.updates_copy = update;
  const ReplayView replay = replay_of(arguments.replays, agent);
  const int thread = static_cast<int>(threadIdx.x);
  const int lane = thread % 32;
  DrawnRows& drawn = drawn_by_warps[thread / 32];
  const int first_row = static_cast<int>(blockIdx.x) * sample_threads + thread / 32 * 32;
  const int rows = min(32, arguments.batch - first_row);
  if (lane < rows) draw_row(arguments, replay, agent, first_row + lane, update, lane, drawn);
  __syncwarp();

  const int observation_size = replay.layout.observation_size;
  const int width = observation_size + replay.layout.action_size;
  for (int at = lane; at < rows * width; at += 32) {
    const int slot = at / width, feature = at % width;
    const int batch_row = first_row + slot;
    const float value = drawn.row[slot][feature];
    row_of(arguments.transition, agent, batch_row)[feature] = value;
    if (feature < observation_size) {
      row_of(arguments.observation, agent, batch_row)[feature] = value;
      row_of(arguments.next_observation, agent, batch_row)[feature] = drawn.next_row[slot][feature];
    }
  }
}

constexpr int count_threads = 256;

__global__ void __launch_bounds__(count_threads) count_closed_rows(const Replays replays) {
  POLYAK_SHARED(std::int64_t, warp_most, [count_threads / 32]);
  const std::int64_t agent = blockIdx.x;
  const ReplayView replay = replay_of(replays, agent);
  std::int64_t most = 0;
  for (std::int64_t stream = threadIdx.x; stream < replays.streams; stream += count_threads) {
    const std::int64_t closed = closed_rows(replay, stream);
    most = closed > most ? closed : most;
  }
  most = warp_max(most);
  if (threadIdx.x % 32 == 0) warp_most[threadIdx.x / 32] = most;
  __syncthreads();
  if (threadIdx.x != 0) return;
  for (const std::int64_t other : warp_most) most = other > most ? other : most;
  replays.most_closed_rows[agent] = most;
}

}  // namespace

cudaError_t launch_count_closed_rows(int agents, const Replays& replays, cudaStream_t stream) {
  if (agents == 0) return cudaSuccess;
  const cudaLaunchConfig_t config = launch_config(grid_size(agents), count_threads, stream);
  return cudaLaunchKernelEx(&config, count_closed_rows, replays);
}

cudaError_t launch_sample_batch(const SampleBatch& arguments, cudaStream_t stream) {
  if (arguments.agents == 0 || arguments.batch == 0) return cudaSuccess;
  const dim3 grid(grid_size(divide_up(arguments.batch, sample_threads)),
                  grid_size(arguments.agents));
  const cudaLaunchConfig_t config = launch_config(grid, sample_threads, stream);
  return cudaLaunchKernelEx(&config, sample_batch, arguments);
}

}  // namespace polyak::kernels
