#include "backend/cuda/engine.hpp"

#include "backend/cuda/device_info.hpp"
#include "backend/cuda/fused/fused_engine.hpp"
#include "backend/cuda/layered/layered_engine.hpp"
#include "config/fields.hpp"
#include "polyak/core/error.hpp"

namespace polyak::cuda {
namespace {

bool uses_fused_engine(const Config& config) {
  if (config.engine != Engine::automatic) return config.engine == Engine::fused;
  if (!beyond_engine(config, &Engines::fused).empty()) return false;
  if (!beyond_engine(config, &Engines::layered).empty()) return true;
  return prefers_fused_engine(config, device_size(config));
}

}  // namespace

std::unique_ptr<TrainingEngine> make_engine(const Config& config, const Stream& stream,
                                            const TrainingBuffers& training, MemoryBudget& budget) {
  if (uses_fused_engine(config)) {
    const kernels::fused::Plan plan = plan_for_device(config);
    return std::make_unique<FusedEngine>(config, stream, training, plan,
                                         fused_scratch(config, plan, budget),
                                         own_kernel_for(config, plan));
  }
  return std::make_unique<LayeredEngine>(config, stream, training, LayeredBuffers(config, budget));
}

void measure_engine(const Config& config, MemoryBudget& budget) {
  if (uses_fused_engine(config)) {
    fused_scratch(config, plan_for_device(config), budget);
  } else {
    const LayeredBuffers scratch(config, budget);
  }
}

}  // namespace polyak::cuda
