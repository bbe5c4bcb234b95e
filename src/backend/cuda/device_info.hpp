// What GPUs there are.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "polyak/core/precision.hpp"

namespace polyak::cuda {

/// How many GPUs CUDA shows (CUDA_VISIBLE_DEVICES may hide some), and if none, why not, in one
/// line.
struct DeviceCount {
  int count;
  std::string absence;
};
DeviceCount count_devices();

/// Makes a GPU current. RunError that says what was found if it is not there.
void select_device(int gpu = 0);

/// Makes a GPU current that select_device has found before.
void use_device(int gpu);

/// The current GPU's name, such as "NVIDIA H200".
std::string device_name();

/// Why a GPU cannot multiply in this precision, and what to use instead; empty if it can.
std::string precision_refusal(Precision precision, std::string_view name, int major, int minor);

/// UsageError with that line if the current GPU cannot.
void require_precision(Precision precision);

/// Bytes of memory of the current GPU that are free now.
std::int64_t available_memory();

}  // namespace polyak::cuda
