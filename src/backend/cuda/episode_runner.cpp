#include "backend/cuda/episode_runner.hpp"

#include "backend/checks/memory_check.hpp"
#include "backend/cuda/device/check.hpp"
#include "backend/cuda/device/memory.hpp"
#include "backend/cuda/device_info.hpp"
#include "kernels/episodes.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak::cuda {
namespace {

kernels::PolicyCell cell_of(const CellLayout& cell) {
  return {cell.kind,
          cell.units,
          cell.input.inputs,
          cell.input.weight_offset,
          cell.input.bias_offset,
          cell.recurrent.weight_offset,
          cell.recurrent.bias_offset};
}

kernels::Policies policies_of(const EpisodeRequest& request,
                              const DeviceBuffer<float>& reward_scale) {
  kernels::Policies policies{};
  policies.parameters = request.actors;
  policies.agent_stride = request.layout.stride;
  policies.normalisers = request.normalisers;
  if (request.layout.cell) policies.cell = cell_of(*request.layout.cell);
  policies.reward_scale = reward_scale.data();
  for (const LinearLayout& layer : request.layout.layers) {
    policies.layers.at(static_cast<std::size_t>(policies.layer_count++)) = {
        layer.inputs,     layer.outputs,    layer.weight_offset,      layer.bias_offset,
        layer.activation, layer.layer_norm, layer.norm_weight_offset, layer.norm_bias_offset};
  }
  return policies;
}

/// One for every agent; none of feed-forward policies, which see no rewards.
std::vector<float> reward_scales(const EpisodeRequest& request) {
  std::vector<float> scales;
  if (!request.layout.cell) return scales;
  for (int agent = 0; agent < request.agents; ++agent) {
    scales.push_back(request.reward_scale[agent]);
  }
  return scales;
}

void require_device_memory(std::span<const MemoryNeed> needs) {
  require_memory(
      needs, available_memory(),
      {"this request", "use fewer episodes or a lower time limit", " on " + device_name()});
}

std::int64_t start_count(const EpisodeRequest& request) {
  return static_cast<std::int64_t>(request.starts.size()) /
         find_environment(request.environment).state_size;
}

std::vector<float> run(const EpisodeRequest& request, const kernels::TrajectoryArrays* trajectories,
                       const Stream& stream) {
  const std::int64_t starts = start_count(request);
  const std::int64_t episodes = request.agents * starts;
  std::vector<float> returns(static_cast<std::size_t>(episodes));
  const DeviceBuffer<float> start_states(static_cast<std::int64_t>(request.starts.size()),
                                         "the start states of an evaluation");
  const DeviceBuffer<float> device_returns(episodes, "the returns of an evaluation");
  upload(start_states, request.starts, stream);
  const std::vector<float> scales = reward_scales(request);
  DeviceBuffer<float> reward_scale;
  if (!scales.empty()) {
    reward_scale = DeviceBuffer<float>(request.agents, "the reward scales of an evaluation");
    upload(reward_scale, scales, stream);
  }
  check(kernels::launch_evaluate_episodes(
            {.environment = {request.environment, request.parameters, request.time_limit},
             .agents = request.agents,
             .starts = starts,
             .start_states = start_states.data(),
             .policies = policies_of(request, reward_scale),
             .returns = device_returns.data(),
             .trajectories = trajectories,
             .seed = request.random.seed,
             .first_episode = request.random.first_episode},
            stream.get()),
        "launch_evaluate_episodes");
  download(returns, device_returns, stream);
  stream.synchronize();
  return returns;
}

/// Zeros on the device: what an episode that ends early leaves alone must not be old memory.
template <class T>
DeviceBuffer<T> zeros(std::int64_t count, const Stream& stream) {
  DeviceBuffer<T> buffer(count, "the trajectories of a rollout");
  zero(buffer, stream);
  return buffer;
}

template <class T>
std::vector<T> to_host(const DeviceBuffer<T>& buffer, const Stream& stream) {
  std::vector<T> values(static_cast<std::size_t>(buffer.size()));
  download(values, buffer, stream);
  stream.synchronize();
  return values;
}

}  // namespace

std::vector<float> episode_returns(const EpisodeRequest& request, const Stream& stream) {
  if (request.starts.empty()) return {};
  require_device_memory(evaluation_needs(request.agents, start_count(request)));
  return run(request, nullptr, stream);
}

Trajectories episode_trajectories(const EpisodeRequest& request, const Stream& stream) {
  if (request.starts.empty()) return {};
  const EnvironmentInfo environment = find_environment(request.environment);
  const std::int64_t starts = start_count(request);
  require_device_memory(trajectory_needs(environment, starts, request.time_limit));
  const std::int64_t steps = starts * request.time_limit;
  const auto lengths = zeros<std::int32_t>(starts, stream);
  const auto states = zeros<float>((steps + starts) * environment.state_size, stream);
  const auto actions = zeros<float>(steps * environment.action_size, stream);
  const auto rewards = zeros<float>(steps, stream);
  const auto terminated = zeros<std::uint8_t>(starts, stream);
  const kernels::TrajectoryArrays arrays{lengths.data(), states.data(), actions.data(),
                                         rewards.data(), terminated.data()};
  run(request, &arrays, stream);
  return {to_host(lengths, stream), to_host(states, stream), to_host(actions, stream),
          to_host(rewards, stream), to_host(terminated, stream)};
}

}  // namespace polyak::cuda
