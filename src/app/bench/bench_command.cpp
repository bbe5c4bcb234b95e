#include "app/bench/bench_command.hpp"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "app/bench/phases.hpp"
#include "app/options/config_options.hpp"
#include "app/options/device_choices.hpp"
#include "app/options/named_files.hpp"
#include "app/options/number_option.hpp"
#include "app/options/options_without_effect.hpp"
#include "app/options/recommendation.hpp"
#include "app/output/format.hpp"
#include "app/output/json_output.hpp"
#include "app/output/report.hpp"
#include "backend/backend.hpp"
#include "io/config_text.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

constexpr int min_repetitions = 5, max_repetitions = 1000;  // fewer say nothing of the spread
constexpr double min_seconds = 0.001, max_seconds = 60.0;

struct BenchOptions {
  explicit BenchOptions(CLI::App& subcommand)
      : command(subcommand), config(subcommand), json(subcommand, "all results") {}

  const CLI::App& command;
  ConfigOptions config;
  JsonOutput json;
  std::vector<std::string> devices;
  std::vector<std::string> phases;
  MeasureOptions measure{7, 0.3};
};

/// All rates of one device.
struct DeviceResult {
  DeviceChoice choice;
  std::string description;
  std::int64_t memory_bytes;
  std::vector<PhaseRate> rates;  // of the phases that its engine has
};

std::vector<DeviceChoice> chosen_devices(const BenchOptions& options, const Config& config) {
  if (!options.devices.empty()) {
    if (options.command.get_option("--device")->count() > 0) {
      throw UsageError("--device and --devices exclude each other; leave one of them out");
    }
    return parse_device_choices(options.devices);
  }
  if (config.device == DeviceKind::automatic) return available_devices();
  const std::vector<std::string> word = {to_string(config.device)};
  return parse_device_choices(word, "--device");
}

DeviceResult measure_device(const Config& config, const DeviceChoice& choice,
                            std::span<const Phase> phases, const MeasureOptions& options) {
  const Config on_device = with_device(config, choice);
  const std::unique_ptr<Backend> backend = make_backend(on_device);
  return {choice, backend->description(), memory_bytes(on_device),
          measure_phases(*backend, on_device, phases, options)};
}

/// The device's rate of what is counted in `what`, if its engine can run that phase by itself.
const RateSamples* find_rate(const DeviceResult& result, const PhaseQuantity& what) {
  for (const PhaseRate& rate : result.rates) {
    if (rate.what.phase == what.phase && rate.what.quantity == what.quantity) return &rate.rate;
  }
  return nullptr;
}

std::string median_with_spread(const RateSamples& rate) {
  char spread[16];
  std::snprintf(spread, sizeof spread, " +-%3.0f%%", 50.0 * rate.spread());
  return format_quantity(rate.median()) + spread;
}

/// One cell per device and, for two or more, the first device's median over the last one's; empty
/// if no device has the phase.
std::vector<std::string> result_row(const std::vector<DeviceResult>& results,
                                    const PhaseQuantity& what) {
  std::vector<std::string> row = {std::string(what.phase_name), std::string(what.quantity)};
  bool any = false;
  for (const DeviceResult& result : results) {
    const RateSamples* const rate = find_rate(result, what);
    row.push_back(rate ? median_with_spread(*rate) : "-");
    any = any || rate;
  }
  if (!any) return {};
  if (results.size() > 1) {
    const RateSamples *const first = find_rate(results.front(), what), *const last = find_rate(
                                                                           results.back(), what);
    row.push_back(first && last ? format_quantity(first->median() / last->median()) : "-");
  }
  return row;
}

