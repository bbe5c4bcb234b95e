// polyak_model: executes the fused engine's machine code for sm_90 without a GPU, and times it.
#include <CLI/CLI.hpp>
#include <exception>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "model/clocks.hpp"
#include "model/listing.hpp"
#include "model/machine.hpp"
#include "model/report.hpp"
#include "model/simulated_training.hpp"
#include "model/simulated_update.hpp"

namespace polyak::model {
namespace {

struct Options {
  std::string listing;
  TrainingShape shape;
  std::string precision = "fp32";
  bool general = false, clustered = false;
  std::vector<std::string> clocks;
  bool phases = false;
  double least = 0.01, gigahertz = 1.98, tolerance = 2e-5;
};

void add_options(CLI::App& app, Options& options) {
  app.add_option("listing", options.listing, "of the kernels: nvdisasm -gi -hex -c FILE.cubin")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("--hidden", options.shape.hidden, "units of each hidden layer of both networks")
      ->capture_default_str();
  app.add_option("--batch", options.shape.batch, "rows of a batch")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--blocks", options.shape.blocks, "blocks of the agent's cluster")
      ->capture_default_str()
      ->check(CLI::IsMember({1, 2, 4, 8, 16}));
  app.add_option("--updates", options.shape.updates, "updates to make; the last one is reported")
      ->capture_default_str()
      ->check(CLI::Range(2, 100));
  app.add_option("--precision", options.precision, "of the products, and so which kernel")
      ->capture_default_str()
      ->check(CLI::IsMember({"fp32", "tf32", "tf32x3", "bf16"}));
  app.add_flag("--general", options.general, "the general kernel, whatever the shape");
  auto* const clustered =
      app.add_flag("--clustered", options.clustered,
                   "instead of a training, one update of kernels/clustered_update.cu: 256-256, "
                   "--batch up to 256; compared with the CPU's bits");
  for (const char* const other :
       {"--hidden", "--blocks", "--updates", "--precision", "--general"}) {
    clustered->excludes(app.get_option(other));
  }
  app.add_option("--clock", options.clocks,
                 "NAME=VALUE: how long something takes, of " + describe(Clocks{}));
  app.add_flag("--phases", options.phases, "the first block's time from barrier to barrier");
  app.add_option("--least", options.least, "the least share of the time that is reported")
      ->capture_default_str();
  app.add_option("--gigahertz", options.gigahertz, "of a multiprocessor")->capture_default_str();
  app.add_option("--tolerance", options.tolerance,
                 "the largest difference to the oracle in a parameter")
      ->capture_default_str();
}

Precision precision_named(const std::string& name) {
  if (name == "tf32") return Precision::tf32;
  if (name == "tf32x3") return Precision::tf32x3;
  return name == "bf16" ? Precision::bf16 : Precision::fp32;
}

/// The kernel of the shape, or the general one.
Program read_kernel(const Options& options, const SimulatedTraining& training) {
  const auto read = [&](const std::vector<std::string>& parts) {
    std::ifstream listing(options.listing);
    return read_listing(listing, parts);
  };
  if (options.general) return read(training.general_kernel());
  try {
    return read(training.own_kernel());
  } catch (const NoKernel&) {
    return read(training.general_kernel());
  }
}

bool print_agreement(const SimulatedTraining::Differences& differences, double tolerance) {
  std::cout << "matches the oracle to " << differences.parameters << " (targets "
            << differences.targets << "; relative: moments " << differences.first_moments << " and "
            << differences.second_moments << ", losses " << differences.losses << ")\n";
  return differences.parameters <= tolerance && differences.targets <= tolerance;
}

Clocks clocks_of(const Options& options) {
  Clocks clocks;
  for (const std::string& assignment : options.clocks) set_clock(clocks, assignment);
  return clocks;
}

void print_costs(const Options& options, const Program& program, const Profile& profile,
                 const Period& period, int multiprocessors) {
  const double clocks = period.end - period.begin;
  std::cout << "one update: " << clocks << " clocks, " << clocks / options.gigahertz * 1e-3
            << " us at " << options.gigahertz << " GHz\n";
  print_instructions(std::cout, program, period, multiprocessors);
  print_stages(std::cout, profile, period, options.least);
  if (options.phases) print_phases(std::cout, profile.stages(), period);
}

int run_clustered(const Options& options) {
  SimulatedUpdate update(options.shape.batch);
  std::ifstream listing(options.listing);
  const Program program = read_listing(listing, update.kernel());
  const Launch launch = update.launch();
  Memory memory(launch.clusters * launch.blocks, launch.shared_bytes);
  update.announce_to(memory);
  Machine machine(program, launch, memory, clocks_of(options));
  const double clocks = machine.run();
  std::cout << "kernel " << program.name << "\n"
            << launch.clusters << " clusters of " << launch.blocks << " blocks of "
            << launch.threads << " threads\n";
  print_costs(options, program, machine.profile(), machine.profile().until(clocks),
              launch.clusters * launch.blocks);
  const std::int64_t different = update.different_floats();
  if (different > 0) {
    throw RunError(std::to_string(different) + " floats have other bits than the CPU's");
  }
  std::cout << "has the CPU's bits\n";
  return exit_success;
}

int run(const Options& options) {
  if (options.clustered) return run_clustered(options);
  SimulatedTraining training(options.shape);
  const Program program = read_kernel(options, training);
  const Launch launch = training.launch();
  Memory memory(launch.blocks, launch.shared_bytes + 1024);
  training.announce_to(memory);
  Machine machine(program, launch, memory, clocks_of(options));
  const double all_clocks = machine.run();
  const auto period = machine.profile().last_period(options.shape.updates);
  std::cout << "kernel " << program.name << "\n"
            << launch.blocks << " blocks of " << launch.threads << " threads, "
            << options.shape.updates << " updates in " << all_clocks << " clocks\n";
  print_costs(options, program, machine.profile(), period, launch.blocks);
  if (!print_agreement(training.differences_to_oracle(), options.tolerance)) {
    throw RunError("parameters differ from the oracle's by more than the tolerance");
  }
  return exit_success;
}

}  // namespace
}  // namespace polyak::model

int main(int count, char** arguments) {
  const auto fail = [](const std::exception& error, int code) {
    std::cerr << "polyak_model: " << error.what() << "\n";
    return code;
  };
  CLI::App app(
      "Executes the fused engine's machine code for sm_90, compares the parameters after some "
      "updates with the double-precision oracle, and says how many clocks an update takes in the "
      "model of bench/model/README.md.",
      "polyak_model");
  polyak::model::Options options;
  add_options(app, options);
  try {
    app.parse(count, arguments);
    options.shape.precision = polyak::model::precision_named(options.precision);
    return polyak::model::run(options);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help
    return fail(error, polyak::exit_usage_error);
  } catch (const polyak::UsageError& error) {
    return fail(error, polyak::exit_usage_error);
  } catch (const std::exception& error) {
    return fail(error, polyak::exit_run_error);
  }
}
