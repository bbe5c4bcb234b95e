// Environments and finished policies on the CPU.
#include <cstring>

#include "agent/policy_parameters.hpp"
#include "backend/cpu/cpu_backend.hpp"
#include "backend/cpu/episodes.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak {
namespace {

template <Environment E>
TransitionResult single_steps(const SimulatorConfig& config, std::span<const float> states,
                              std::span<const float> actions) {
  const std::size_t count = states.size() / E::state_size;
  const auto parameters = parameters_from<E>(config.parameters);
  TransitionResult results;
  results.next_states.resize(count * E::state_size);
  results.rewards.resize(count);
  results.terminated.resize(count);
  results.observations.resize(count * E::observation_size);
  for (std::size_t i = 0; i < count; ++i) {
    typename E::State state;
    std::memcpy(&state, &states[i * E::state_size], sizeof state);
    const auto result = step_environment<E>(
        parameters, state, &actions[i * E::action_size],
        environment_random(PhiloxRandom{config.seed}, static_cast<std::int64_t>(i), 0,
                           Purpose::evaluation_step));
    std::memcpy(&results.next_states[i * E::state_size], &result.next, sizeof result.next);
    results.rewards[i] = result.reward;
    results.terminated[i] = result.terminated;
    E::observe(result.next, &results.observations[i * E::observation_size]);
  }
  return results;
}

class CpuSimulator final : public Simulator {
 public:
  explicit CpuSimulator(const SimulatorConfig& config) : config_(config), pool_(config.threads) {}

  TransitionResult step(std::span<const float> states, std::span<const float> actions) override {
    return visit_environment(config_.environment,
                             [&]<class E>() { return single_steps<E>(config_, states, actions); });
  }

  Trajectories rollout(const Policy& policy, std::span<const float> starts) override {
    const PolicyNetwork network = pack_policy(policy);
    return cpu::episode_trajectories(request(network, starts), pool_);
  }

  std::vector<float> evaluate(const Policy& policy, std::span<const float> starts) override {
    const PolicyNetwork network = pack_policy(policy);
    return cpu::episode_returns(request(network, starts), pool_);
  }

 private:
  cpu::EpisodeRequest request(const PolicyNetwork& network, std::span<const float> starts) const {
    return {config_.environment, config_.parameters, config_.time_limit,   network.layout,
            network.parameters,  network.normaliser, network.reward_scale, starts,
            {config_.seed}};
  }

  SimulatorConfig config_;
  cpu::ThreadPool pool_;
};

}  // namespace

std::unique_ptr<Simulator> make_cpu_simulator(const SimulatorConfig& config) {
  return std::make_unique<CpuSimulator>(config);
}

}  // namespace polyak
