// The CUDA back end's entrance: what the factory knows of it. No CUDA header in here.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backend/backend.hpp"

namespace polyak {

/// A training on the GPU of config.device, in the state initial_state(config). RunError if there is
/// no such GPU, or if the training does not fit its memory (with the bytes needed and available).
std::unique_ptr<Backend> make_cuda_backend(const Config& config);

/// A simulator on a GPU. RunError if there is no such GPU.
std::unique_ptr<Simulator> make_cuda_simulator(const SimulatorConfig& config, int gpu = 0);

/// Why the GPU of this number cannot be used here, in one line; empty if it can. Asks the driver
/// only: no GPU is woken, and none gets a context.
std::string why_no_cuda_device(int gpu = 0);

/// How many GPUs CUDA shows.
int count_cuda_devices();

/// The GPUs of this machine. `absence` becomes the reason in one line if there is none, else empty.
std::vector<DeviceDescription> list_cuda_devices(std::string& absence);

/// RunError with the bytes needed and available if the GPU, or the host, has too few.
void require_cuda_training_memory(const Config& config);

/// What make_cuda_backend would allocate on the GPU, one line per purpose. Needs no GPU.
std::vector<MemoryNeed> cuda_memory_needs(const Config& config);

}  // namespace polyak
