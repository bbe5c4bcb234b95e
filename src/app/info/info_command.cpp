#include "app/info/info_command.hpp"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/info/environment_report.hpp"
#include "app/info/preset_report.hpp"
#include "app/options/config_options.hpp"
#include "app/options/named_files.hpp"
#include "app/options/options_without_effect.hpp"
#include "app/output/build_description.hpp"
#include "app/output/format.hpp"
#include "app/output/json_output.hpp"
#include "app/output/report.hpp"
#include "backend/backend.hpp"
#include "config/fields.hpp"
#include "io/config_text.hpp"
#include "polyak/core/error.hpp"
#include "polyak/core/memory_size.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak {
namespace {

void print_devices(std::ostream& out) {
  const DeviceList list = list_devices();
  out << "Devices\n";
  int gpu = 0;
  for (const DeviceDescription& device : list.devices) {
    const bool is_gpu = device.kind == DeviceKind::cuda;
    out << "  " << to_string(Device(device.kind, is_gpu ? gpu++ : 0)) << ": " << device.name;
    if (device.memory_total > 0) {
      out << ", " << format_bytes(device.memory_available) << " of "
          << format_bytes(device.memory_total) << " memory available";
    }
    out << '\n';
    for (const std::string& detail : device.details) out << "    " << detail << '\n';
  }
  if (gpu > 1) out << "  cuda:all: all " << gpu << " GPUs, each with a share of the agents\n";
  if (!list.cuda_absence.empty()) out << "  no GPU: " << list.cuda_absence << '\n';
}

void print_build(std::ostream& out) {
  const BuildDescription build = build_description();
  out << "Build\n  polyak " << build.version << ", commit " << build.commit << ", " << build.type
      << "\n  compiler " << build.compiler << "\n  "
      << (build.cuda_architectures.empty() ? "no GPU code (built without CUDA)" : "GPU code for ")
      << build.cuda_architectures << "\n  " << describe_mpi(build)
      << (build.mpi.empty() ? ": a training is one process (POLYAK_MPI=ON builds it with MPI)"
                            : ": mpirun and srun start trainings of several processes")
      << '\n';
}

void print_engines(std::ostream& out) {
  out << "Engines\n"
         "  layered (GPU): one kernel per operation, any network size, the iteration in one "
         "CUDA graph\n"
         "  fused (GPU): one kernel for many iterations, small and medium networks, a cluster "
         "of blocks per agent\n"
         "  cpu: over agents, or over the pieces of a batch, on all cores\n";
}

/// Why a training would be refused; empty if it fits.
std::string why_it_does_not_fit(const Config& config) {
  try {
    require_training_memory(config);
    return {};
  } catch (const RunError& error) {
    return error.what();
  }
}

/// Of several devices that of the one with the most agents, the first.
void print_memory(std::ostream& out, const Config& config) {
  const std::vector<Config> shares = device_shares(config);
  const std::vector<MemoryNeed> needs = memory_needs_on_device(shares.front());
  out << "Memory for this configuration on ";
  if (shares.size() > 1) {
    out << "each of " << shares.size() << " devices, for at most " << shares.front().agents
        << " of the agents";
  } else {
    out << to_string(shares.front().device);
  }
  out << " (train's options change it)\n";
  const auto print = [&out](std::string_view what, std::int64_t bytes) {
    const bool saturated = bytes == MemorySize::largest;
    out << "  " << what << ": " << (saturated ? "more than " : "") << format_bytes(bytes) << " ("
        << (saturated ? "beyond 64 bits)" : std::to_string(bytes) + " bytes)") << '\n';
  };
  for (const MemoryNeed& need : needs) print(need.what, need.bytes);
  print("in all", total_bytes(needs));
  const std::string refusal = why_it_does_not_fit(config);
  out << (refusal.empty() ? "  it fits" : "  it does not fit: " + refusal) << '\n';
}

nlohmann::ordered_json memory_json(const Config& config) {
  nlohmann::ordered_json memory = {{"device", to_string(resolve_device(config.device))},
                                   {"bytes", memory_bytes(config)},
                                   {"parts", nlohmann::ordered_json::array()}};
  const std::vector<Config> shares = device_shares(config);
  for (const Config& share : shares) {
    if (shares.size() == 1) break;
    memory["shares"].push_back({{"device", to_string(share.device)},
                                {"agents", share.agents},
                                {"bytes", total_bytes(memory_needs_on_device(share))}});
  }
  for (const MemoryNeed& need : memory_needs(config)) {
    memory["parts"].push_back({{"what", need.what}, {"bytes", need.bytes}});
  }
  const std::string refusal = why_it_does_not_fit(config);
  memory["fits"] = refusal.empty();
  if (!refusal.empty()) memory["refusal"] = refusal;
  return memory;
}

nlohmann::ordered_json info_json(const Config& config, const ConfigOptions& options) {
  nlohmann::ordered_json json = report_header("info");
  json["environments"] = environments_json();
  json["memory"] = memory_json(config);
  json["configuration"] = config_to_json(config);
  if (options.given("preset")) json["preset"] = preset_json(config, options);
  return json;
}

struct InfoOptions {
  explicit InfoOptions(CLI::App& subcommand)
      : command(subcommand),
        config(subcommand),
        json(subcommand, "everything, and the configuration") {}

  const CLI::App& command;
  ConfigOptions config;
  JsonOutput json;
};

void print_info(std::ostream& out, const Config& config, const ConfigOptions& options) {
  if (options.given("preset")) {
    print_preset(config, options, out);
  } else if (options.given("environment")) {
    print_environment(find_environment(config.environment), out);
  } else {
    print_devices(out);
    print_build(out);
    print_environments(out);
    print_engines(out);
  }
  print_memory(out, config);
}

int info(const InfoOptions& options) {
  const Config config = options.config.config();
  refuse_options_without_effect(options.command, config);
  check_outputs(options.json.files(), given_files(options.command, {"--config"}));
  resolve_device(config.device);  // refused before the first line is printed
  if (!options.json.takes_output()) print_info(std::cout, config, options.config);
  if (options.json.is_asked_for()) options.json.write(info_json(config, options.config));
  return exit_success;
}

}  // namespace

void add_info_command(CLI::App& app, CommandSelection& selection) {
  CLI::App* const command = app.add_subcommand(
      "info", "devices, build, environments, engines, memory that a configuration needs");
  command->footer(
      "Examples:\n"
      "  polyak info                                   what is here\n"
      "  polyak info --agents 512 --device cpu         what a training would need\n"
      "  polyak info --preset paper                    every value with its source\n"
      "  polyak info --environment Pendulum-V          what it recommends, and why\n"
      "  polyak info --json                            all of it for programs");
  const auto options = std::make_shared<InfoOptions>(*command);
  command->callback(
      [options, &selection] { selection.action = [options] { return info(*options); }; });
}

}  // namespace polyak
