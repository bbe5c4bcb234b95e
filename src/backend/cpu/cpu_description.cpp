// What the CPU back end runs on and what it needs.
#include <fstream>
#include <string>
#include <thread>

#include "backend/checks/host_memory.hpp"
#include "backend/cpu/aligned_array.hpp"
#include "backend/cpu/batch_shape.hpp"
#include "backend/cpu/cpu_backend.hpp"
#include "backend/cpu/matrix_product.hpp"
#include "config/derived.hpp"
#include "polyak/core/memory_size.hpp"
#include "polyak/core/replay.hpp"
#include "polyak/environment/registry.hpp"
#include "polyak/environment/vector_step.hpp"

namespace polyak {
namespace {

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "CPU";
}

/// Floats of scratch for an agent's networks of one kind over a batch: activations, gradients
/// before them, transposed inputs, and the parameters' gradients.
MemorySize pass_floats(const NetworkLayout& layout, const cpu::BatchShape& shape) {
  const auto pad = [](std::int64_t count) { return cpu::round_up(count, cpu::panel_columns); };
  const std::int64_t columns = pad(shape.columns());
  MemorySize floats;
  for (std::size_t i = 0; i < layout.linear_count(); ++i) {
    const LinearLayout& product = layout.linear(i);
    floats += columns * (2 * product.outputs + pad(product.inputs)) +
              product.outputs * (pad(product.inputs) + 1);
    if (product.batch_norm) floats += columns * product.outputs + 3 * product.outputs;
    if (product.layer_norm) floats += columns * (2 * product.outputs + 1) + 2 * product.outputs;
  }
  if (layout.input_norm) {
    floats += columns * (layout.layers.front().inputs + 2 * layout.input_norm->features);
  }
  // Gates, states before, and gradients on their way; the cell's output is layer 0's input.
  if (layout.cell) {
    floats += columns *
              (layout.cell->input.outputs + 7 * layout.cell->units + layout.layers.front().inputs);
  }
  return MemorySize(layout.networks) * floats;
}

}  // namespace

DeviceDescription describe_cpu() {
  DeviceDescription description;
  description.kind = DeviceKind::cpu;
  description.name = processor_name();
  const HostMemory memory = host_memory();
  if (memory.total < MemorySize::largest) {
    description.memory_total = memory.total;
    description.memory_available = memory.available;
  }
  description.details = {std::to_string(std::thread::hardware_concurrency()) + " cores",
                         std::string("matrix products with ") + cpu::instruction_set()};
  return description;
}

std::vector<MemoryNeed> cpu_memory_needs(const Config& config) {
  const DerivedConfig derived = derive(config);
  const EnvironmentInfo environment = find_environment(config.environment);
  const cpu::BatchShape shape = cpu::batch_shape(config);
  const RowLayout row = row_layout(config);
  const NetworkLayout actor = actor_layout(config), critic = critic_layout(config);
  const MemorySize environments = MemorySize(config.agents) * config.environments;
  constexpr std::int64_t float_bytes = sizeof(float);
  constexpr std::int64_t counter_bytes =
      sizeof(std::int32_t) + sizeof(double) + sizeof(std::int64_t) + sizeof(EpisodeTotals);
  const std::int64_t environment_bytes =
      float_bytes *
          (environment.state_size + 2 * environment.action_size + recurrent_state_floats(config)) +
      counter_bytes;
  const std::int64_t threads = config.threads > 0
                                   ? config.threads
                                   : static_cast<std::int64_t>(std::thread::hardware_concurrency());
  const std::int64_t workspaces = config.agents >= threads ? threads : 1;
  return {
      {"replay",
       (environments * derived.rows_per_environment * row.floats() * float_bytes).count()},
      {"networks, targets and Adam moments",
       (MemorySize(config.agents) * float_bytes *
        (4 * (actor.stride + critic.stride) +
         2 * (actor.statistics_stride + critic.statistics_stride)))
           .count()},
      // The trainer's, and newer ones on their way to it.
      {"copies of the actors",
       (MemorySize(config.agents) * float_bytes * 2 * (actor.stride + actor.statistics_stride))
           .count()},
      {"environments", (environments * environment_bytes).count()},
      {"scratch of the updates", (MemorySize(workspaces) * float_bytes *
                                  (pass_floats(actor, shape) + pass_floats(critic, shape)))
                                     .count()},
  };
}

}  // namespace polyak
