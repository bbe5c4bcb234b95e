// `polyak info`: devices, build, environments, engines, and what a configuration would need.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "app/command.hpp"
#include "app/config_options.hpp"
#include "app/format.hpp"
#include "app/preset_report.hpp"
#include "backend/backend.hpp"
#include "io/text_value.hpp"
#include "polyak/core/error.hpp"
#include "polyak/core/memory_size.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak {
namespace {

void print_devices() {
  const DeviceList list = list_devices();
  std::cout << "Devices\n";
  for (const DeviceDescription& device : list.devices) {
    std::cout << "  " << to_string(device.kind) << ": " << device.name;
    if (device.memory_total > 0) {
      std::cout << ", " << format_bytes(device.memory_available) << " of "
                << format_bytes(device.memory_total) << " memory available";
    }
    std::cout << '\n';
    for (const std::string& detail : device.details) std::cout << "    " << detail << '\n';
  }
  if (!list.cuda_absence.empty()) std::cout << "  no GPU: " << list.cuda_absence << '\n';
}

void print_build() {
  const std::string architectures = POLYAK_CUDA_ARCHITECTURES;
  std::cout << "Build\n  polyak " POLYAK_VERSION ", commit " POLYAK_GIT_COMMIT
               ", " POLYAK_BUILD_TYPE "\n  compiler " POLYAK_CXX_COMPILER "\n  GPU code for "
            << (architectures.empty() ? "nothing (built without CUDA)" : architectures) << '\n';
}

void print_environments() {
  std::cout << "Environments\n";
  for (const EnvironmentInfo& environment : all_environments()) {
    std::cout << "  " << environment.name << ": " << environment.description << '\n'
              << "    " << environment.observation_size << " observations, "
              << environment.action_size
              << (environment.action_size == 1 ? " action, " : " actions, ") << "state of";
    for (const std::string_view name : environment.state_names) std::cout << ' ' << name;
    std::cout << '\n';
    for (const EnvironmentParameter& parameter : environment.parameters) {
      std::cout << "    --environment-parameter " << parameter.name << '='
                << format_number(parameter.default_value) << ": " << parameter.description << ", "
                << format_number(parameter.lowest) << " to " << format_number(parameter.highest)
                << '\n';
    }
  }
}

void print_engines() {
  std::cout
      << "Engines\n"
         "  layered (GPU): one kernel per operation, any network size, the iteration in one "
         "CUDA graph\n"
         "  fused (GPU): one kernel for many iterations, small and medium networks, a cluster "
         "of blocks per agent\n"
         "  cpu: over agents, or over the pieces of a batch, on all cores\n";
}

void print_memory(const Config& config) {
  const std::vector<MemoryNeed> needs = memory_needs(config);
  std::cout << "Memory for this configuration on " << to_string(resolve_device(config.device))
            << " (train's options change it)\n";
  const auto print = [](std::string_view what, std::int64_t bytes) {
    const bool saturated = bytes == MemorySize::largest;
    std::cout << "  " << what << ": " << (saturated ? "more than " : "") << format_bytes(bytes)
              << " (" << (saturated ? "beyond 64 bits)" : std::to_string(bytes) + " bytes)")
              << '\n';
  };
  for (const MemoryNeed& need : needs) print(need.what, need.bytes);
  print("in all", total_bytes(needs));
}

int info(const ConfigOptions& options) {
  const Config config = options.config();
  if (options.given("preset")) {
    print_preset(config, options, std::cout);
    print_memory(config);
    return exit_success;
  }
  print_devices();
  print_build();
  print_environments();
  print_engines();
  print_memory(config);
  return exit_success;
}

}  // namespace

void add_info_command(CLI::App& app, CommandSelection& selection) {
  CLI::App* const command = app.add_subcommand(
      "info", "devices, build, environments, engines, memory that a configuration needs");
  const auto options = std::make_shared<ConfigOptions>(*command);
  command->callback(
      [options, &selection] { selection.action = [options] { return info(*options); }; });
}

}  // namespace polyak
