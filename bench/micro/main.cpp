// The micro-benchmarks: every kernel launcher by itself, against what the same device reaches in a
// large copy or a large matrix product.
#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "app/options/named_files.hpp"
#include "app/output/report.hpp"
#include "backend/cuda/device_info.hpp"
#include "io/atomic_file.hpp"
#include "io/json_text.hpp"
#include "micro/measure.hpp"
#include "micro/operation.hpp"
#include "polyak/core/error.hpp"

namespace polyak::bench {
namespace {

struct Options {
  MeasureOptions measure{7, 0.05};
  std::string filter, json_path;
  bool quick = false, latencies = false;
};

/// What the same device reaches, in bytes and in floating-point operations per second; nothing if
/// it was not measured.
struct Ceilings {
  std::optional<double> copy, product;

  std::optional<double> of(Bound bound) const {
    if (bound == Bound::memory) return copy;
    return bound == Bound::arithmetic ? product : std::nullopt;
  }
};

std::vector<OperationMaker> all_operations(Sizes sizes) {
  std::vector<OperationMaker> all;
  for (const auto& list : {linear_operations(sizes), training_operations(sizes),
                           environment_operations(sizes), latency_operations(sizes)}) {
    all.insert(all.end(), list.begin(), list.end());
  }
  return all;
}

std::string with_digits(double value, const char* format) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string rate_text(const OperationResult& result) {
  if (result.bound == Bound::latency) {
    return with_digits(1e9 / result.median_rate(), "%.4g") + " ns for one";
  }
  const double giga = result.median_rate() * 1e-9;
  const std::string unit = result.bound == Bound::memory       ? " GB/s"
                           : result.bound == Bound::arithmetic ? " GFLOP/s"
                                                               : " G" + result.thing + "/s";
  return with_digits(giga, "%.3g") + unit;
}

std::vector<std::string> row_of(const OperationResult& result, const Ceilings& ceilings) {
  const std::optional<double> ceiling = ceilings.of(result.bound);
  return {result.name,
          result.shape,
          with_digits(1e6 * result.median_seconds(), "%.2f"),
          with_digits(50.0 * result.launches.spread(), "%.0f%%"),
          rate_text(result),
          ceiling ? with_digits(100.0 * result.median_rate() / *ceiling, "%.0f%%") : "-"};
}

nlohmann::ordered_json to_json(const OperationResult& result, const Ceilings& ceilings) {
  const char* const unit = result.bound == Bound::memory       ? "bytes"
                           : result.bound == Bound::arithmetic ? "floating-point operations"
                                                               : result.thing.c_str();
  nlohmann::ordered_json json = {{"operation", result.name},
                                 {"shape", result.shape},
                                 {"unit", unit},
                                 {"amount_per_launch", result.amount},
                                 {"median_seconds", result.median_seconds()},
                                 {"median_rate", result.median_rate()},
                                 {"of_ceiling", nullptr},
                                 {"launches_per_second", result.launches.per_second}};
  if (result.bound == Bound::latency) json["seconds_for_one"] = 1.0 / result.median_rate();
  if (const auto ceiling = ceilings.of(result.bound)) {
    json["of_ceiling"] = result.median_rate() / *ceiling;
  }
  return json;
}

void write_report(const std::string& path, const std::vector<OperationResult>& results,
                  const Ceilings& ceilings) {
  nlohmann::ordered_json report = report_header("micro");
  report["operations"] = nlohmann::ordered_json::array();
  for (const OperationResult& result : results) {
    report["operations"].push_back(to_json(result, ceilings));
  }
  write_file_atomically(path, json_text(report));
}

Options parse_options(int argc, char** argv) {
  Options options;
  CLI::App app{"Times every kernel by itself on the GPU, next to what it could reach at most."};
  app.name("polyak_micro");
  app.add_option("--repetitions", options.measure.repetitions, "timed repetitions [7]")
      ->check(CLI::Range(1, 1000));
  app.add_option("--seconds", options.measure.seconds, "length of one repetition [0.05]")
      ->check(CLI::Range(1e-6, 60.0));
  app.add_option("--filter", options.filter, "only operations whose name contains this");
  app.add_flag("--latencies", options.latencies,
               "only how long one barrier, message, load or node of a graph takes");
  app.add_option("--json", options.json_path, "write all results to a file");
  app.add_flag("--quick", options.quick, "tiny sizes: shows that everything runs, not how fast");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      app.exit(error);
      std::exit(exit_success);
    }
    throw UsageError(error.what());
  }
  return options;
}

int run(const Options& options) {
  if (!options.json_path.empty()) {
    check_outputs(std::vector<NamedFile>{{"--json", options.json_path}}, {});
  }
  cuda::select_device();
  const Sizes sizes = options.quick ? Sizes::tiny : Sizes::full;
  std::vector<OperationResult> results;
  Ceilings ceilings;
  // After each, since one that hangs must not take the others along.
  const auto add = [&](const Operation& operation) {
    results.push_back(measure(operation, options.measure));
    if (!options.json_path.empty()) write_report(options.json_path, results, ceilings);
  };
  if (!options.latencies) {
    for (const OperationMaker& make : ceiling_operations(sizes)) add(make());
    ceilings = {results.at(0).median_rate(), results.at(1).median_rate()};
  }
  for (const OperationMaker& make :
       options.latencies ? latency_operations(sizes) : all_operations(sizes)) {
    const Operation operation = make();
    if (operation.name.find(options.filter) != std::string::npos) add(operation);
  }

  std::cout << cuda::device_name() << '\n';
  std::vector<std::vector<std::string>> rows = {
      {"operation", "shape", "us", "+-", "rate", "of the ceiling"}};
  for (const OperationResult& result : results) rows.push_back(row_of(result, ceilings));
  print_table(std::cout, rows);
  if (!options.json_path.empty()) std::cout << "wrote " << options.json_path << '\n';
  return exit_success;
}

}  // namespace
}  // namespace polyak::bench

int main(int argc, char** argv) {
  const auto fail = [](const std::exception& error, int code) {
    std::cerr << "polyak_micro: " << error.what() << '\n';
    return code;
  };
  try {
    return polyak::bench::run(polyak::bench::parse_options(argc, argv));
  } catch (const polyak::UsageError& error) {
    return fail(error, polyak::exit_usage_error);
  } catch (const std::exception& error) {
    return fail(error, polyak::exit_run_error);
  }
}
