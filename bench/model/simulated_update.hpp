// One update by kernels/clustered_update.cu as the layered engine launches it, and the same update
// by the CPU back end, whose bits it must have.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/agent.hpp"
#include "kernels/clustered_update.hpp"
#include "model/machine.hpp"

namespace polyak::model {

class SimulatedUpdate {
 public:
  /// Of two networks with two hidden layers of 256 units. UsageError if there is no such kernel.
  explicit SimulatedUpdate(int batch);
  SimulatedUpdate(const SimulatedUpdate&) = delete;
  SimulatedUpdate& operator=(const SimulatedUpdate&) = delete;

  /// What the kernel's mangled name contains.
  std::vector<std::string> kernel() const;
  Launch launch() const;
  void announce_to(Memory& memory) const;

  /// How many parameters, targets and moments have other bits than the CPU back end's.
  std::int64_t different_floats() const;

 private:
  void draw_batch(const TrainingState& state);
  kernels::ClusteredNetwork network(NetworkState& state, const NetworkLayout& layout,
                                    std::vector<float>& gradient, std::vector<float>& sums,
                                    const float* learning_rate) const;

  Config config_;
  TrainingState state_, expected_;
  std::int64_t updates_;
  // [batch, observation | action], and with the next observation.
  std::vector<float> transition_, next_;
  std::vector<float> reward_, bootstrap_discount_, value_, target_, policy_value_;  // [batch]
  std::vector<float> actor_gradient_, critic_gradient_, actor_sums_, critic_sums_;
  std::vector<float> learning_rates_;  // the actor's, the critic's, and tau
  std::vector<unsigned> arrivals_;
  std::vector<std::uint8_t> parameters_;  // of the kernel
};

}  // namespace polyak::model
