#include "backend/checks/checked_simulator.hpp"

#include <utility>

#include "backend/checks/finite_results.hpp"
#include "backend/checks/memory_check.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak {
namespace {

class CheckedSimulator final : public Simulator {
 public:
  CheckedSimulator(std::unique_ptr<Simulator> simulator, const SimulatorConfig& config)
      : simulator_(std::move(simulator)),
        environment_(find_environment(config.environment)),
        time_limit_(config.time_limit) {}

  TransitionResult step(std::span<const float> states, std::span<const float> actions) override {
    TransitionResult result = simulator_->step(states, actions);
    require_finite(result, environment_);
    return result;
  }

  Trajectories rollout(const Policy& policy, std::span<const float> starts) override {
    require_rollout_memory(environment_, count(starts), time_limit_);
    Trajectories trajectories = simulator_->rollout(policy, starts);
    require_finite(trajectories, environment_, time_limit_);
    return trajectories;
  }

  std::vector<float> evaluate(const Policy& policy, std::span<const float> starts) override {
    require_evaluation_memory(1, count(starts));
    std::vector<float> returns = simulator_->evaluate(policy, starts);
    require_finite_returns(returns, returns.size());
    return returns;
  }

 private:
  std::int64_t count(std::span<const float> starts) const {
    return static_cast<std::int64_t>(starts.size()) / environment_.state_size;
  }

  std::unique_ptr<Simulator> simulator_;
  EnvironmentInfo environment_;
  int time_limit_;
};

}  // namespace

std::unique_ptr<Simulator> make_checked(std::unique_ptr<Simulator> simulator,
                                        const SimulatorConfig& config) {
  return std::make_unique<CheckedSimulator>(std::move(simulator), config);
}

}  // namespace polyak
