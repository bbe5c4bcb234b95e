// The only file that knows both back ends.
#include <string>

#include "backend/backend.hpp"
#include "backend/cpu/cpu_backend.hpp"
#include "polyak/core/error.hpp"
#if defined(POLYAK_WITH_CUDA)
#include "backend/cuda/cuda_backend.hpp"
#endif

namespace polyak {
namespace {

/// Why there is no GPU to use, in one line; empty if there is one.
std::string why_no_gpu() {
#if defined(POLYAK_WITH_CUDA)
  return why_no_cuda_device();
#else
  return "this binary was built without CUDA (no toolkit was found, or POLYAK_CUDA=OFF)";
#endif
}

std::string in_words(std::int64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f GiB", static_cast<double>(bytes) / 1073741824.0);
  return std::to_string(bytes) + " bytes (" + text + ")";
}

/// Refuses a training that the machine's free memory cannot hold.
void check_cpu_memory(const Config& config) {
  std::int64_t needed = 0;
  std::string largest;
  std::int64_t largest_bytes = -1;
  for (const MemoryNeed& need : cpu_memory_needs(config)) {
    needed += need.bytes;
    if (need.bytes > largest_bytes) {
      largest_bytes = need.bytes;
      largest = need.what;
    }
  }
  const std::int64_t available = describe_cpu().memory_available;
  if (available > 0 && needed > available) {
    throw RunError("not enough memory: this training needs " + in_words(needed) + ", mostly for " +
                   largest + ", and " + in_words(available) +
                   " are available; use a smaller --replay-capacity, --agents or --environments");
  }
}

}  // namespace

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

DeviceKind resolve_device(DeviceKind requested) {
  if (requested == DeviceKind::cpu) return requested;
  const std::string absence = why_no_gpu();
  if (requested == DeviceKind::cuda && !absence.empty()) {
    throw UsageError("--device cuda: no GPU can be used here: " + absence +
                     "; use --device cpu, or auto to take what there is");
  }
  return absence.empty() ? DeviceKind::cuda : DeviceKind::cpu;
}

std::unique_ptr<Backend> make_backend(const Config& config) {
  const DeviceKind device = resolve_device(config.device);
  require_fields_on(device, config);
#if defined(POLYAK_WITH_CUDA)
  if (device == DeviceKind::cuda) return make_cuda_backend(config);
#endif
  check_cpu_memory(config);
  return make_cpu_backend(config);
}

std::unique_ptr<Simulator> make_simulator(DeviceKind device, const SimulatorConfig& config) {
#if defined(POLYAK_WITH_CUDA)
  if (resolve_device(device) == DeviceKind::cuda) return make_cuda_simulator(config);
#else
  resolve_device(device);
#endif
  return make_cpu_simulator(config);
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
