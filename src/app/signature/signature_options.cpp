#include "app/signature/signature_options.hpp"

#include <CLI/CLI.hpp>

#include "app/options/config_options.hpp"
#include "app/options/device_choices.hpp"
#include "app/options/number_option.hpp"
#include "io/suggestion.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

void add_trace_options(CLI::App& command, SignatureOptions& options) {
  const std::string group = "Where two differ";
  CLI::Option* const trace =
      command
          .add_option("--trace", options.trace,
                      wrap_help("record every iteration of one training; or FILE: one that "
                                "--output wrote"))
          ->option_text("NAME|FILE")
          ->group(group);
  command
      .add_option("--against", options.against,
                  wrap_help("say after which iteration, in which phase, array and element the "
                            "trace first differs from this one: of the same training on a device "
                            "here (cpu, cpu:N with N threads, cuda, or layered or fused, the "
                            "GPU's engines), or in a file"))
      ->option_text("DEVICE|FILE")
      ->needs(trace)
      ->group(group);
  command
      .add_option("--output", options.output,
                  wrap_help("write the trace: its numbers in full, 100 KB to 4 MB"))
      ->option_text("FILE")
      ->needs(trace)
      ->group(group);
  for (const char* const name : {"--list", "--only", "--check", "--write"}) {
    trace->excludes(command.get_option(name));
  }
}

}  // namespace

SignatureOptions::SignatureOptions(CLI::App& subcommand)
    : command(subcommand), json(subcommand, "all digests, or the differences") {
  CLI::Option* const listing =
      add_switch(subcommand, "--list", list, "name the trainings and say what is in them")
          ->option_text(" ");
  CLI::Option* const selected =
      subcommand.add_option("--only", only, "these trainings, separated by commas [all]")
          ->delimiter(',')
          ->option_text("LIST");
  CLI::Option* const table =
      subcommand
          .add_option("--check", check,
                      wrap_help("compare with this table, of another version or machine "
                                "[the program's own]"))
          ->option_text("FILE");
  subcommand
      .add_option("--write", write, wrap_help("write the digests as a table, and compare nothing"))
      ->option_text("FILE")
      ->excludes(table)
      ->excludes(selected)
      ->excludes(listing);
  add_trace_options(subcommand, *this);
  const std::string execution = "Execution";
  subcommand
      .add_option("--device", device_, "auto (a GPU if there is one), cuda, cuda:N or cpu [auto]")
      ->option_text("NAME")
      ->group(execution);
  subcommand.add_option("--engine", engine_, "of the GPU: auto (by size), layered or fused [auto]")
      ->option_text("NAME")
      ->group(execution);
  add_number_option(subcommand, "threads", threads_, 0, max_threads,
                    "CPU threads; 0: all cores; a GPU needs none [0]")
      ->group(execution);
  for (const char* const name : {"--only", "--check", "--device", "--engine", "--threads"}) {
    listing->excludes(subcommand.get_option(name));
  }
}

Execution SignatureOptions::execution() const {
  return {parse_device(device_), parse_enum<Engine>(engine_), threads_};
}

const SignatureCase& named_training(const std::string& option, const std::string& name) {
  if (const SignatureCase* const training = find_signature_case(name)) return *training;
  std::vector<std::string> names;
  for (const SignatureCase& one : signature_cases()) names.push_back(one.name);
  throw UsageError(option + ": '" + name + "' is no training of the signature" +
                   did_you_mean(name, names) + " (polyak signature --list names them)");
}

}  // namespace polyak
