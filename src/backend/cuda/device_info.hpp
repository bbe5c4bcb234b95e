// What GPUs there are.
#pragma once

#include <cstdint>
#include <string>

namespace polyak::cuda {

/// How many GPUs can be used, and if none, why not, in one line.
struct DeviceCount {
  int count;
  std::string absence;
};
DeviceCount count_devices();

/// Makes the first GPU current. RunError that says what was found if there is none.
void select_device();

/// The current GPU's name, such as "NVIDIA H200".
std::string device_name();

/// Bytes of memory of the current GPU that are free now.
std::int64_t available_memory();

}  // namespace polyak::cuda
