// Whole iterations in one kernel (kernels/fused/).
#pragma once

#include <string>
#include <vector>

#include "backend/cuda/engine.hpp"
#include "backend/cuda/engine_choice.hpp"
#include "backend/cuda/fused/fused_plan.hpp"
#include "backend/cuda/runtime_compilation/own_kernel.hpp"
#include "kernels/fused/training.hpp"

namespace polyak::cuda {

/// What the current GPU offers a block; a Hopper's values where there is no GPU.
FusedLimits fused_limits();
/// The current GPU, and whether a kernel is compiled there for this training if it can have one:
/// because it is at hand, or because that is worth the time.
DeviceSize device_size(const Config& config);

/// The layout for the current GPU.
kernels::fused::Plan plan_for_device(const Config& config);

/// The kernel that is compiled for this layout; none where the program has one, or where the
/// general one trains.
OwnKernel own_kernel_for(const Config& config, const kernels::fused::Plan& plan);

/// The scratch memory of all agents.
DeviceBuffer<float> fused_scratch(const Config& config, const kernels::fused::Plan& plan,
                                  MemoryBudget& budget);

class FusedEngine final : public TrainingEngine {
 public:
  FusedEngine(const Config& config, const Stream& stream, const TrainingBuffers& training,
              const kernels::fused::Plan& plan, DeviceBuffer<float> scratch,
              OwnKernel own_kernel = {});

  std::string description() const override;
  void play(const IterationWork& work, std::int64_t repetitions, const Progress& done) override;
  /// Nothing to do: actors observe the states themselves.
  void observe() override {}
  bool has_phase(Phase phase) const override;
  void run_part(Phase phase, std::int64_t repetitions) override;

 private:
  void launch(const IterationWork& work, std::int64_t repetitions, const Progress& done) const;

  Config config_;
  std::vector<float> environment_parameters_;
  int time_limit_;
  cudaStream_t stream_;
  const TrainingBuffers& training_;
  kernels::fused::Plan plan_;
  DeviceBuffer<float> scratch_;
  OwnKernel own_kernel_;
};

}  // namespace polyak::cuda
