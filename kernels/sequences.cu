// Sequences of the replay for recurrent networks (polyak/core/sequence.hpp): runs of up to `length`
// transitions of one episode, the first of which may be burn-in (Kapturowski et al. 2019, section
// 3), or episodes from their beginning (Heess et al. 2015, arXiv 1512.04455).
//
//   replay rows [agents, environments, rows_per_environment, row]; a row is [observation | action |
//   reward | kind]; the outputs are row-major matrices and vectors of steps * batch rows per agent,
//   row t * batch + b (sequences.hpp).
//
// draw_sequences: one block per agent, thread t draws sequences t, t + 512, ... and their learned
// transitions are added up in a tree. Bound by the latency of a sequence's dependent loads, the
// kinds of its rows one after the other.
//
// gather_sequences: one thread per row, grid (rows / 64, agents), small blocks so that a small
// batch spreads over the device. Every thread looks its row up; then its warp gathers the 32 rows
// together, neighbouring lanes moving neighbouring floats. Bound by the latency of two dependent
// loads at random addresses, by memory for large batches.
#include "kernels/agent_views.cuh"
#include "kernels/launch.cuh"
#include "kernels/random.cuh"
#include "kernels/reduction.cuh"
#include "kernels/sequences.hpp"

namespace polyak::kernels {
namespace {

constexpr int draw_threads = 512, gather_threads = 64;

__global__ void __launch_bounds__(draw_threads) draw_sequences(const DrawSequences arguments) {
  wait_for_previous_kernel();
  const std::int64_t agent = blockIdx.x;
  const Draws& draws = arguments.draws;
  const ReplayView replay = replay_of(draws.replays, agent);
  const CurandRandom random{draws.seed[agent]};
  const std::int64_t update = *draws.updates;
  std::int32_t learned_steps = 0;
  for (int row = static_cast<int>(threadIdx.x); row < draws.batch; row += draw_threads) {
    const auto generate = [&](std::uint32_t draw) {
      return random(static_cast<std::uint32_t>(row), static_cast<std::uint64_t>(update),
                    Purpose::replay_sample, draw);
    };
    const ReplayIndex drawn =
        sample_transition(replay, draws.replays.max_closed_rows[agent], generate);
    const Sequence sequence = sequence_at(replay, drawn, arguments.settings);
    arguments.sequences[agent * draws.batch + row] = sequence;
    learned_steps += sequence.learned_to - sequence.learned_from;
  }
  learned_steps = block_sum<draw_threads>(learned_steps);
  if (threadIdx.x != 0) return;
  arguments.learned_steps[agent] = learned_steps;
  if (agent == 0) *arguments.updates_copy = update;
}

__host__ __device__ std::int64_t rows_of(const GatherSequences& arguments) {
  return std::int64_t{arguments.settings.steps()} * arguments.batch;
}

/// What a warp gathers: a row of the replay for each of its rows, null beyond a sequence's end, and
/// what came before it.
struct WarpRows {
  const float* row[32];
  StepBefore before[32];
};

/// Looks up time t of a sequence, and writes what the loss needs of it.
__device__ void look_up_row(const GatherSequences& arguments, std::int64_t agent,
                            std::int64_t batch_row, int slot, WarpRows& found) {
  const ReplayView replay = replay_of(arguments.replays, agent);
  const int b = static_cast<int>(batch_row % arguments.batch);
  const int t = static_cast<int>(batch_row / arguments.batch);
  const Sequence sequence = arguments.sequences[agent * arguments.batch + b];
  const ReturnSettings& returns = arguments.returns[agent];
  const ReplayIndex index{sequence.first.environment, sequence.first.number + t};
  found.row[slot] = nullptr;
  found.before[slot] = {nullptr, 0.0f};
  if (t < sequence.rows) {
    found.row[slot] = replay.row(index.environment, index.number);
    found.before[slot] = step_before(replay, index, returns.reward_scale);
  }
  const bool learned = t >= sequence.learned_from && t < sequence.learned_to;
  SampledReturn sampled{0.0f, 0.0f, index.number};
  if (learned) sampled = sampled_return(replay, index, returns);
  const std::int64_t at = agent * rows_of(arguments) + batch_row;
  arguments.weight[at] = learned ? 1.0f : 0.0f;
  arguments.reward[at] = sampled.reward;
  arguments.bootstrap_discount[at] = sampled.bootstrap_discount;
  arguments.bootstrap_row[at] =
      static_cast<std::int32_t>((sampled.last - sequence.first.number) * arguments.batch + b);
}

/// Column `column` of [observation | action before | reward before | action].
__device__ float row_value(const RowLayout& layout, const ObservationNormaliser& normalise,
                           const float* row, const StepBefore& before, int column) {
  if (row == nullptr) return 0.0f;
  if (column < layout.observation_size) return normalise(column, row[column]);
  const int feature = column - layout.observation_size;
  if (feature < layout.action_size) {
    return before.action == nullptr ? 0.0f : before.action[feature];
  }
  if (feature == layout.action_size) return before.reward;
  return row[layout.action_offset() + feature - layout.action_size - 1];
}

__global__ void __launch_bounds__(gather_threads)
    gather_sequences(const GatherSequences arguments) {
  wait_for_previous_kernel();
  POLYAK_SHARED(WarpRows, found_by_warps, [gather_threads / 32]);
  const std::int64_t agent = blockIdx.y;
  const int thread = static_cast<int>(threadIdx.x);
  const int lane = thread % 32;
  WarpRows& found = found_by_warps[thread / 32];
  const std::int64_t first_row = global_thread() - lane;
  const std::int64_t rows_left = rows_of(arguments) - first_row;
  const int rows = static_cast<int>(rows_left < 32 ? rows_left : 32);
  if (lane < rows) look_up_row(arguments, agent, first_row + lane, lane, found);
  __syncwarp();

  const RowLayout layout = arguments.replays.layout;
  const ObservationNormaliser normalise = normaliser_of(arguments.normalisers, agent);
  const int input_size = layout.observation_size + layout.action_size + 1;
  const int width = input_size + layout.action_size;
  for (int at = lane; at < rows * width; at += 32) {
    const int slot = at / width, column = at % width;
    const std::int64_t batch_row = first_row + slot;
    const float value = row_value(layout, normalise, found.row[slot], found.before[slot], column);
    row_of(arguments.transition, agent, batch_row)[column] = value;
    if (column >= input_size) continue;
    row_of(arguments.next, agent, batch_row)[column] = value;
    row_of(arguments.policy, agent, batch_row)[column] = value;
  }
}

}  // namespace

cudaError_t launch_draw_sequences(const DrawSequences& arguments, cudaStream_t stream) {
  if (arguments.draws.claims != nullptr) return cudaErrorInvalidValue;
  if (arguments.draws.agents == 0 || arguments.draws.batch == 0) return cudaSuccess;
  const cudaLaunchConfig_t config =
      launch_config(grid_size(arguments.draws.agents), draw_threads, stream);
  return cudaLaunchKernelEx(&config, draw_sequences, arguments);
}

cudaError_t launch_gather_sequences(const GatherSequences& arguments, cudaStream_t stream) {
  const std::int64_t rows = rows_of(arguments);
  if (arguments.agents == 0 || rows == 0) return cudaSuccess;
  const dim3 grid(grid_size(divide_up(rows, gather_threads)), grid_size(arguments.agents));
  const cudaLaunchConfig_t config = launch_config(grid, gather_threads, stream);
  return cudaLaunchKernelEx(&config, gather_sequences, arguments);
}

}  // namespace polyak::kernels
