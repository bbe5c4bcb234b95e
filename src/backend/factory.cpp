// The only file that knows both back ends.
#include <string>

#include "backend/backend.hpp"
#include "backend/checks/checked_simulator.hpp"
#include "backend/checks/host_memory.hpp"
#include "backend/checks/memory_check.hpp"
#include "backend/cpu/cpu_backend.hpp"
#include "config/fields.hpp"
#include "polyak/core/error.hpp"
#if defined(POLYAK_WITH_CUDA)
#include "backend/cuda/cuda_backend.hpp"
#endif

namespace polyak {
namespace {

/// Refuses a training that the machine's free memory cannot hold.
void check_cpu_memory(const Config& config) {
  require_memory(cpu_memory_needs(config), host_memory().available,
                 {"this training", "use a smaller --replay-capacity, --agents or --environments"});
}

}  // namespace

std::string why_no_gpu([[maybe_unused]] int gpu) {
#if defined(POLYAK_WITH_CUDA)
  return why_no_cuda_device(gpu);
#else
  return "this binary was built without CUDA (no toolkit was found, or POLYAK_CUDA=OFF)";
#endif
}

DeviceList list_devices() {
  DeviceList list;
#if defined(POLYAK_WITH_CUDA)
  list.devices = list_cuda_devices(list.cuda_absence);
#else
  list.cuda_absence = why_no_gpu();
#endif
  list.devices.push_back(describe_cpu());
  return list;
}

Device resolve_device(const Device& requested) {
  if (requested == DeviceKind::cpu) return requested;
  const std::string absence = why_no_gpu(requested.gpu);
  if (requested == DeviceKind::cuda && !absence.empty()) {
    throw UsageError("--device " + to_string(requested) + ": no GPU can be used here: " + absence +
                     "; use --device cpu, or auto to take what there is");
  }
  return absence.empty() ? Device(DeviceKind::cuda, requested.gpu) : DeviceKind::cpu;
}

std::unique_ptr<Backend> make_backend(const Config& config) {
  const Device device = resolve_device(config.device);
  require_fields_on(device.kind, config);
#if defined(POLYAK_WITH_CUDA)
  if (device == DeviceKind::cuda) return make_cuda_backend(config);
#endif
  check_cpu_memory(config);
  return make_cpu_backend(config);
}

std::unique_ptr<Simulator> make_simulator(const Device& device, const SimulatorConfig& config) {
#if defined(POLYAK_WITH_CUDA)
  if (const Device found = resolve_device(device); found == DeviceKind::cuda) {
    return make_checked(make_cuda_simulator(config, found.gpu), config);
  }
#else
  resolve_device(device);
#endif
  return make_checked(make_cpu_simulator(config), config);
}

void require_training_memory(const Config& config) {
#if defined(POLYAK_WITH_CUDA)
  if (resolve_device(config.device) == DeviceKind::cuda)
    return require_cuda_training_memory(config);
#else
  resolve_device(config.device);
#endif
  check_cpu_memory(config);
}

std::vector<MemoryNeed> memory_needs(const Config& config) {
#if defined(POLYAK_WITH_CUDA)
  if (resolve_device(config.device) == DeviceKind::cuda) return cuda_memory_needs(config);
#else
  resolve_device(config.device);
#endif
  return cpu_memory_needs(config);
}

}  // namespace polyak
