// A training of one agent as the fused engine's kernel finds it: its state in memory, the arguments
// of the launch, and the oracle that makes the same updates in double precision.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/agent.hpp"
#include "kernels/fused/training.hpp"
#include "model/machine.hpp"

namespace polyak::model {

struct TrainingShape {
  std::vector<int> hidden = {64, 64};  // of both networks
  int batch = 100;
  int blocks = 8;   // of the agent's cluster
  int updates = 3;  // in the launch, after one vector step
  Precision precision = Precision::fp32;
};

class SimulatedTraining {
 public:
  /// Of Pendulum-v1, with 8 environments and a replay that holds some thousand random transitions.
  /// UsageError if there is no such training.
  explicit SimulatedTraining(const TrainingShape& shape);
  SimulatedTraining(const SimulatedTraining&) = delete;
  SimulatedTraining& operator=(const SimulatedTraining&) = delete;

  /// What the kernel's mangled name contains where it is of this shape.
  std::vector<std::string> own_kernel() const;
  /// The general kernel's.
  std::vector<std::string> general_kernel() const;

  Launch launch() const;
  void announce_to(Memory& memory) const;

  /// The largest differences between the state and the oracle's after the same iteration.
  struct Differences {
    double parameters, targets;            // of both networks
    double first_moments, second_moments;  // relative to the largest of each tensor
    double losses;                         // relative, of the sums over the updates
  };
  Differences differences_to_oracle() const;

 private:
  kernels::fused::Training arguments();

  TrainingShape shape_;
  Config config_;
  kernels::fused::Plan plan_;
  TrainingState state_, before_;
  std::vector<float> environment_parameters_, scratch_;
  std::vector<EpisodeTotals> episode_totals_;
  std::vector<kernels::UpdateTotals> update_totals_;
  std::vector<std::int64_t> max_closed_rows_;
  std::vector<ExplorationPlan> exploration_;
  std::vector<ReturnSettings> returns_;
  std::vector<std::uint64_t> seed_;
  std::vector<float> learning_rates_;     // the actor's, the critic's, and tau
  std::vector<std::uint8_t> parameters_;  // of the kernel
};

}  // namespace polyak::model