void print_results(std::ostream& out, const std::vector<DeviceResult>& results,
                   const Config& config) {
  for (const DeviceResult& result : results) {
    out << result.choice.label << ": " << result.description << "; "
        << format_bytes(result.memory_bytes) << " of memory\n";
  }
  std::vector<std::vector<std::string>> rows = {{"phase", "counted, per second"}};
  for (const DeviceResult& result : results) rows.front().push_back(result.choice.label);
  if (results.size() > 1) {
    rows.front().push_back(results.front().choice.label + "/" + results.back().choice.label);
  }
  for (const PhaseQuantity& what : phase_quantities(config)) {
    std::vector<std::string> row = result_row(results, what);
    if (!row.empty()) rows.push_back(std::move(row));
  }
  print_table(out, rows);
  out << "median of the repetitions, +- half of the range between the slowest and the "
         "fastest\n";
}

nlohmann::ordered_json results_json(const std::vector<DeviceResult>& results) {
  auto devices = nlohmann::ordered_json::array();
  for (const DeviceResult& result : results) {
    auto rates = nlohmann::ordered_json::array();
    for (const PhaseRate& rate : result.rates) {
      rates.push_back({{"phase", rate.what.phase_name},
                       {"quantity", rate.what.quantity},
                       {"per_call", rate.what.per_call},
                       {"calls_per_repetition", rate.calls_per_repetition},
                       {"median", rate.rate.median()},
                       {"lowest", rate.rate.lowest()},
                       {"highest", rate.rate.highest()},
                       {"per_second", rate.rate.per_second}});
    }
    devices.push_back({{"device", result.choice.label},
                       {"description", result.description},
                       {"memory_bytes", result.memory_bytes},
                       {"rates", rates}});
  }
  return devices;
}

int run_bench(const BenchOptions& options) {
  const Config config = options.config.config();
  const std::vector<Phase> phases = parse_phases(options.phases);
  const std::vector<DeviceChoice> choices = chosen_devices(options, config);
  refuse_options_without_effect(options.command, config);
  check_gpu_options(config, choices);
  if (options.command.get_option("--threads")->count() > 0) {
    check_threads_option(config.threads, choices);
  }
  check_outputs(options.json.files(), given_files(options.command, {"--config"}));
  std::ostream& text = options.json.text();
  print_recommendation(text, options.config, config);
  text << describe_task(config) << '\n' << std::flush;
  std::vector<DeviceResult> results;
  for (const DeviceChoice& choice : choices) {
    results.push_back(measure_device(config, choice, phases, options.measure));
  }
  print_results(text, results, config);
  nlohmann::ordered_json report = report_header("bench");
  report["configuration"] = config_to_json(config);
  report["devices"] = results_json(results);
  options.json.write(report);
  return exit_success;
}

}  // namespace

void add_bench_command(CLI::App& app, CommandSelection& selection) {
  CLI::App* const command = app.add_subcommand(
      "bench", "throughput of every part of a training on this machine's devices");
  command->footer(
      "Examples:\n"
      "  polyak bench --agents 64 --devices cuda,cpu,cpu:1 --json bench.json\n"
      "  polyak bench --phases iteration --actor-hidden 256,256 --critic-hidden 256,256\n"
      "A phase that a device's engine cannot run by itself is left out. The JSON is described in\n"
      "bench/README.md.");
  const auto options = std::make_shared<BenchOptions>(*command);
  command
      ->add_option(
          "--devices", options->devices,
          wrap_help("cuda, cuda:N (one of several GPUs), cpu (all cores) or cpu:N (N threads), "
                    "separated by commas "
                    "[what --device says; auto: all there are]"))
      ->delimiter(',')
      ->option_text("LIST");
  command
      ->add_option("--phases", options->phases,
                   wrap_help("environment-step, act, vector-step (act, step and store), sample, "
                             "update (sampling included), iteration (whole training), separated "
                             "by commas [all]"))
      ->delimiter(',')
      ->option_text("LIST");
  add_number_option(*command, "repetitions", options->measure.repetitions, min_repetitions,
                    max_repetitions, wrap_help("timed repetitions of each phase [7; 5 to 1000]"));
  add_number_option(*command, "seconds", options->measure.seconds, min_seconds, max_seconds,
                    wrap_help("length of one repetition in seconds [0.3; 0.001 to 60]"));
  command->callback(
      [options, &selection] { selection.action = [options] { return run_bench(*options); }; });
}

}  // namespace polyak
