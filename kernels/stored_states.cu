// Stored recurrent states (Kapturowski et al. 2019, section 3): hidden[b] and cell[b] of every
// network are what the first row of sequence b has for it.
//
//   replay rows [agents, environments, rows_per_environment, row]; a row ends with the states of
//   all networks; sequences [agents, batch]; hidden and cell [batch, units] per agent
//   (stored_states.hpp).
//
// One warp per sequence and network, grid (batch / warps, networks, agents); neighbouring lanes
// move neighbouring units. Bound by memory: a sequence's states are one run of the replay.
#include <algorithm>

#include "kernels/agent_views.cuh"
#include "kernels/launch.cuh"
#include "kernels/stored_states.hpp"

namespace polyak::kernels {
namespace {

constexpr int threads = 128;

/// Arguments with the targets by value.
struct StateTargets {
  StateTarget targets[max_state_targets];
};

__global__ void __launch_bounds__(threads)
    load_states(const int batch, const int units, const Replays replays,
                const Sequence* const sequences, const StateTargets targets) {
  wait_for_previous_kernel();
  const std::int64_t agent = blockIdx.z;
  const StateTarget& target = targets.targets[blockIdx.y];
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const std::int64_t row = global_thread() / 32;
  if (row >= batch) return;
  const ReplayIndex& first = sequences[agent * batch + row].first;
  const float* const stored = replay_of(replays, agent).row(first.environment, first.number) +
                              replays.layout.state_offset() + target.offset;
  float* const hidden = row_of(target.hidden, agent, row);
  for (int unit = lane; unit < units; unit += 32) hidden[unit] = stored[unit];
  if (target.cell.data == nullptr) return;
  float* const cell = row_of(target.cell, agent, row);
  for (int unit = lane; unit < units; unit += 32) cell[unit] = stored[units + unit];
}

/// Whether every target's part is among the states that a row has.
bool targets_fit(const LoadStates& arguments) {
  return std::all_of(arguments.targets.begin(), arguments.targets.end(),
                     [&](const StateTarget& target) {
                       const int floats = (target.cell.data == nullptr ? 1 : 2) * arguments.units;
                       return target.offset >= 0 &&
                              target.offset + floats <= arguments.replays.layout.state_floats;
                     });
}

}  // namespace

cudaError_t launch_load_states(const LoadStates& arguments, cudaStream_t stream) {
  if (arguments.targets.size() > max_state_targets) return cudaErrorInvalidValue;
  if (!targets_fit(arguments)) return cudaErrorInvalidValue;
  if (arguments.agents == 0 || arguments.batch == 0 || arguments.targets.empty()) {
    return cudaSuccess;
  }
  StateTargets targets{};
  std::copy(arguments.targets.begin(), arguments.targets.end(), targets.targets);
  const dim3 grid(grid_size(divide_up(arguments.batch, threads / 32)),
                  grid_size(static_cast<std::int64_t>(arguments.targets.size())),
                  grid_size(arguments.agents));
  const cudaLaunchConfig_t config = launch_config(grid, threads, stream);
  return cudaLaunchKernelEx(&config, load_states, arguments.batch, arguments.units,
                            arguments.replays, arguments.sequences, targets);
}

}  // namespace polyak::kernels
