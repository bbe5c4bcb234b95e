// Environments and finished policies on the GPU.
#include "agent/policy_parameters.hpp"
#include "backend/cuda/cuda_backend.hpp"
#include "backend/cuda/device/check.hpp"
#include "backend/cuda/device/memory.hpp"
#include "backend/cuda/device_info.hpp"
#include "backend/cuda/episode_runner.hpp"
#include "kernels/single_steps.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak {
namespace {

using namespace cuda;

/// A policy in device memory.
struct DevicePolicy {
  DevicePolicy(const PolicyNetwork& network, const Stream& stream) {
    const auto copy = [&](const std::vector<float>& values, DeviceBuffer<float>& buffer) {
      if (values.empty()) return;
      buffer = DeviceBuffer<float>(static_cast<std::int64_t>(values.size()), "a policy");
      upload(buffer, values, stream);
    };
    copy(network.parameters, actor);
    copy(network.normaliser.mean, mean);
    copy(network.normaliser.scale, scale);
    stream.synchronize();
  }
  DeviceBuffer<float> actor, mean, scale;
};

class CudaSimulator final : public Simulator {
 public:
  CudaSimulator(const SimulatorConfig& config, int gpu) : config_(config), gpu_(gpu) {}

  TransitionResult step(std::span<const float> states, std::span<const float> actions) override {
    use_device(gpu_);
    const EnvironmentInfo environment = find_environment(config_.environment);
    const std::int64_t count = static_cast<std::int64_t>(states.size()) / environment.state_size;
    if (count == 0) return {};
    constexpr std::string_view purpose = "single steps";
    const DeviceBuffer<float> device_states(count * environment.state_size, purpose);
    const DeviceBuffer<float> device_actions(count * environment.action_size, purpose);
    const DeviceBuffer<float> next_states(count * environment.state_size, purpose);
    const DeviceBuffer<float> rewards(count, purpose);
    const DeviceBuffer<std::uint8_t> terminated(count, purpose);
    const DeviceBuffer<float> observations(count * environment.observation_size, purpose);
    upload(device_states, states, stream_);
    upload(device_actions, actions, stream_);
    check(kernels::launch_single_steps(
              {.environment = {config_.environment, config_.parameters, config_.time_limit},
               .count = count,
               .states = device_states.data(),
               .actions = device_actions.data(),
               .next_states = next_states.data(),
               .rewards = rewards.data(),
               .terminated = terminated.data(),
               .observations = observations.data(),
               .seed = config_.seed},
              stream_.get()),
          "launch_single_steps");
    TransitionResult result;
    fetch(result.next_states, next_states);
    fetch(result.rewards, rewards);
    fetch(result.terminated, terminated);
    fetch(result.observations, observations);
    stream_.synchronize();
    return result;
  }

  Trajectories rollout(const Policy& policy, std::span<const float> starts) override {
    use_device(gpu_);
    const PolicyNetwork network = pack_policy(policy);
    const DevicePolicy device_policy(network, stream_);
    return episode_trajectories(request(network, device_policy, starts), stream_);
  }

  std::vector<float> evaluate(const Policy& policy, std::span<const float> starts) override {
    use_device(gpu_);
    const PolicyNetwork network = pack_policy(policy);
    const DevicePolicy device_policy(network, stream_);
    return episode_returns(request(network, device_policy, starts), stream_);
  }

 private:
  template <class T>
  void fetch(std::vector<T>& values, const DeviceBuffer<T>& buffer) const {
    values.resize(static_cast<std::size_t>(buffer.size()));
    download(values, buffer, stream_);
  }

  EpisodeRequest request(const PolicyNetwork& network, const DevicePolicy& policy,
                         std::span<const float> starts) const {
    return {config_.environment,
            config_.parameters,
            config_.time_limit,
            network.layout,
            1,
            policy.actor.data(),
            {policy.mean.data(), policy.scale.data(),
             find_environment(config_.environment).observation_size},
            network.reward_scale,
            starts,
            {config_.seed}};
  }

  SimulatorConfig config_;
  int gpu_;  // current in every call
  Stream stream_;
};

}  // namespace

std::unique_ptr<Simulator> make_cuda_simulator(const SimulatorConfig& config, int gpu) {
  select_device(gpu);
  return std::make_unique<CudaSimulator>(config, gpu);
}

}  // namespace polyak
