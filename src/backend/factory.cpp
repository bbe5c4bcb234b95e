// The only file that knows both back ends.
#include <algorithm>
#include <string>
#include <utility>

#include "backend/backend.hpp"
#include "backend/checks/checked_simulator.hpp"
#include "backend/checks/host_memory.hpp"
#include "backend/checks/memory_check.hpp"
#include "backend/cpu/cpu_backend.hpp"
#include "backend/sharded/sharded_backend.hpp"
#include "config/fields.hpp"
#include "polyak/core/error.hpp"
#include "polyak/core/memory_size.hpp"
#if defined(POLYAK_WITH_CUDA)
#include "backend/cuda/cuda_backend.hpp"
#endif

namespace polyak {
namespace {

/// Refuses a training that the machine's free memory cannot hold.
void check_cpu_memory(const Config& config) {
  require_memory(cpu_memory_needs(config), host_memory().available,
                 {"this training", "use a smaller replay-capacity, fewer agents or environments"});
}

// A training on one device, which has been resolved.

std::unique_ptr<Backend> make_on_device(const Config& config) {
#if defined(POLYAK_WITH_CUDA)
  if (config.device == DeviceKind::cuda) return make_cuda_backend(config);
#endif
  check_cpu_memory(config);
  return make_cpu_backend(config);
}

void require_memory_on_device(const Config& config) {
#if defined(POLYAK_WITH_CUDA)
  if (config.device == DeviceKind::cuda) return require_cuda_training_memory(config);
#endif
  check_cpu_memory(config);
}

/// The same with the GPU in front of its refusal: of several it is one.
void require_memory_by_number(const Config& share) {
  try {
    require_memory_on_device(share);
  } catch (const RunError& error) {
    throw RunError("cuda:" + std::to_string(share.device.gpu) + ": " + error.what());
  }
}

/// The configuration with the device that it means here.
Config resolved(Config config) {
  config.device = resolve_device(config.device);
  return config;
}

/// Where a training is trained by this process.
std::vector<ShardPlace> places_here(const Config& config) {
  if (!config.device.is_every_gpu()) {
    return {{config.device, config.threads, require_memory_on_device, make_on_device}};
  }
  std::vector<ShardPlace> places;
  for (int gpu = 0; gpu < count_gpus(); ++gpu) {
    places.push_back(
        {{DeviceKind::cuda, gpu}, config.threads, require_memory_by_number, make_on_device});
  }
  return places;
}

/// Where a training is trained, by whatever processes.
std::vector<ShardPlace> places_of(const Config& config) {
  return training_places() ? training_places()(config) : places_here(config);
}

void require_memory_at(const Config& config, std::span<const ShardPlace> places) {
  const std::vector<Config> shares = shares_at(config, places);
  for (std::size_t i = 0; i < shares.size(); ++i) places[i].require_memory(shares[i]);
}

}  // namespace

int count_gpus() {
#if defined(POLYAK_WITH_CUDA)
  return count_cuda_devices();
#else
  return 0;
#endif
}

std::string why_no_gpu([[maybe_unused]] int gpu) {
#if defined(POLYAK_WITH_CUDA)
  return why_no_cuda_device(gpu);
#else
  return "this binary was built without CUDA (no toolkit or no GPU was found then, or "
         "POLYAK_CUDA=OFF)";
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
  const std::string absence = why_no_gpu(std::max(0, requested.gpu));
  if (requested == DeviceKind::cuda && !absence.empty()) {
    throw UsageError("--device " + to_string(requested) + ": no GPU can be used here: " + absence +
                     "; use --device cpu, or auto to take what there is");
  }
  return absence.empty() ? Device(DeviceKind::cuda, requested.gpu) : DeviceKind::cpu;
}

std::unique_ptr<Backend> make_backend(const Config& config) {
  const Config here = resolved(config);
  require_fields_on(here.device.kind, here);
  return make_sharded_backend(here, places_of(here));
}

std::unique_ptr<Backend> make_local_backend(const Config& config) {
  const Config here = resolved(config);
  require_fields_on(here.device.kind, here);
  return make_sharded_backend(here, places_here(here));
}

std::unique_ptr<Simulator> make_simulator(const Device& device, const SimulatorConfig& config) {
#if defined(POLYAK_WITH_CUDA)
  if (const Device found = resolve_device(device); found == DeviceKind::cuda) {
    return make_checked(make_cuda_simulator(config, std::max(0, found.gpu)), config);
  }
#else
  resolve_device(device);
#endif
  return make_checked(make_cpu_simulator(config), config);
}

std::vector<Config> device_shares(const Config& config) {
  const Config here = resolved(config);
  std::vector<Config> shares;
  for (const Config& share : shares_at(here, places_of(here))) {
    // A process may have several GPUs, too.
    const std::vector<Config> parts = shares_at(share, places_here(share));
    shares.insert(shares.end(), parts.begin(), parts.end());
  }
  return shares;
}

void require_training_memory(const Config& config) {
  const Config here = resolved(config);
  require_memory_at(here, places_of(here));
}

void require_local_memory(const Config& config) {
  const Config here = resolved(config);
  require_memory_at(here, places_here(here));
}

std::vector<MemoryNeed> memory_needs_on_device(const Config& config) {
#if defined(POLYAK_WITH_CUDA)
  if (config.device == DeviceKind::cuda) return cuda_memory_needs(config);
#endif
  return cpu_memory_needs(config);
}

std::vector<MemoryNeed> memory_needs(const Config& config) {
  std::vector<MemoryNeed> all;
  for (const Config& share : device_shares(config)) {
    for (const MemoryNeed& need : memory_needs_on_device(share)) {
      const auto same = std::find_if(all.begin(), all.end(), [&need](const MemoryNeed& other) {
        return other.what == need.what;
      });
      if (same == all.end()) {
        all.push_back(need);
      } else {
        same->bytes = (MemorySize(same->bytes) + need.bytes).count();
      }
    }
  }
  return all;
}

}  // namespace polyak
