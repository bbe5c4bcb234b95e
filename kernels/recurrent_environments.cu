// What a recurrent actor sees before it acts: [observation | action before | reward before] (Ni et
// al. 2022, arXiv 2110.05038), and its state, zero where an episode begins.
//
//   replay rows [agents, environments, rows_per_environment, row]; observations and inputs as
//   row-major matrices [environments, features] per agent; states [agents, environments,
//   state_floats] (recurrent_environments.hpp).
//
// One thread per environment, grid (environments / 64, agents), small blocks so that few
// environments spread over the device. Every thread looks up its environment's last step; then its
// warp writes the 32 inputs, and the environments' states, together: neighbouring lanes move
// neighbouring floats. Bound by memory: a replay row of each environment, far apart from the
// others.
#include "kernels/agent_views.cuh"
#include "kernels/launch.cuh"
#include "kernels/recurrent_environments.hpp"

namespace polyak::kernels {
namespace {

constexpr int threads = 64;

/// The row of the step before, for each of a warp's environments; null where an episode begins.
struct RowsBefore {
  const float* row[32];
};

/// One environment's state by a warp: zero where an episode begins, and to the open row.
__device__ void prepare_state(const RecurrentInputs& arguments, std::int64_t agent,
                              std::int64_t environment, bool begins, int lane) {
  const int floats = arguments.state_floats;
  float* const state = arguments.states + (agent * arguments.environments + environment) * floats;
  if (begins) {
    for (int i = lane; i < floats; i += 32) state[i] = 0.0f;
  }
  const RowLayout& layout = arguments.replays.layout;
  if (layout.state_floats == 0) return;
  const ReplayView replay = replay_of(arguments.replays, agent);
  float* const stored =
      replay.row(environment, replay.rows_written[environment] - 1) + layout.state_offset();
  for (int i = lane; i < floats; i += 32) stored[i] = begins ? 0.0f : state[i];
}

__global__ void __launch_bounds__(threads) recurrent_inputs(const RecurrentInputs arguments) {
  wait_for_previous_kernel();
  POLYAK_SHARED(RowsBefore, before_of_warps, [threads / 32]);
  const std::int64_t agent = blockIdx.y;
  const int thread = static_cast<int>(threadIdx.x);
  const int lane = thread % 32;
  RowsBefore& before = before_of_warps[thread / 32];
  const std::int64_t first_environment = global_thread() - lane;
  const std::int64_t environments_left = arguments.environments - first_environment;
  const int environments = static_cast<int>(environments_left < 32 ? environments_left : 32);
  if (lane < environments) {
    const std::int64_t environment = first_environment + lane;
    const ReplayView replay = replay_of(arguments.replays, agent);
    const bool begins = arguments.episode_steps[agent * arguments.environments + environment] == 0;
    before.row[lane] =
        begins ? nullptr : replay.row(environment, replay.rows_written[environment] - 2);
  }
  __syncwarp();

  const RowLayout layout = arguments.replays.layout;
  const float reward_scale = arguments.returns[agent].reward_scale;
  const int width = layout.observation_size + layout.action_size + 1;
  for (int at = lane; at < environments * width; at += 32) {
    const int slot = at / width, column = at % width;
    const std::int64_t environment = first_environment + slot;
    const float* const row = before.row[slot];
    float value = 0.0f;
    if (column < layout.observation_size) {
      value = row_of(arguments.observation, agent, environment)[column];
    } else if (row != nullptr) {
      // Action and reward follow each other in the replay's row as in the input.
      value = column == layout.reward_offset() ? reward_scale * row[column] : row[column];
    }
    row_of(arguments.input, agent, environment)[column] = value;
  }
  for (int slot = 0; slot < environments; ++slot) {
    prepare_state(arguments, agent, first_environment + slot, before.row[slot] == nullptr, lane);
  }
}

}  // namespace

cudaError_t launch_recurrent_inputs(const RecurrentInputs& arguments, cudaStream_t stream) {
  const int stored = arguments.replays.layout.state_floats;
  if (stored != 0 && stored != arguments.state_floats) return cudaErrorInvalidValue;
  if (arguments.agents == 0 || arguments.environments == 0) return cudaSuccess;
  const dim3 grid(grid_size(divide_up(arguments.environments, threads)),
                  grid_size(arguments.agents));
  const cudaLaunchConfig_t config = launch_config(grid, threads, stream);
  return cudaLaunchKernelEx(&config, recurrent_inputs, arguments);
}

}  // namespace polyak::kernels
