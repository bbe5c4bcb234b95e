#include "app/signature/signature_command.hpp"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "app/options/named_files.hpp"
#include "app/output/format.hpp"
#include "app/output/message.hpp"
#include "app/output/report.hpp"
#include "app/signature/digest_report.hpp"
#include "app/signature/signature_options.hpp"
#include "app/signature/trace_report.hpp"
#include "io/atomic_file.hpp"
#include "io/read_file.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

constexpr std::uint64_t largest_table_file = std::uint64_t{1} << 20;

std::vector<SignatureCase> chosen_trainings(const SignatureOptions& options) {
  if (options.only.empty()) return signature_cases();
  std::vector<SignatureCase> trainings;
  for (const std::string& name : options.only) {
    trainings.push_back(named_training("--only", name));
    for (std::size_t i = 0; i + 1 < trainings.size(); ++i) {
      if (trainings[i].name == name) throw UsageError("--only: '" + name + "' is there twice");
    }
  }
  return trainings;
}

/// What the digests are compared with; nothing with --write.
std::optional<DigestTable> expected_table(const SignatureOptions& options) {
  if (!options.write.empty()) return {};
  if (options.check.empty()) return expected_digests();
  DigestTable table =
      parse_digest_table(read_whole_file(options.check, largest_table_file), options.check);
  if (table.empty()) throw UsageError("--check " + options.check + ": has no digest");
  return table;
}

int sign_all(const SignatureOptions& options) {
  const std::vector<SignatureCase> trainings = chosen_trainings(options);
  const std::optional<DigestTable> table = expected_table(options);
  std::ostream& text = options.json.text();
  DigestReport report(table ? &*table : nullptr);
  for (const SignatureCase& training : trainings) {
    report.add(sign(training, options.execution()), text);
  }
  report.finish(text);
  if (!options.write.empty()) {
    write_file_atomically(options.write, digest_table_text(report.signatures()));
    text << "wrote " << printable(options.write) << '\n';
  }
  nlohmann::ordered_json json = report_header("signature");
  json.update(report.json());
  options.json.write(json);
  return report.is_as_expected() || !table ? exit_success : exit_run_error;
}

/// The trace that --trace names.
Trace traced(const SignatureOptions& options) {
  if (find_signature_case(options.trace) == nullptr &&
      options.trace.find_first_of("./") != std::string::npos) {
    if (!options.output.empty()) {
      throw UsageError("--output: is for a training; " + options.trace + " is a file already");
    }
    if (options.against.empty()) {
      throw UsageError("--trace: says nothing of a file alone; --against says with what");
    }
    return read_trace(options.trace);
  }
  const SignatureCase& training = named_training("--trace", options.trace);
  if (options.output.empty() && options.against.empty()) {
    throw UsageError("--trace: needs --output FILE, which is written, or --against DEVICE or FILE");
  }
  return record_trace(training, options.execution());
}

int trace_training(const SignatureOptions& options) {
  const auto device = execution_of_word("--against", options.against);
  std::optional<Trace> right;
  if (!device && !options.against.empty()) right = read_trace(options.against);
  const Trace left = traced(options);
  if (device) right = record_trace(named_training("--trace", left.training), *device);
  std::ostream& text = options.json.text();
  if (!options.output.empty()) {
    const std::string bytes = serialise_trace(left);
    write_file_atomically(options.output, bytes);
    text << "wrote " << printable(options.output) << ", "
         << format_bytes(static_cast<std::int64_t>(bytes.size())) << '\n';
  }
  nlohmann::ordered_json json = report_header("signature trace");
  json["training"] = left.training;
  json["iterations"] = left.steps.size() - 1;
  const std::optional<TraceDifference> difference =
      right ? first_difference(left, *right) : std::nullopt;
  if (right) {
    print_difference(text, left, *right, difference);
    json.update(difference_json(left, *right, difference));
  }
  options.json.write(json);
  return difference ? exit_run_error : exit_success;
}

/// --against may be a device, and --trace a training.
void check_signature_files(const SignatureOptions& options) {
  std::vector<NamedFile> inputs = given_files(options.command, {"--check", "--against", "--trace"});
  std::vector<NamedFile> outputs = given_files(options.command, {"--write", "--output"});
  for (const NamedFile& file : options.json.files()) outputs.push_back(file);
  check_outputs(outputs, inputs);
}

int run_signature(const SignatureOptions& options) {
  check_signature_files(options);
  if (!options.trace.empty()) return trace_training(options);
  if (!options.list) return sign_all(options);
  if (!options.json.takes_output()) print_training_list(std::cout);
  nlohmann::ordered_json json = report_header("signature list");
  json["trainings"] = training_list_json();
  options.json.write(json);
  return exit_success;
}

}  // namespace

void add_signature_command(CLI::App& app, CommandSelection& selection) {
  CLI::App* const command = app.add_subcommand(
      "signature", "whether this machine computes, bit by bit, what it must; and where not");
  command->footer(
      "Examples:\n"
      "  polyak signature                                     on the GPU, or else the CPU\n"
      "  polyak signature --device cuda --engine fused        what this engine has\n"
      "  polyak signature --device cuda --trace lstm --against cpu\n"
      "  polyak signature --trace lstm --output here.trace    then, on another machine:\n"
      "  polyak signature --trace lstm --against here.trace\n"
      "Short trainings, in fp32 with Polyak's own matrix products; of each the digest of all that\n"
      "it leaves behind. Exit code 1: a digest, or a trace, is not what it should be.");
  const auto options = std::make_shared<SignatureOptions>(*command);
  command->callback(
      [options, &selection] { selection.action = [options] { return run_signature(*options); }; });
}

}  // namespace polyak
