// The devices that `polyak bench` and `polyak compare` run on, as the command line names them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "polyak/config.hpp"

namespace polyak {

/// What --threads and cpu:THREADS may ask for.
inline constexpr int max_threads = 4096;

/// One column of a comparison: a device, and for the CPU the number of threads.
struct DeviceChoice {
  std::string label;  // as given: "cuda", "cuda:1", "cpu", "cpu:4"
  Device device;
  int threads;  // CPU: 0 means all cores
};

/// Reads "cuda", "cuda:GPU", "cpu" or "cpu:THREADS", given by `option`. UsageError with what would
/// be right, for an unknown word, a device named twice, or a GPU where there is none.
std::vector<DeviceChoice> parse_device_choices(std::span<const std::string> texts,
                                               const std::string& option = "--devices");

/// Every device of this machine, GPUs first.
std::vector<DeviceChoice> available_devices();

/// What `polyak compare` compares unless it is told: the GPU if there is one, the CPU with all its
/// threads, and the CPU with one thread, unless that is all it has.
std::vector<DeviceChoice> compared_devices(const Config& config);

/// UsageError if `config` has an option of the GPU's engines and no GPU is among the devices.
void check_gpu_options(const Config& config, std::span<const DeviceChoice> choices);

/// UsageError, for a --threads that was given, if no device goes by it: every CPU has a number of
/// its own, and GPUs need none.
void check_threads_option(int threads, std::span<const DeviceChoice> choices);

/// `config` for a chosen device: for the CPU, without what only the GPU has.
Config with_device(Config config, const DeviceChoice& choice);

}  // namespace polyak
