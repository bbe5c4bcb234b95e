#include "emulator/runtime/kernel_launch.hpp"

#include <climits>
#include <string_view>
#include <utility>

#include "emulator/engine/thread_context.hpp"
#include "emulator/runtime/device.hpp"
#include "emulator/runtime/errors.hpp"
#include "emulator/runtime/functions.hpp"
#include "emulator/runtime/host_call.hpp"
#include "emulator/runtime/launch_template.hpp"
#include "emulator/runtime/work.hpp"

namespace polyak::emulator {
namespace {

bool divides(dim3 part, dim3 whole) {
  return whole.x % part.x == 0 && whole.y % part.y == 0 && whole.z % part.z == 0;
}

bool has_blocks(dim3 grid) { return grid.x > 0 && grid.y > 0 && grid.z > 0; }

/// A grid beyond them is an invalid value to an H200 (driver 580), not an invalid configuration.
bool is_within_limits(dim3 grid) {
  constexpr unsigned side = kMaximumGridSide;
  return grid.x <= INT_MAX && grid.y <= side && grid.z <= side;
}

cudaError_t check_cluster(const Launch& launch, const KernelFunction& function) {
  const unsigned blocks = volume(launch.cluster);
  const bool valid =
      blocks > 0 && blocks <= cluster_limit(function) && divides(launch.cluster, launch.grid);
  return valid ? cudaSuccess : cudaErrorInvalidClusterSize;
}

cudaError_t check_launch(const Launch& launch, const KernelFunction& function) {
  const unsigned threads = volume(launch.block);
  const bool valid_shape = threads > 0 && threads <= kMaximumBlockThreads &&
                           launch.block.z <= kMaximumBlockDepth && has_blocks(launch.grid);
  if (!valid_shape) return cudaErrorInvalidConfiguration;
  if (!is_within_limits(launch.grid)) return cudaErrorInvalidValue;
  if (const cudaError_t status = check_cluster(launch, function)) return status;
  if (launch.dynamic_shared_bytes > function.dynamic_limit()) return cudaErrorInvalidValue;
  if (launch.cooperative) {
    const unsigned resident = resident_blocks(function, threads, launch.dynamic_shared_bytes);
    const unsigned clusters = resident_clusters(resident, volume(launch.cluster));
    const bool clustered = volume(launch.cluster) > 1;
    const unsigned room = clustered ? clusters * volume(launch.cluster) : device_blocks(resident);
    if (volume(launch.grid) > room) return cudaErrorCooperativeLaunchTooLarge;
  }
  return cudaSuccess;
}

}  // namespace

cudaError_t describe_launch(const cudaLaunchConfig_t& config, const void* function,
                            Launch* launch) {
  launch->grid = config.gridDim;
  launch->block = config.blockDim;
  launch->dynamic_shared_bytes = config.dynamicSmemBytes;
  launch->function = function;
  for (unsigned i = 0; i < config.numAttrs; ++i) {
    const cudaLaunchAttribute& attribute = config.attrs[i];
    switch (attribute.id) {
      case cudaLaunchAttributeCooperative:
        launch->cooperative = attribute.val.cooperative != 0;
        break;
      case cudaLaunchAttributeClusterDimension:
        launch->cluster = dim3(attribute.val.clusterDim.x, attribute.val.clusterDim.y,
                               attribute.val.clusterDim.z);
        if (volume(launch->cluster) > 1 && !has_clusters()) return report(cudaErrorNotSupported);
        break;
      case cudaLaunchAttributeIgnore:
      case cudaLaunchAttributePriority:
      case cudaLaunchAttributeProgrammaticStreamSerialization:
        break;  // none changes what a kernel computes
      default:
        return report(cudaErrorNotSupported);
    }
  }
  return cudaSuccess;
}

LaunchRunner*& launch_runner() {
  static LaunchRunner* runner = nullptr;
  return runner;
}

cudaError_t submit_launch(Launch launch, cudaStream_t stream, ParameterMemory parameters,
                          std::function<void()> body) {
  const HostCall call;
  KernelFunction& function = kernel_function(launch.function);
  if (const cudaError_t status = check_launch(launch, function)) return report(status);
  launch.shared_limit = function.shared_limit();
  return enqueue(stream, cudaGraphNodeTypeKernel,
                 [launch = std::move(launch), parameters = std::move(parameters),
                  body = std::move(body), &function] {
                   LaunchRunner* const runner = launch_runner();
                   function.static_shared_bytes = runner == nullptr
                                                      ? run_kernel(launch, body)
                                                      : runner->run(launch, parameters, body);
                 });
}

std::string kernel_name(std::string_view arguments) {
  std::string name;
  int depth = 0;
  int argument = 0;
  for (char character : arguments) {
    if (character == '(' || character == '<' || character == '{') ++depth;
    if (character == ')' || character == '>' || character == '}') --depth;
    if (character == ',' && depth == 0) {
      ++argument;
    } else if (argument == 1 && (character != ' ' || !name.empty())) {
      name += character;
    }
  }
  return name;
}

}  // namespace polyak::emulator
