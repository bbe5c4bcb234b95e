// The CPU back end: the default where there is no GPU, the honest baseline, and the reference that
// the GPU is tested against.
#pragma once

#include <memory>
#include <vector>

#include "backend/backend.hpp"

namespace polyak {

std::unique_ptr<Backend> make_cpu_backend(const Config& config);
std::unique_ptr<Simulator> make_cpu_simulator(const SimulatorConfig& config);
DeviceDescription describe_cpu();
std::vector<MemoryNeed> cpu_memory_needs(const Config& config);

}  // namespace polyak
